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
  #places: ReadonlySet<string> | undefined;
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

  /** Whether one of the texts has `word`: a blank, another control character, or a backslash, and all letters that follow it. */
  has(word: string): boolean {
    this.#words ??= new Set(this.#texts.flatMap((text) => text.match(wordBehind) ?? []));
    return this.#words.has(word);
  }

  /** The same between these characters; the beginning and the end of a text are none. */
  hasBetween(before: string, word: string, after: string): boolean {
    this.#places ??= new Set(this.#texts.flatMap(wordsWithNeighbours));
    return this.#places.has(before + word + after);
  }
}

function wordsWithNeighbours(text: string): string[] {
  return Array.from(text.matchAll(wordBehind), ({ 0: word, index }) =>
    text.slice(Math.max(0, index - 1), index + word.length + 1),
  );
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
const wordBehind = new RegExp(`[\n\r\t\f\\x08\\\\][A-Za-z]{0,${longestWord}}`, "g");
const control = /(?![\t\n\r])\p{Cc}(?<![\u0080-\u009f])|\r(?!\n)/gu;
