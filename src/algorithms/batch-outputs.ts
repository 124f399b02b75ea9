/**
 * The rollouts of a batch: their positions, and what their outputs say.
 *
 * @module
 */
import { isNode } from "../graph/node.ts";

/** `example/17`; an example that comes more often in a batch is told apart by `sample`. */
export function exampleLabels(indices: readonly number[]): string[] {
  const counts = new Map<number, number>();
  return indices.map((index) => {
    const sample = counts.get(index) ?? 0;
    counts.set(index, sample + 1);
    return `example/${index}/sample/${sample}`;
  });
}

/** The score that an output carries. */
export function scoreOf(output: unknown): number | null {
  const score = (output as { score?: unknown } | null | undefined)?.score;
  return typeof score === "number" && Number.isFinite(score) ? score : null;
}

/** The error of the agent, when its output is an exception. */
export function errorOf(output: unknown): string | undefined {
  const target = (output as { target?: unknown } | null | undefined)?.target;
  return isNode(target) && target.kind === "exception" ? String(target.peek()) : undefined;
}
