/**
 * `Evaluation`: the scores of an agent on a dataset.
 *
 * @module
 */
import type { ScoreList } from "./score-list.ts";

/** The scores of an agent on a dataset. */
export interface Evaluation {
  /** The mean over all scored rollouts; `null` when a failing example has no score, because then there is no honest mean. */
  readonly mean: number | null;
  /** The mean over the samples of each example, in order; `null` where there is none. The list is made when it is first asked for. */
  readonly scores: readonly (number | null)[];
  /** Every score: one row for each example, one column for each sample. Made when it is first asked for. */
  readonly samples: readonly (readonly (number | null)[])[];
  /** Rollouts in which the agent threw. */
  readonly failed: number;
  /** Rollouts that could not be scored for reasons outside the agent; left out of the mean. */
  readonly unscored: number;
}

/** What evaluations are made of: every score, example by example, sample by sample, eight bytes each. */
export interface EvaluationParts {
  readonly all: ScoreList;
  readonly numSamples: number;
  readonly failed: number;
  readonly unscored: number;
  /** Whether the agent failed somewhere and there is no score for that. */
  readonly hasFailureWithoutScore: boolean;
}

/** An evaluation whose lists are made when they are asked for: of a million examples few want them. */
export function evaluationOf({ all, numSamples, failed, unscored, hasFailureWithoutScore }: EvaluationParts): Evaluation {
  const numExamples = all.length / numSamples;
  let scores: (number | null)[] | undefined;
  let samples: (number | null)[][] | undefined;
  return {
    mean: hasFailureWithoutScore ? null : all.mean(),
    get scores() {
      scores ??= Array.from({ length: numExamples }, (_, at) => all.mean(at * numSamples, (at + 1) * numSamples));
      return scores;
    },
    get samples() {
      samples ??= Array.from({ length: numExamples }, (_, example) =>
        Array.from({ length: numSamples }, (_, sample) => all.get(example * numSamples + sample)),
      );
      return samples;
    },
    failed,
    unscored,
  };
}
