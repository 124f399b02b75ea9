/**
 * What a run lends to each call of a language model.
 *
 * @module
 */
import type { StopError } from "../errors.ts";
import type { CallRecords } from "./call-records.ts";
import type { CallScheduler } from "./call-scheduler.ts";
import type { CallsInFlight } from "./calls-in-flight.ts";
import type { Ledger } from "./ledger.ts";
import type { RolloutMeter } from "./rollout-meter.ts";

/** The brakes of a run, as a call sees them. */
export interface CallControl {
  readonly stopped: StopError | undefined;
  stop(reason: StopError): void;
  throwIfStopped(): void;
  onStop(listener: () => void): () => void;
}

/** The parts that a call passes through, in this order: brakes, records of earlier answers, ledger, scheduler. */
export interface CallServices {
  /** Whether the run was asked to stop. */
  readonly control?: CallControl | undefined;
  /** Answers that were paid for in an earlier process. */
  readonly calls?: CallRecords | undefined;
  /** Identical calls in flight share one answer. @default each is made */
  readonly inFlight?: CallsInFlight | undefined;
  /** Budget and count of what is used. */
  readonly ledger?: Ledger | undefined;
  /** What the rollouts of the run have come to. */
  readonly outcomes?: { readonly hasScored: boolean } | undefined;
  /** Measures what the agent's calls in this rollout use, where an objective names it. */
  readonly meter?: RolloutMeter | undefined;
  /** Limits and retries. @default one for the whole process */
  readonly scheduler?: CallScheduler | undefined;
}
