/**
 * `editSimilarity`: a guide that scores how few characters of the answer have to change.
 *
 * @module
 */
import type { Feedback } from "../data/feedback.ts";
import { checkOptions } from "../data/options.ts";
import { FunctionGuide, type Guide } from "./guide.ts";
import { answerText, comparable, referenceText, shown, type TextOptions } from "./reference.ts";

/** How `editSimilarity` compares. */
export interface EditSimilarityOptions extends TextOptions {
  /** White space around a text does not count. @default true */
  readonly trim?: boolean | undefined;
}

/**
 * A guide that scores 1 minus the edit distance (Levenshtein) between answer and reference, as a share of the longer of the two: 1 for
 * equal texts, 0 for texts that have nothing in common.
 *
 * @example
 * const guide = editSimilarity({ ignoreCase: true });
 */
export function editSimilarity(options: EditSimilarityOptions = {}): Guide<unknown, unknown, unknown> {
  checkOptions(options, ["ignoreCase", "trim", "field"], "editSimilarity");
  const { ignoreCase = false, trim = true, field } = options;
  const charactersOf = (text: string): readonly string[] => [...comparable(trim ? text.trim() : text, ignoreCase)];
  const judge = (_question: unknown, answer: unknown, info: unknown): Feedback => {
    const expected = referenceText(info, field);
    const text = answerText(answer);
    const [wanted, got] = [charactersOf(expected), charactersOf(text)];
    const longest = Math.max(wanted.length, got.length);
    const distance = editDistance(wanted, got);
    if (distance === 0) return { score: 1, feedback: "Correct." };
    const first = wanted.findIndex((character, index) => character !== got[index]);
    const place = first < 0 ? wanted.length : first;
    return {
      score: 1 - distance / longest,
      feedback: `Expected ${shown(expected)}, got ${shown(text)}: ${distance} of ${longest} characters have to change, the first at position ${place + 1}.`,
    };
  };
  const meaning = "1 minus the share of its characters in which the answer differs from the reference";
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const, meaning }), { ignoreCase, trim, field });
}

/** How many characters have to be inserted, removed, or replaced. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  // What both begin and end with costs nothing, and is most of long texts.
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let [aEnd, bEnd] = [a.length, b.length];
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) [aEnd, bEnd] = [aEnd - 1, bEnd - 1];
  const columns = bEnd - start;
  const row = Uint32Array.from({ length: columns + 1 }, (_, index) => index);
  for (let i = start; i < aEnd; i += 1) {
    let diagonal = row[0] as number;
    row[0] = i - start + 1;
    for (let j = 1; j <= columns; j += 1) {
      const above = row[j] as number;
      const replaced = diagonal + (a[i] === b[start + j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, above + 1, (row[j - 1] as number) + 1);
      diagonal = above;
    }
  }
  return row[columns] as number;
}
