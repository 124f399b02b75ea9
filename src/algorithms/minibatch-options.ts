/**
 * What the steps of `Minibatch` are given besides their subject.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import type { Guide } from "../guides/guide.ts";

/** How an update is made. */
export interface UpdateOptions {
  /** @default false */
  readonly verbose?: boolean | "output" | undefined;
  /** @default that of the run */
  readonly numThreads?: number | undefined;
}

/** Options of `hasImprovement`. */
export interface ImprovementOptions {
  /** By how much the new score must be higher. @default 0 */
  readonly threshold?: number | undefined;
  /** @default that of the run */
  readonly numThreads?: number | undefined;
  /** Scores on the examples that are known already, in their order, `null` where one is not; those are not measured again. */
  readonly known?: readonly (number | null)[] | undefined;
}

/** Scores of the values that the agent has now, example by example, measured by an algorithm for its own ends. */
export interface MeasuredScores<X, Y, Info> {
  readonly dataset: Dataset<X, Info>;
  readonly guide: Guide<X, Y, Info>;
  readonly scores: readonly (number | null)[];
}
