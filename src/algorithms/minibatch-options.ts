/**
 * Options of the hooks of `Minibatch`.
 *
 * @module
 */
import type { KnownScore } from "../trainer/evaluate.ts";

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
  /** What is known already, in the order of the examples; `null` where nothing is. Only the rest is measured. */
  readonly known?: readonly (KnownScore | null)[] | undefined;
}
