/**
 * The texts that a reply may replace or quote. What they have, the reply may well have, too: a tab before a word, a control
 * character, a whole text as it was shown.
 *
 * @module
 */

/** Strings in the current values, asked what they have. */
export class CurrentTexts {
  readonly #texts: readonly string[];
  #written: ReadonlyMap<string, string> | undefined;
  #words: ReadonlySet<string> | undefined;
  #controls: ReadonlySet<string> | undefined;

  constructor(texts: Iterable<string>) {
    this.#texts = [...texts];
  }

  /** The text that JSON writes as `raw` between quotation marks, if it is one of these. */
  writtenAs(raw: string): string | undefined {
    this.#written ??= new Map(this.#texts.map((text) => [JSON.stringify(text).slice(1, -1), text]));
    return this.#written.get(raw);
  }

  /** Whether one of the texts has `character`, one of {@link controlCharacters}. */
  hasControl(character: string): boolean {
    this.#controls ??= new Set(this.#texts.flatMap(controlCharacters));
    return this.#controls.has(character);
  }

  /** Whether one of the texts has `word`: a tab, an end of a line, or a backslash, and all letters that follow it, at least one. */
  has(word: string): boolean {
    this.#words ??= new Set(this.#texts.flatMap((text) => text.match(wordBehind) ?? []));
    return this.#words.has(word);
  }
}

/** What replaces nothing. */
export const noTexts: CurrentTexts = new CurrentTexts([]);

/** Control characters but tabs and line breaks. */
export function controlCharacters(text: string): string[] {
  return [...new Set(text.match(control))];
}

/** The letters from `start` on, as far as a word or a command goes. */
export function lettersAt(text: string, start: number): string {
  return /^[A-Za-z]+/.exec(text.slice(start, start + longestWord))?.[0] ?? "";
}

const longestWord = 40;
const wordBehind = new RegExp(`[\n\r\t\\\\][A-Za-z]{1,${longestWord}}`, "g");
const control = /(?![\t\n\r])\p{Cc}(?<![\u0080-\u009f])|\r(?!\n)/gu;
