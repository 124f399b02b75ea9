/**
 * Answers that have to be one of a few labels: their scores, and their grammar.
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

/** The grammar of these answers, in the form of llama.cpp. */
export function labelGrammar(labels: readonly string[]): string {
  return `root ::= ${labels.map((label) => JSON.stringify(label)).join(" | ")}`;
}

function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/^["'`*(]+|["'`*).!]+$/g, "");
}
