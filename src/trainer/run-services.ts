/**
 * What a run lends to everything that happens in it.
 *
 * @module
 */
import type { CallServices } from "../llm/call-services.ts";
import type { RolloutRecords } from "./rollout-records.ts";
import type { RunControl } from "./run-control.ts";

/** Carried by the scope of a run, so that rollouts, optimizers and model calls find it wherever they are. */
export interface RunServices extends CallServices {
  readonly control: RunControl;
  /** What rollouts gave in an earlier process, where it was recorded. */
  readonly rollouts?: RolloutRecords | undefined;
  /** Counts the rollouts of one iteration: what a checkpoint after it has to say of the use so far. */
  readonly tally?: { rollouts: number } | undefined;
}
