/**
 * What a run lends to everything that happens in it.
 *
 * @module
 */
import type { CallServices } from "../llm/call-services.ts";
import type { MeasuredMetric } from "../llm/rollout-meter.ts";
import type { Step } from "../search/search.ts";
import type { RolloutRecords } from "./rollout-records.ts";
import type { RunControl } from "./run-control.ts";
import type { RunOutcomes } from "./run-outcomes.ts";

/** What an iteration lends to the hooks of its algorithm. */
export interface IterationServices {
  readonly step: Step;
  readonly minScore: number | null;
  /** The lowest and the highest score that the guide can give, when it says. */
  readonly scoreRange: readonly [lowest: number, highest: number] | undefined;
  /** The lowest score of a training rollout so far, at most 0. */
  readonly lowestScore: number;
  readonly numEvalSamples: number;
}

/** Carried by the scope of a run, so that rollouts, optimizers and model calls find it wherever they are. */
export interface RunServices extends CallServices {
  readonly control: RunControl;
  /** What the rollouts of the run have come to. */
  readonly outcomes?: RunOutcomes | undefined;
  /** What rollouts gave in an earlier process, where it was recorded. */
  readonly rollouts?: RolloutRecords | undefined;
  /** What is measured of every rollout, because the objective names it. @default nothing */
  readonly measures?: readonly MeasuredMetric[] | undefined;
  /** The iteration of a search that is going on here. */
  readonly iteration?: IterationServices | undefined;
  /** How long the agent, and then the guide, may take for one example, in milliseconds; `null` is no limit. */
  readonly rolloutTimeoutMs?: number | null | undefined;
  /** Counts the rollouts of one iteration: what a checkpoint after it has to say of the use so far. */
  readonly tally?: { rollouts: number } | undefined;
}
