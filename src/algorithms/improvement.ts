/**
 * Comparing a batch before and after an update: over the same examples, by the optimizer's names.
 *
 * @module
 */
import type { Module } from "../graph/module.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { Evaluation } from "../trainer/evaluation.ts";
import { mean } from "../trainer/rollout.ts";

/**
 * The scores before and after an update, over the examples scored both times; `null` when there is none in common.
 * Outputs without scores of their own are compared by the means.
 */
export function compared(
  currentScore: number | null,
  currentScores: readonly (number | null)[],
  evaluation: Evaluation,
): readonly [before: number | null, after: number | null] {
  if (currentScores.every((score) => score === null)) return [currentScore, evaluation.mean];
  return paired(currentScores, evaluation.scores) ?? [null, null];
}

/** The means before and after over the examples scored both times; `undefined` when there is no such example. */
function paired(
  before: readonly (number | null)[],
  after: readonly (number | null)[],
): [number | null, number | null] | undefined {
  const both = before.flatMap((score, index) => {
    const other = after[index];
    return score === null || other === null || other === undefined ? [] : [[score, other] as const];
  });
  if (both.length === 0) return undefined;
  return [mean(both.map(([score]) => score)), mean(both.map(([, score]) => score))];
}

/** A candidate of the agent, by the names that the optimizer has for the same parameters. */
export function ownedBy(optimizer: Optimizer, agent: Module, candidate: Candidate): Candidate {
  const pathOf = new Map([...agent.namedParameters()].map(([path, parameter]) => [parameter, path]));
  return Object.fromEntries(
    [...optimizer.parameters].map(([name, parameter]) => [name, candidate[pathOf.get(parameter) as string] ?? null]),
  );
}
