/**
 * The contract of lanes: what lets the calls of one model through, at the pace that its provider takes.
 *
 * @module
 */
import type { Clock } from "../../data/clock.ts";
import type { MaybePromise } from "../../data/maybe-promise.ts";
import type { CallLimits } from "./call-options.ts";
import type { Sleep, WaitReport } from "./limit-wait.ts";
import type { ReplyHeaders } from "./rate-limit-headers.ts";

/** What a lane is made of. */
export interface CallLaneOptions {
  readonly limits: CallLimits;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** How long to pause, for the n-th time since an answer, when the provider does not say. Milliseconds. */
  readonly pauseMs: (pauses: number) => number;
}

/** How an attempt ended, as far as it concerns the other calls. `void`: it was cut short and says nothing of the load. */
export type AttemptEnd =
  | { readonly kind: "answered"; readonly headers?: ReplyHeaders | undefined; readonly tokens?: number | undefined }
  | { readonly kind: "refused"; readonly retryAfterMs?: number | undefined; readonly reason?: string | undefined }
  | { readonly kind: "failed"; readonly late?: boolean }
  | { readonly kind: "void"; readonly isSetUp?: boolean };

/** A slot in flight. It has to be ended, once. */
export interface CallSlot {
  end(end: AttemptEnd): void;
}

/** The calls of one model, and the pace at which they are let through: all that the scheduler knows of it. */
export interface Lane {
  /**
   * Waits in line for a slot; one that is free is given immediately.
   *
   * @param order position in the line; a lower number is served first, so a call that comes again keeps its turn
   * @param tokens how many the request will use, for the limit of tokens
   * @param onHold hears when the call is first in line and a limit holds it
   * @throws the reason of the signal, unchanged; the error of `refuseWaiting`
   */
  enter(order: number, tokens: number, signal: AbortSignal | undefined, onHold?: OnHold): MaybePromise<CallSlot>;
  /** A call that was refused by a limit stays away until the returned function is called. */
  stayAway(): () => void;
  /** How many calls wait: in line, or for their next attempt. */
  readonly waiting: number;
  /** Ends the wait of all calls in line: none of them would be answered. Later ones are let in again. */
  refuseWaiting(reason: unknown): void;
  /** Whether any request was ever answered. */
  readonly hasAnswered: boolean;
  /** How many requests were refused for the set-up since the last answer. */
  readonly refusedInRow: number;
  /** Since when the provider has refused everything; `undefined` when it does not. Milliseconds of the monotonic clock. */
  readonly refusingSince: number | undefined;
  state(): LaneState;
}

/** How a lane stands, for showing. */
export interface LaneState {
  /** How many requests the lane would have in flight at most. */
  readonly concurrency: number;
  readonly inFlight: number;
  readonly waiting: number;
  /** For how long nothing will be sent, in milliseconds. */
  readonly pausedMs: number;
}

/** Hears that a call in line is held by a limit. */
export type OnHold = (hold: Omit<WaitReport, "waitedMs">) => void;
