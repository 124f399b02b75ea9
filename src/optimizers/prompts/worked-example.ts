/**
 * A small problem with its answer, for models that need to be shown.
 *
 * @module
 */
import type { Problem } from "../problem/problem.ts";
import type { Fence } from "../reply/fence.ts";
import type { ReplyFormat } from "../reply/reply-format.ts";
import { defaultObjective } from "./instructions.ts";
import { problemPrompt } from "./problem-prompt.ts";

/** The example in the very format of the real problem and its answer. */
export function workedExample(fence: Fence, format: ReplyFormat): string {
  const parts = { objective: defaultObjective, attempts: "", others: "", advice: "", direction: "" };
  return `An example of a problem:

${problemPrompt(problem, parts, fence)}

An answer to it:

${format.answer(reasoning, new Map([["fee", 5]]))}`;
}

const reasoning =
  "The price is 2 too high. It is the sum of fee and postage, and only fee can change, so fee has to be 2 lower: 5.";

const problem: Problem = {
  omitted: [],
  code: [],
  operations: [{ name: "add", description: "x + y", source: "" }],
  variables: [{ name: "fee", value: "7", type: "a whole number from 0 to 20", notes: ["About: the charge for packing"] }],
  inputs: [],
  others: [],
  examples: [
    {
      isRight: undefined,
      code: ["price_1 = add(x=fee, y=postage)"],
      values: [
        { name: "postage", value: "4", type: "number", about: undefined },
        { name: "price_1", value: "11", type: "number", about: undefined },
      ],
      feedback: [{ target: "price_1", score: "0", scores: undefined, text: "The price should be 9." }],
    },
  ],
};
