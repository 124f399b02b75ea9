/**
 * Messages without what differs in one and the same failure.
 *
 * @module
 */

/** The text with `#` in place of ids, counts, and times: words from the part, between dots, in which a digit stands. Linear in the text. */
export function withoutNumbers(text: string): string {
  return text.replace(/[\w-][\w.-]*/g, (words) => {
    const digit = words.search(/\d/);
    return digit < 0 ? words : `${words.slice(0, words.lastIndexOf(".", digit) + 1)}#`;
  });
}
