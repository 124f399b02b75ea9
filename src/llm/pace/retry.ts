/**
 * `retryDelayMs`: whether a call that has failed is made again, and after how long.
 *
 * @module
 */
import { counted } from "../../data/number-text.ts";
import type { Filled } from "../../data/option-table.ts";
import type { Random } from "../../data/random.ts";
import { InfrastructureError, StopError } from "../../errors.ts";
import type { ScheduledCall } from "../call-services.ts";
import { redactError, redactText } from "../redact-secrets.ts";
import type { CallFailure } from "./call-failure.ts";
import type { RetryOptions } from "./call-options.ts";

/** What is known of one call while it is made. */
export interface Course {
  /** Its turn among the calls of the scheduler. */
  readonly order: number;
  readonly startedAt: number;
  readonly maxRetries: number;
  /** Its own stream, for delays. */
  readonly random: Random;
  attempts: number;
  /** Attempts that failed for other reasons than a limit. */
  failures: number;
  /** Attempts that were refused by a limit, in a row with those of the lane. */
  refusals: number;
  refusedSince: number | undefined;
}

/** A failed attempt, and all that decides about the next. */
export interface FailedAttempt {
  readonly failure: CallFailure;
  /** What was thrown. */
  readonly error: unknown;
  readonly call: Pick<ScheduledCall<unknown>, "model" | "isFinal">;
  readonly course: Course;
  readonly retry: Filled<RetryOptions, keyof RetryOptions>;
  /** Milliseconds of the monotonic clock. */
  readonly now: number;
  /** Since when the provider has refused every call of the model; `undefined` when it does not. */
  readonly refusingSince: number | undefined;
}

/**
 * How long the call waits before its next attempt, in milliseconds. Counts the failure.
 *
 * - Limits are waited for until `maxWaitMs` is over, however many attempts that takes.
 * - Outages are tried again `maxRetries` times, each after a longer pause.
 * - Nothing else is tried again: it would fail in the same way.
 *
 * @throws StopError with the reason `quota` when the account has nothing left
 * @throws InfrastructureError when the retries or the patience with rate limits are used up
 * @throws the error, without keys, when another attempt would not help
 */
export function retryDelayMs({ failure, error, call, course, retry, now, refusingSince }: FailedAttempt): number {
  const reason = redactText(failure.reason);
  if (failure.kind === "quota") {
    const what = "Add credit or raise the account's limit, then resume the run: nothing is paid for twice";
    throw new StopError("quota", `${call.model} has no quota left (${reason}). ${what}`, { cause: redactError(error) });
  }
  if (failure.kind === "fatal" || failure.kind === "setting" || failure.kind === "refused") throw redactError(error);

  const limited = failure.kind === "rate-limit";
  const count = limited ? ++course.refusals : ++course.failures;
  // Who fails and asks for an hour is asked again sooner; who limits is believed.
  const longestMs = limited ? Number.POSITIVE_INFINITY : retry.maxDelayMs;
  const askedMs = failure.retryAfterMs === undefined ? undefined : Math.min(longestMs, failure.retryAfterMs);
  const delayMs = backoffMs(count, askedMs, course, { ...retry, maxDelayMs: limited ? longestPauseMs(retry) : retry.maxDelayMs });
  // A call that waited in line while everything was refused has been refused as well.
  if (limited) course.refusedSince ??= Math.max(course.startedAt, refusingSince ?? now);
  const waitsTooLong = limited && now + delayMs - (course.refusedSince ?? now) > retry.maxWaitMs;
  const mayRepeat = course.maxRetries > 0 && call.isFinal?.() !== true;
  if (mayRepeat && !waitsTooLong && (limited || count <= course.maxRetries)) return delayMs;

  const { attempts } = course;
  const spent = `${counted(attempts, "attempt")} over ${seconds(now - course.startedAt)}`;
  const asked =
    waitsTooLong && failure.retryAfterMs !== undefined ? `, with a request to wait ${seconds(failure.retryAfterMs)}` : "";
  const message = `${call.model} did not answer in ${spent}; the last failure: ${reason}${asked}`;
  throw redactError(new InfrastructureError(message, { cause: redactError(error) }));
}

/** Against rate limits the lane keeps the pace; a call that is told no time does not have to stay away for long as well. */
export function longestPauseMs({ maxDelayMs }: Filled<RetryOptions, keyof RetryOptions>): number {
  return Math.min(maxDelayMs, 5000);
}

function backoffMs(
  count: number,
  askedMs: number | undefined,
  { random, attempts }: Course,
  { initialDelayMs, maxDelayMs }: Filled<RetryOptions, keyof RetryOptions>,
): number {
  const draw = random.fork(`attempt/${attempts}`).next();
  // Calls that were asked to wait equally long do not return at the same moment.
  if (askedMs !== undefined) return askedMs + draw * Math.min(initialDelayMs, askedMs / 10);
  return draw * Math.min(maxDelayMs, initialDelayMs * 2 ** (count - 1));
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
