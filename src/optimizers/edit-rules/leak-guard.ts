/**
 * The leak guard: refuses values that quote the answers of the data they are trained on.
 *
 * @module
 */
import { wholeFrom } from "../../data/option-table.ts";
import { checkTable } from "../../data/options.ts";
import { InvalidArgumentError } from "../../errors.ts";
import { textsIn } from "../reply/edits.ts";

/** Options of `leakGuard`. */
export interface LeakGuardOptions {
  /**
   * How many words in a row make a quotation, at least 2. Answers with fewer words are not guarded. In scripts without blanks
   * between words (Chinese, Japanese, Thai) every character counts as a word.
   *
   * @default 6
   */
  readonly words?: number | undefined;
}

/** Finds quotations of guarded texts. */
export interface LeakGuard {
  /** How many words in a row make a quotation. */
  readonly words: number;
  /** Says what `proposed` quotes that `current` did not, or `undefined` when it quotes nothing. */
  problem(proposed: string, current: string): string | undefined;
}

/**
 * Guards the answers of a dataset: a value that repeats several consecutive words of an answer is rejected, so that a prompt learns how to
 * answer and not the answers themselves. Case, whitespace and punctuation are ignored; words that the current value already contains may stay.
 *
 * @param answers texts, or data with texts anywhere inside, such as the `info`s of a dataset; or a dataset itself, of whose examples only the
 *   `info` is guarded
 * @throws InvalidArgumentError for an unknown option, an invalid number of words, or answers without any text
 * @example
 * const optimizer = new OptoPrime(agent, { leakGuard: leakGuard(trainDataset) });
 */
export function leakGuard(answers: Iterable<unknown>, options: LeakGuardOptions = {}): LeakGuard {
  checkTable(options, { words: wholeFrom(2) }, "leakGuard");
  const { words = 6 } = options;
  const guarded = new Set<string>();
  let hasText = false;
  for (const answer of answers) {
    for (const text of textsIn(isExample(answer) ? answer.info : answer)) {
      hasText = true;
      for (const { phrase } of phrases(text, words)) guarded.add(phrase);
    }
  }
  if (!hasText) throw new InvalidArgumentError("Expected leakGuard to receive answers with at least one text, got none");
  return {
    words,
    problem(proposed, current) {
      let known: Set<string> | undefined;
      for (const { phrase, start, end } of phrases(proposed, words)) {
        if (!guarded.has(phrase)) continue;
        known ??= new Set(Array.from(phrases(current, words), (old) => old.phrase));
        if (known.has(phrase)) continue;
        const quoted = JSON.stringify(proposed.slice(start, end));
        return `expected no answer quoted from the training data, got ${quoted}; write what also holds for unseen inputs`;
      }
      return undefined;
    },
  };
}

/** An example of a dataset, whose input a prompt may mention. */
function isExample(value: unknown): value is { readonly info: unknown } {
  return typeof value === "object" && value !== null && "input" in value && "info" in value;
}

interface Phrase {
  /** The words in lower case, one blank between them. */
  readonly phrase: string;
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
}

/** Every run of `length` words. */
function* phrases(text: string, length: number): Generator<Phrase> {
  const window: WordAt[] = [];
  for (const word of wordsIn(text)) {
    window.push(word);
    if (window.length > length) window.shift();
    if (window.length < length) continue;
    const phrase = window.map((entry) => entry.word).join(" ");
    yield { phrase, start: window[0]?.start as number, end: word.end };
  }
}

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
function* wordsIn(text: string): Generator<WordAt> {
  for (const { 0: written, index } of text.matchAll(wordPattern)) {
    yield { word: written.normalize("NFKC").toLowerCase(), start: index, end: index + written.length };
  }
}

/** The whole text in pieces: words, runs of blanks, and every other character by itself. */
export function tokensOf(text: string): string[] {
  return text.match(tokenPattern) ?? [];
}
