/**
 * Scores of answers that have to be one of a few labels.
 *
 * @module
 */
import type { Feedback } from "opto";
import { withUnitScores } from "./task.ts";

/** 1 for the right label, whatever its case and the punctuation around it, else 0. */
export const labelGuide = withUnitScores((_input: string, answer: string, label: string): Feedback => {
  if (plain(answer) === plain(label)) return { score: 1, feedback: "Right." };
  return { score: 0, feedback: `The answer must be exactly "${label}", and nothing else.` };
});

function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/^["'`*(]+|["'`*).!]+$/g, "");
}
