/**
 * A bound on the tokens of a text from above, without the tokenizer of any model.
 *
 * @module
 */

/** At least as many tokens as the text has. */
export function mostTokens(text: string): number {
  return Buffer.byteLength(text, "utf8");
}
