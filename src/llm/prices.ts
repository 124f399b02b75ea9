/**
 * What calls of language models cost: prices from the user, else those of a table that comes as a package.
 *
 * @module
 */
import { environmentVariable } from "../data/environment.ts";
import { checkPrices, type Prices } from "./model-price.ts";
import { PriceTable } from "./price-table.ts";
import { shownUrl } from "./shown-url.ts";
import type { TokenCounts } from "./token-counts.ts";

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
   * @throws InvalidArgumentError for an invalid price
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
  nanos(model: string, { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0 }: TokenCounts): number | null {
    const price = Object.hasOwn(this.#given, model) ? this.#given[model] : this.#table.price(model, inputTokens ?? 0);
    if (price === undefined) return null;
    const { inputPerMillion, cachedInputPerMillion = inputPerMillion, cacheWritePerMillion = inputPerMillion } = price;
    const input = part(inputTokens, inputPerMillion);
    const output = part(outputTokens, price.outputPerMillion);
    if (input === null || output === null) return null;
    // What caches cost more or less than the rest of the input.
    const cached = cachedInputTokens * (cachedInputPerMillion - inputPerMillion);
    const written = cacheWriteTokens * (cacheWritePerMillion - inputPerMillion);
    return Math.round(input + output + (cached + written) * nanosPerMicro);
  }
}

/** Why the price of a model is not known, and how to give it. No number is suggested: that of another model would be taken for its own. */
export function unknownPrice(model: string): string {
  const server = model.startsWith("openai/") ? environmentVariable("OPENAI_BASE_URL") : undefined;
  const reason =
    server === undefined
      ? "it is in no price table"
      : `OPENAI_BASE_URL names another server (${shownUrl(server)}), and no price table covers it`;
  const fields = "{ inputPerMillion: …, outputPerMillion: … }";
  return `${reason}. Give calls: { prices: { ${JSON.stringify(model)}: ${fields} } }, in dollars per million tokens; 0 for a model that costs nothing`;
}

/** Billionths of a dollar in what a token costs at a dollar per million. */
const nanosPerMicro = nanosPerDollar / 1e6;

/** What costs nothing costs nothing also when nobody says how much it was. */
function part(tokens: number | null, perMillion: number): number | null {
  if (perMillion === 0) return 0;
  return tokens === null ? null : tokens * perMillion * nanosPerMicro;
}
