/**
 * Shares room fairly among texts: short ones are shown whole, long ones all up to the same length.
 *
 * @module
 */

/** A text that may be cut. */
export interface SharedText {
  /** Characters. */
  readonly length: number;
  /** Tokens of all of it. */
  readonly tokens: number;
  /** How many times the common length it may have. */
  readonly weight: number;
}

/**
 * The largest length, in characters, at which the texts together take at most `maxTokens` when each is cut to its weight times
 * that length. What short texts do not need goes to the long ones.
 *
 * @returns a whole number from `least` to `most`; `least` also when even that is too long
 */
export function fairLength(texts: readonly SharedText[], maxTokens: number, least: number, most: number): number {
  let low = least;
  let high = Math.max(least, most);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (tokensAt(texts, middle) <= maxTokens) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Tokens that the texts take at that common length. */
export function tokensAt(texts: readonly SharedText[], length: number): number {
  return texts.reduce((sum, text) => sum + tokensOf(text, text.weight * length), 0);
}

/** Tokens of a text that is cut to so many characters. */
export function tokensOf({ length, tokens }: Omit<SharedText, "weight">, maxLength: number): number {
  return length <= maxLength ? tokens : Math.ceil((tokens * maxLength) / length) + tokensOfCut;
}

/** What stands in place of the middle. */
const tokensOfCut = 8;
