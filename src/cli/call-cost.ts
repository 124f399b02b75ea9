/**
 * What a call of a language model costs.
 *
 * @module
 */
import { systemClock } from "../data/clock.ts";
import type { Prices } from "../llm/model-price.ts";
import { nanosPerDollar, PriceList } from "../llm/prices.ts";
import type { TokenCounts } from "../llm/token-counts.ts";

/** Dollars for the tokens of one answer; `null` when the price of the model is not known. */
export type CallCost = (model: string, tokens: TokenCounts) => number | null;

/** Tells what calls cost by the user's prices and those of the installed table. */
export function callCost(prices: unknown): CallCost {
  const list = new PriceList((prices ?? {}) as Prices, systemClock.now());
  return (model, tokens) => {
    const nanos = list.nanos(model, tokens);
    return nanos === null ? null : nanos / nanosPerDollar;
  };
}
