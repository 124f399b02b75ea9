/**
 * `Evaluation`: the scores of an agent on a dataset.
 *
 * @module
 */
import type { Cell } from "../data/comparison.ts";
import { type Scores, withScore } from "../data/scores.ts";
import type { ScoreList } from "./task-tally.ts";

/** The scores of an agent on a dataset. */
export interface Evaluation {
  /**
   * The mean over all rollouts that were scored or have failed; `null` when no rollout was scored and nothing says what a failure
   * scores. It says nothing of what could not be scored: decide by it only where `coverage` is high.
   */
  readonly mean: number | null;
  /**
   * The mean of every metric by name: `score`, as `mean`, and each further one over the rollouts that have it. Empty where nothing was
   * scored.
   */
  readonly means: Scores;
  /** The share of rollouts that were scored or have failed, from 0 to 1. Below 0.8 nothing should be decided by the mean. */
  readonly coverage: number;
  /** The mean over the samples of each example, in order; `null` where there is none. The list is made when it is first asked for. */
  readonly scores: readonly (number | null)[];
  /** Every score: one row for each example, one column for each sample. Made when it is first asked for. */
  readonly samples: readonly (readonly (number | null)[])[];
  /** How every rollout went, example by example, sample by sample. Made when it is first asked for. */
  readonly cells: readonly Cell[];
  /** The same for every further metric by name; `"failed"` also where an answer was scored without it. Made when it is first asked for. */
  readonly metrics: Readonly<Record<string, readonly Cell[]>>;
  /** Rollouts in which the agent threw. */
  readonly failed: number;
  /** Rollouts that could not be scored for reasons outside the agent, also not a second time; left out of the mean. */
  readonly unscored: number;
}

/** What evaluations are made of: every cell, example by example, sample by sample, eight bytes each. */
export interface EvaluationParts {
  readonly all: ScoreList;
  /** Further metrics by name, in the same order; unscored where a rollout has none. */
  readonly further: ReadonlyMap<string, ScoreList>;
  readonly numSamples: number;
  readonly failed: number;
  /** What a failure scores by the user or the guide; `null`: the worst score in the evaluation, as 0 at best. */
  readonly failureScore: number | null;
  readonly lowerIsBetter: boolean;
}

/** An evaluation whose lists are made when they are asked for: of a million examples few want them. */
export function evaluationOf({ all, further, numSamples, failed, failureScore, lowerIsBetter }: EvaluationParts): Evaluation {
  const numExamples = all.length / numSamples;
  const failure = failureScore ?? all.worst(lowerIsBetter);
  const unscored = all.unscored();
  let scores: (number | null)[] | undefined;
  let samples: (number | null)[][] | undefined;
  let cells: Cell[] | undefined;
  let metrics: Record<string, Cell[]> | undefined;
  // Whichever rollout ended first.
  const columns = [...further].sort(([a], [b]) => (a < b ? -1 : 1));
  const mean = failureScore === null && !all.hasScores() ? null : all.mean(failure);
  return {
    mean,
    get means() {
      return mean === null ? {} : withScore(mean, meansOf(columns));
    },
    coverage: all.length === 0 ? 0 : 1 - unscored / all.length,
    get scores() {
      scores ??= Array.from({ length: numExamples }, (_, at) => all.mean(failure, at * numSamples, (at + 1) * numSamples));
      return scores;
    },
    get samples() {
      samples ??= Array.from({ length: numExamples }, (_, example) => samplesAt(all, failure, example * numSamples, numSamples));
      return samples;
    },
    get cells() {
      cells ??= all.toArray();
      return cells;
    },
    get metrics() {
      metrics ??= Object.fromEntries(
        columns.map(([metric, list]) => [metric, Array.from({ length: all.length }, (_, at) => cellAt(all, list, at))]),
      );
      return metrics;
    },
    failed,
    unscored,
  };
}

/** The mean of every metric that has one. */
function meansOf(columns: readonly (readonly [metric: string, list: ScoreList])[]): Scores {
  const means = columns.flatMap(([metric, list]) => {
    const mean = list.mean(0);
    return mean === null ? [] : [[metric, mean] as const];
  });
  return Object.fromEntries(means);
}

/** The scores of some rollouts in a row. */
function samplesAt(all: ScoreList, failure: number, from: number, count: number): (number | null)[] {
  return Array.from({ length: count }, (_, sample) => all.mean(failure, from + sample, from + sample + 1));
}

/** A further metric of a rollout: what lacks it though it was scored, or has failed, has failed by it. */
function cellAt(all: ScoreList, list: ScoreList, at: number): Cell {
  const own = list.get(at);
  return own === "unscored" && all.get(at) !== "unscored" ? "failed" : own;
}
