/**
 * What calls of language models cost: prices that the user gives, else those of a table that comes as a package.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { PriceTable } from "./price-table.ts";
import type { TokenCounts } from "./usage.ts";

/** Dollars per million tokens; 0 for a model that costs nothing. */
export interface ModelPrice {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** Prices by `"provider/model"`. They win over those of the table. */
export type Prices = Readonly<Record<string, ModelPrice>>;

/** Dollars are counted in whole billionths: sums are exact, whatever their order. */
export const nanosPerDollar = 1e9;

/**
 * Tells what calls cost. The table is loaded when a price is first asked for that the user has not given.
 *
 * Works offline: a price is as fresh as the installed `@pydantic/genai-prices`.
 */
export class PriceList {
  readonly #given: Prices;
  readonly #table: PriceTable;

  /**
   * @param at milliseconds since 1970: of prices that change, those of this moment hold
   * @throws InvalidArgumentError for a price that is none
   */
  constructor(given: Prices, at: number) {
    checkPrices(given);
    this.#given = given;
    this.#table = new PriceTable(at);
  }

  /** Whether the model has a price. */
  knows(model: string): boolean {
    return this.nanos(model, { inputTokens: 0, outputTokens: 0 }) !== null;
  }

  /** Billionths of a dollar, rounded; `null` when the price is not known, or the number of tokens that it is paid by. */
  nanos(model: string, { inputTokens, outputTokens }: TokenCounts): number | null {
    const price = Object.hasOwn(this.#given, model) ? this.#given[model] : this.#table.price(model, inputTokens ?? 0);
    if (price === undefined) return null;
    const input = part(inputTokens, price.inputPerMillion);
    const output = part(outputTokens, price.outputPerMillion);
    return input === null || output === null ? null : Math.round(input + output);
  }
}

/**
 * Refuses prices that are none.
 *
 * @throws InvalidArgumentError naming the model
 */
export function checkPrices(prices: Prices): void {
  if (typeof prices !== "object" || prices === null || Array.isArray(prices)) {
    throw new InvalidArgumentError(`Expected \`prices\` to be an object by "provider/model", got ${describeValue(prices)}`);
  }
  for (const [model, price] of Object.entries(prices)) {
    if (!/^[^/]+\/./.test(model)) {
      throw new InvalidArgumentError(`Expected \`prices\` to name models as "provider/model", got ${describeValue(model)}`);
    }
    checkOptions(price, priceNames, `the price of ${model}`);
    for (const name of priceNames) {
      const value: unknown = price[name];
      if (typeof value === "number" && Number.isFinite(value) && value >= 0) continue;
      throw new InvalidArgumentError(
        `Expected \`${name}\` of ${model} to be dollars per million tokens, 0 or more, got ${describeValue(value)}`,
      );
    }
  }
}

/** How to give the price of a model, for messages. */
export function priceExample(model: string): string {
  return `prices: { ${JSON.stringify(model)}: { inputPerMillion: 0.25, outputPerMillion: 2 } }, in dollars per million tokens`;
}

const priceNames = ["inputPerMillion", "outputPerMillion"] as const;

/** What costs nothing costs nothing also when nobody says how much it was. */
function part(tokens: number | null, perMillion: number): number | null {
  if (perMillion === 0) return 0;
  return tokens === null ? null : tokens * perMillion * (nanosPerDollar / 1e6);
}
