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

/** Knows no prices. */
export const unknownCost: CallCost = () => null;
