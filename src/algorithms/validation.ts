/**
 * Validation: many candidates on the same examples, all in one pool, on one agent.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import type { Module } from "../graph/module.ts";
import type { ParameterOwner } from "../graph/parameter-names.ts";
import { bindValues, type Candidate } from "../graph/with-values.ts";
import type { Guide } from "../guides/guide.ts";
import { scoreOne } from "../trainer/evaluate.ts";
import type { Pool } from "../trainer/pool.ts";
import { mean, type Rollout, runTask } from "../trainer/rollout.ts";

/** What candidates are compared on. */
export interface Validation<X, Y, Info> {
  readonly dataset: Dataset<X, Info>;
  readonly guide: Guide<X, Y, Info>;
  /** What an example scores on which the agent throws; `null` leaves the whole candidate without a score. */
  readonly minScore: number | null;
}

/** The scores of one candidate, example by example. */
export interface ValidationScores {
  /** `null` where the example could not be scored for reasons outside the agent. */
  readonly scores: readonly (number | null)[];
  /** The agent threw and there is no `minScore`: the candidate cannot win. */
  readonly broken: boolean;
  /** The different errors of the agent, in order of the examples. */
  readonly errors: readonly string[];
}

/**
 * Scores every candidate on every example. One pool serves all, so no place stands idle while any candidate has work left.
 *
 * @param owner whose names the candidates use
 */
export async function validateCandidates<X, Y, Info>(
  agent: Module<X, Y>,
  owner: ParameterOwner,
  candidates: readonly Candidate[],
  validation: Validation<X, Y, Info>,
  options: { readonly pool: Pool; readonly signal: AbortSignal | undefined },
): Promise<ValidationScores[]> {
  if (candidates.length === 0) return [];
  const { dataset, guide, minScore } = validation;
  const size = dataset.length;
  const labels = Array.from({ length: candidates.length * size }, (_, index) => {
    return `candidate/${Math.floor(index / size)}/example/${index % size}/sample/0`;
  });
  const bound = candidates.map((candidate) => bindValues(owner, candidate));
  const rollouts = await runTask(
    labels,
    (index) => {
      const { input, info } = dataset[index % size] as Dataset<X, Info>[number];
      const withCandidate = bound[Math.floor(index / size)] as (typeof bound)[number];
      return withCandidate(() => scoreOne(agent, guide, input, info, minScore));
    },
    { ...options, description: `Validating ${candidates.length} candidates`, label: "validate" },
  );
  return candidates.map((_, index) => scoresOf(rollouts.slice(index * size, (index + 1) * size)));
}

/**
 * The mean score of every candidate over the examples that all of them were scored on, so that an example lost to the
 * network favours nobody. A candidate that is broken, or was not scored at all, has none.
 */
export function comparableMeans(scored: ReadonlyMap<string, ValidationScores>): Map<string, number | null> {
  const inRace = [...scored.values()].filter(({ scores, broken }) => !broken && scores.some((score) => score !== null));
  const size = inRace[0]?.scores.length ?? 0;
  const shared = Array.from({ length: size }, (_, index) => index).filter((index) => {
    return inRace.every(({ scores }) => scores[index] !== null);
  });
  return new Map(
    [...scored].map(([key, entry]) => {
      if (!inRace.includes(entry)) return [key, null];
      // With no example in common each candidate's own mean is the best there is.
      const examples = shared.length > 0 ? shared.map((index) => entry.scores[index] ?? null) : entry.scores;
      return [key, mean(examples.filter((score) => score !== null))];
    }),
  );
}

/** The worst score among all candidates, at most 0: what a failure without a score counts as. */
export function worstScore(scored: Iterable<ValidationScores>): number {
  let worst = 0;
  for (const { scores } of scored) for (const score of scores) if (score !== null && score < worst) worst = score;
  return worst;
}

/** What the optimizer is told of a candidate; failures without a score count as `worst`. */
export function lessonOf(scored: ValidationScores, worst: number): { score: number | null; feedback: string } {
  const counted = scored.broken ? scored.scores.map((score) => score ?? worst) : scored.scores.filter((score) => score !== null);
  return { score: mean(counted), feedback: scored.errors.slice(0, maxErrorsTold).join("\n") };
}

const maxErrorsTold = 3;

function scoresOf(rollouts: readonly Rollout<unknown>[]): ValidationScores {
  return {
    scores: rollouts.map(({ score }) => score),
    broken: rollouts.some(({ status, score }) => status === "failed" && score === null),
    errors: [...new Set(rollouts.flatMap(({ status, error }) => (status === "failed" && error !== undefined ? [error] : [])))],
  };
}
