/**
 * What a user says that models cost.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";

/** Dollars per million tokens; 0 for a model that costs nothing. */
export interface ModelPrice {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  /** Of tokens read from a cache. @default that of the input */
  readonly cachedInputPerMillion?: number | undefined;
  /** Of tokens written to a cache. @default that of the input */
  readonly cacheWritePerMillion?: number | undefined;
}

/** Prices by `"provider/model"`. They win over those of the table. */
export type Prices = Readonly<Record<string, ModelPrice>>;

/**
 * Rejects invalid prices.
 *
 * @throws InvalidArgumentError naming the model
 */
export function checkPrices(prices: Prices): void {
  if (typeof prices !== "object" || prices === null || Array.isArray(prices)) {
    throw new InvalidArgumentError(`Expected \`prices\` to be an object keyed by "provider/model", got ${describeValue(prices)}`);
  }
  for (const [model, price] of Object.entries(prices)) {
    if (!/^[^/]+\/./.test(model)) {
      throw new InvalidArgumentError(`Expected \`prices\` to name models as "provider/model", got ${describeValue(model)}`);
    }
    checkOptions(price, priceNames, `the price of ${model}`);
    for (const name of priceNames) {
      const value: unknown = price[name];
      if (value === undefined && cacheNames.has(name)) continue;
      if (typeof value === "number" && Number.isFinite(value) && value >= 0) continue;
      throw new InvalidArgumentError(
        `Expected \`${name}\` of ${model} to be dollars per million tokens, 0 or more, got ${describeValue(value)}`,
      );
    }
  }
}

const priceNames = ["inputPerMillion", "outputPerMillion", "cachedInputPerMillion", "cacheWritePerMillion"] as const;
const cacheNames: ReadonlySet<string> = new Set(["cachedInputPerMillion", "cacheWritePerMillion"]);
