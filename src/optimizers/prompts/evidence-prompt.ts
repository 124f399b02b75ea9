/**
 * The words that tell of failures besides those in the feedback, and of outputs that vary.
 *
 * @module
 */
import type { Fence } from "../reply/fence.ts";

/** What else was measured of the current values, as text. */
export interface EvidenceText {
  readonly failures: readonly {
    readonly input: string;
    readonly expected: string | undefined;
    /** `"failed"` for a failure; `undefined` where something else than the score counts. */
    readonly score: string | undefined;
  }[];
  readonly unstable: readonly {
    readonly input: string;
    readonly better: { readonly answer: string; readonly score: string };
    readonly worse: { readonly answer: string; readonly score: string };
  }[];
}

/** The parts of a prompt by title; empty texts where there is nothing to tell. */
export function evidenceSections(evidence: EvidenceText | undefined, fence: Fence): Readonly<Record<string, string>> {
  const { failures = [], unstable = [] } = evidence ?? {};
  const failed = failures.map(({ input, expected, score }) => fence.inline("value", input, { name: "input", score, expected }));
  const varied = unstable.map(({ input, better, worse }) =>
    [
      fence.inline("value", input, { name: "input" }),
      fence.inline("value", better.answer, { name: "output", score: better.score }),
      fence.inline("value", worse.answer, { name: "output", score: worse.score }),
    ].join("\n"),
  );
  return {
    "Further failures": failed.length === 0 ? "" : [aboutFailures, ...failed].join("\n"),
    "Unstable outputs": varied.length === 0 ? "" : [aboutUnstable, ...varied].join("\n\n"),
  };
}

const aboutFailures =
  "Training examples outside this batch on which the current values did not get the best score, worst first: the input, and what is known about the right answer.";

const aboutUnstable = "The current values gave different outputs for the same input. What makes the better one more likely?";
