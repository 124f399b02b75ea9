/**
 * One of several answers to the same problem.
 *
 * @module
 */
import type { Candidate } from "../../graph/with-values.ts";
import type { Question } from "../language-model-optimizer.ts";
import type { Suggestion } from "../optimizer.ts";
import { variableText } from "../problem/describe-variable.ts";
import type { AnswerText } from "./techniques.ts";

/** An answer that was read. */
export interface Response {
  /** What was asked; the conversation may go on. */
  readonly question: Question;
  readonly suggestion: Suggestion;
  /** The values that may be tried. */
  readonly candidate: Candidate;
  /** How much of it could not be used. */
  readonly numProblems: number;
}

/** The values of a response as they are written in answers. */
export function responseText({ candidate }: Response): AnswerText {
  const values = Object.entries(candidate).map(([name, value]) => ({ name, text: variableText(value) }));
  return {
    texts: values.flatMap(({ name, text }) => [name, text]),
    write: (fence) =>
      values.length === 0
        ? "Nothing is changed."
        : values.map(({ name, text }) => fence.block("variable", text, { name })).join("\n"),
  };
}
