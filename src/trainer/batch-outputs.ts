/**
 * The rollouts of a batch: their positions, and what their outputs say.
 *
 * @module
 */
import { type Cell, meanOfScored } from "../data/comparison.ts";
import { textOf } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import { bundle } from "../graph/bundle.ts";
import { errorOfNode } from "../graph/execution-error.ts";
import { isNode, type Node } from "../graph/node.ts";

/** The rollouts of a batch; an example that comes more often in it is told apart by `sample`. */
export function batchSamples(indices: readonly number[]): { readonly example: number; readonly sample: number }[] {
  const counts = new Map<number, number>();
  return indices.map((example) => {
    const sample = counts.get(example) ?? 0;
    counts.set(example, sample + 1);
    return { example, sample };
  });
}

/** The score that an output carries. */
export function scoreOf(output: unknown): number | null {
  const score = (output as { score?: unknown } | null | undefined)?.score;
  return typeof score === "number" && Number.isFinite(score) ? score : null;
}

/** The further metrics that an output carries. */
export function metricsOf(output: unknown): Scores | undefined {
  return (output as { scores?: Scores } | null | undefined)?.scores;
}

/** The node that an output gives feedback to; `undefined` where it has none. */
export function targetOf(output: unknown): Node | undefined {
  const target = (output as { target?: unknown } | null | undefined)?.target;
  return isNode(target) ? target : undefined;
}

/** The error of the agent and what was thrown, when its output is an exception. */
export function failureOf(output: unknown): { readonly error?: string; readonly cause?: unknown } {
  const target = targetOf(output);
  if (target?.kind !== "exception") return {};
  return { error: String(target.peek()), cause: errorOfNode(target) };
}

/** Outputs as cells of a comparison. @param declared what a failure scores, `null` when that depends on the comparison */
export function cellsOf(outputs: readonly unknown[], declared: number | null): Cell[] {
  return outputs.map((output) => {
    if (declared === null && failureOf(output).error !== undefined) return "failed";
    return scoreOf(output) ?? "unscored";
  });
}

/**
 * The mean score of a batch; `null` when nothing was scored.
 *
 * @param failed what a failure without a score counts as; `null` where nothing is known of other scores
 */
export function meanOfBatch(cells: readonly Cell[], failed: number | null): number | null {
  return cells.every((cell) => cell === "unscored") ? null : meanOfScored(cells, { minScore: failed });
}

/**
 * One node for all items, each an input: a line `ID [i]: item` for each, counted from 0. No items give an empty text.
 *
 * @example
 * batchify("a", "b").value; // "ID [0]: a\nID [1]: b\n"
 */
export function batchify(...items: readonly unknown[]): Node<string> {
  return joinItems(...items);
}

const joinItems = bundle(
  (...items: readonly unknown[]) => items.map((item, index) => `ID [${index}]: ${textOf(item)}\n`).join(""),
  {
    name: "batchify",
    description: "Joins the outputs of all examples of a batch into one text, a line `ID [i]: output` for example i.",
  },
);
