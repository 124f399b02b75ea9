/**
 * The contracts of a model call: what a run lends to it, who answers it, and how it is paid, paced, and recorded.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { StopError } from "../errors.ts";
import { currentRun, type RunContext } from "../graph/scope.ts";
import type { GateRequest, ModelReply, ModelRequest, ModelRole, TokenCounts } from "./model-request.ts";
import type { CallFailure } from "./pace/call-failure.ts";
import type { WaitReport } from "./pace/limit-wait.ts";
import type { ReplyHeaders } from "./pace/rate-limit-headers.ts";
import type { MeasuredMetric, RolloutMeter } from "./spend/rollout-meter.ts";
import type { CallEntry } from "./spend/usage.ts";

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
  /** Keeps calls in full, for people to look at. @default they are not kept */
  readonly traces?: CallTraces | undefined;
  /** @default one for the whole process */
  readonly scheduler?: CallPacer | undefined;
}

/** Keeps what calls were asked and answered. Nothing of the run depends on it: it may leave out any. */
export interface CallTraces {
  /**
   * A call begins.
   *
   * @returns what is called at its end, with the reply or with what was thrown; `undefined` when the call is left out
   */
  beginCall(request: GateRequest, call: Pick<GatedCall, "position" | "role">, model: string): EndCallTrace | undefined;
}

/** The end of a call that is kept in full. */
export type EndCallTrace = (reply: ModelReply | undefined, error?: unknown) => void;

/** What a run lends to the calls of the code that is running now; nothing outside any. */
export function callServices({ services = {} }: Partial<RunContext> = currentRun() ?? {}): CallServices {
  return services;
}

/** One call, as records know it. */
export interface IdentifiedCall extends CallEntry {
  /** SHA-256 of the logical position, the whole request, and how often this very request was made at this position before. */
  readonly key: string;
  /** Logical position of the call. */
  readonly position: string;
}

/** Keeps the answers of providers. `opto/runs` has the one that writes a file. */
export interface CallRecords {
  /** Names a call that is about to be made. The same call gets the same key in every process, whatever the timing. */
  identify(position: string, request: ModelRequest, entry: CallEntry): IdentifiedCall;
  /**
   * The answer that was recorded for a call.
   *
   * @throws ConfigurationError when there is none and only recorded answers may be used
   */
  find(call: IdentifiedCall): Promise<ModelReply | undefined>;
  /** Notes that a request goes out, just before it does. */
  sent(call: IdentifiedCall): void;
  /**
   * Keeps an answer, also over a loss of power.
   *
   * @throws StopError when it cannot be written
   */
  answered(call: IdentifiedCall, reply: ModelReply): Promise<void>;
  /** The same for an answer that an identical call has paid for. */
  joined(call: IdentifiedCall, reply: ModelReply): Promise<void>;
  /** Nothing could be made of the answers to these calls: a later process asks again, and they stay counted. */
  discard(calls: readonly IdentifiedCall[]): void;
}

/** Where in a run a position is, as use is counted: the number of the iteration, and which candidate is tried or proposed. */
export function placeOf(position: string): Pick<CallEntry, "iteration" | "candidate"> {
  if (!position.includes("iteration/")) return nowhere;
  const [, iteration] = /(?:^|\/)iteration\/(\d+)(?:\/|$)/.exec(position) ?? [];
  const [, candidate] = /\/((?:candidate|proposal)\/\d+)(?:\/|$)/.exec(position) ?? [];
  if (iteration === undefined) return nowhere;
  return {
    iteration: Number(iteration),
    candidate: candidate === undefined ? null : `iteration/${iteration}/${candidate}`,
  };
}

const nowhere = { iteration: null, candidate: null };

/** Which call it is. */
export interface GatedCall {
  /** Logical position: `iteration/3/forward/example/7/sample/0/call/1`. */
  readonly position: string;
  readonly role: ModelRole;
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
  /** Receives the answer to a direct call as it comes, from whoever can give it so. The reply has all of it in any case. */
  readonly live?: LiveReply | undefined;
}

/** The answer of a provider while, and as, it comes. */
export interface LiveReply {
  /** A stream begins; what is known of its request and its response. */
  begin(about: object): void;
  /** The next part of a stream. Only the last attempt gives any: what has given parts is not tried again. */
  part(part: object): void;
  /** The end of a stream, or all that the model returned, with what is not recorded. */
  result(result: object): void;
}

/**
 * Answers calls of language models. A process that rolls out for a run elsewhere hands its calls over by one, so that keys, budget,
 * limits, and records stay with the run.
 */
export interface ModelGate {
  /** @throws what `callModel` throws */
  answer(request: GateRequest, call: GatedCall): Promise<ModelReply>;
}

/** A call that is to be made. */
export interface ReservationRequest extends CallEntry {
  /** An upper estimate of the tokens of the prompt. */
  readonly estimatedInputTokens: number;
  /** The longest reply, in tokens. @default about the longest of this model and role so far */
  readonly maxOutputTokens?: number | undefined;
  /** Ends the wait for room. */
  readonly signal?: AbortSignal | undefined;
}

/** Room in the budget for one call. It is kept until the call is settled or released. */
export interface Reservation {
  /** For how many tokens there is room. */
  readonly estimated: { readonly inputTokens: number; readonly outputTokens: number };
  /**
   * A request goes out: to be called before each of them, retries included.
   *
   * @throws StopError when no request is left; nothing may be sent then
   */
  sent(): void;
  /** The call was answered. Returns its cost in dollars, `null` when its price is not known. Unknown tokens count as estimated. */
  settle(tokens: TokenCounts): { readonly usd: number | null };
  /** Nothing more will come: the call has failed for good. No more than once has effect, and none after `settle`. */
  release(): void;
}

/** What an attempt brings back. */
export interface AttemptResult<T> {
  readonly value: T;
  /** Headers of the reply; a limit that is used up by it makes the next calls wait. */
  readonly headers?: ReplyHeaders;
  /** Tokens that the request used, input and output, for `tokensPerMinute`. */
  readonly tokens?: number;
}

/** A repetition that is going to be made. */
export interface Retry {
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
  /** For how long the call waits before it gets in line again, in milliseconds. */
  readonly delayMs: number;
  /** Why the attempt failed, without keys. */
  readonly reason: string;
}

/** A call as the scheduler sees it. */
export interface ScheduledCall<T> {
  /** `"provider/model"`; calls of one model share a lane. */
  readonly model: string;
  /** Logical position of the call; names the stream of its delays. */
  readonly label: string;
  /** Input and expected output, for `tokensPerMinute`. */
  readonly estimatedTokens: number;
  /** @default that of the scheduler */
  readonly maxRetries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Makes one request. Its signal is aborted with that of the call and when the time is up. Attempts count from 1. */
  readonly attempt: (signal: AbortSignal, attempt: number) => Promise<AttemptResult<T>>;
  /** Whether the attempt that has just failed is the last, because some of its answer is in use. @default false */
  readonly isFinal?: (() => boolean) | undefined;
  readonly onRetry?: ((retry: Retry) => void) | undefined;
  /** Hears that calls of the model wait for a limit: after some seconds, then seldom. It is told to one of those that wait. */
  readonly onWait?: ((wait: WaitReport) => void) | undefined;
  /** Hears that a wait that was reported is over, how long it took, in milliseconds, and whether an answer has ended it. */
  readonly onWaitEnd?: ((waitedMs: number, isAnswered: boolean) => void) | undefined;
  /** What to throw for a failure that points at a wrong set-up; `undefined` to throw what the attempt has thrown. */
  readonly setUpError?: ((failure: CallFailure, error: unknown) => Error | undefined) | undefined;
}

const storage = new AsyncLocalStorage<true>();

/** Makes the request of a call: models that it reaches on its way are parts of it, and no calls of their own. */
export function insideCall<R>(request: () => R): R {
  return storage.run(true, request);
}

/** Whether a call that has passed the gate is being made here. */
export function isInsideCall(): boolean {
  return storage.getStore() === true;
}
