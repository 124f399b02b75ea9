/**
 * The contract of scheduled calls: what is asked of limits and retries, and what an attempt brings back.
 *
 * @module
 */
import type { CallFailure } from "./call-failure.ts";
import type { WaitReport } from "./limit-wait.ts";
import type { ReplyHeaders } from "./rate-limit-headers.ts";

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
