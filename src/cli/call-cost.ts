/**
 * What a call of a language model costs.
 *
 * @module
 */

/** Dollars for the tokens of one answer; `null` when the price of the model is not known. */
export type CallCost = (model: string, tokens: CallTokens) => number | null;

/** Tokens of one answer; `null` when the provider does not say. */
export interface CallTokens {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/** Tells what calls cost by the user's prices and those of the installed table. This build has no table yet: nothing is known. */
export function callCost(_prices: unknown): CallCost {
  return () => null;
}
