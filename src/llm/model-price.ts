/**
 * What a user says that models cost.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { numberWithin, type OptionTable } from "../data/option-table.ts";
import { checkTable, checkValue } from "../data/options.ts";
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
    const owner = `the price of ${model}`;
    checkTable(price, priceTable, owner);
    for (const name of ["inputPerMillion", "outputPerMillion"] as const)
      checkValue(price[name], dollars, `\`${name}\` of ${owner}`);
  }
}

const dollars = { ...numberWithin({ least: 0 }), expected: "dollars per million tokens, 0 or more" };
const priceTable: OptionTable<ModelPrice> = {
  inputPerMillion: dollars,
  outputPerMillion: dollars,
  cachedInputPerMillion: dollars,
  cacheWritePerMillion: dollars,
};
