/**
 * The words of a text, in any script.
 *
 * @module
 */

/** Scripts that write no blanks between words: there every character is taken for one. */
const unspaced =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const word = `[${unspaced}]\\p{M}*|(?:(?![${unspaced}])[\\p{L}\\p{M}\\p{N}_])+`;
const wordPattern = new RegExp(word, "gu");
const tokenPattern = new RegExp(`${word}|\\s+|[^]`, "gu");

/** A word and where it stands. */
export interface WordAt {
  /** In lower case, and one form of each character. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** All words, without blanks and punctuation. */
export function* wordsIn(text: string): Generator<WordAt> {
  for (const { 0: written, index } of text.matchAll(wordPattern)) {
    yield { word: written.normalize("NFKC").toLowerCase(), start: index, end: index + written.length };
  }
}

/** The whole text in pieces: words, runs of blanks, and every other character by itself. */
export function tokensOf(text: string): string[] {
  return text.match(tokenPattern) ?? [];
}
