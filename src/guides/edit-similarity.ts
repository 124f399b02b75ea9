/**
 * `editSimilarity`: a guide that scores how few characters of the answer have to change.
 *
 * @module
 */
import { editDistance } from "../data/edit-distance.ts";
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
