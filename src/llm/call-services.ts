/**
 * What a run lends to each call of a language model.
 *
 * @module
 */
import type { StopError } from "../errors.ts";
import { currentRun, type RunContext } from "../graph/scope.ts";
import type { CallRecords } from "./call-records.ts";
import type { ModelGate } from "./model-gate.ts";
import type { ModelReply, ModelRequest } from "./model-request.ts";
import type { Reservation, ReservationRequest } from "./reservation.ts";
import type { MeasuredMetric, RolloutMeter } from "./rollout-meter.ts";
import type { ScheduledCall } from "./scheduled-call.ts";
import type { TokenCounts } from "./token-counts.ts";

/** The brakes of a run, as a call sees them. */
export interface CallControl {
  readonly stopped: StopError | undefined;
  stop(reason: StopError): void;
  throwIfStopped(): void;
  onStop(listener: () => void): () => void;
}

/** Budget and count of what is used, as calls and rollouts see it. */
export interface CallLedger {
  /** Makes room for one call; waits for it while calls in flight may still leave some. @throws StopError when a budget is spent */
  reserve(request: ReservationRequest): Promise<Reservation>;
  /** A rollout begins. @throws StopError when a budget is spent */
  reserveRollout(): void;
  /** What these tokens cost, in US dollars; `null` where the price of the model is not known. */
  costOf(model: string, tokens: TokenCounts): number | null;
}

/** Limits and retries. */
export interface CallPacer {
  /** Makes the attempts of a call when their turn has come. @throws what the last of them threw */
  run<T>(call: ScheduledCall<T>): Promise<T>;
}

/** Has identical calls that are in flight share one reply. */
export interface CallMerger {
  /** @param onJoined receives the reply that another call has paid for, before it is used */
  join(
    model: string,
    request: ModelRequest,
    make: () => Promise<ModelReply>,
    onJoined: (reply: ModelReply) => Promise<void>,
  ): Promise<ModelReply>;
}

/** The parts that a call passes through, in this order: brakes, gate, records of earlier answers, ledger, scheduler. */
export interface CallServices {
  /** Whether the run was asked to stop. */
  readonly control?: CallControl | undefined;
  /** Answers calls in place of all that follows. @default they are answered here */
  readonly gate?: ModelGate | undefined;
  /** Answers that were paid for in an earlier process. */
  readonly calls?: CallRecords | undefined;
  /** Identical calls in flight share one answer. @default each is made */
  readonly inFlight?: CallMerger | undefined;
  readonly ledger?: CallLedger | undefined;
  /** What the rollouts of the run have come to. */
  readonly outcomes?: { readonly hasScored: boolean } | undefined;
  /** What is measured of every rollout, because the objective names it; replies then tell their duration and cost. @default nothing */
  readonly measures?: readonly MeasuredMetric[] | undefined;
  /** Counts the calls of the agent in an iteration. */
  readonly tally?: { agentCalls: number } | undefined;
  /** Measures what the agent's calls in this rollout use, where an objective names it. */
  readonly meter?: RolloutMeter | undefined;
  /** @default one for the whole process */
  readonly scheduler?: CallPacer | undefined;
}

/** What a run lends to the calls of the code that is running now; nothing outside any. */
export function callServices({ services = {} }: Partial<RunContext> = currentRun() ?? {}): CallServices {
  return services;
}
