/**
 * `timedAttempt`: an attempt that is given up when its time is up, or when its caller is aborted.
 *
 * @module
 */
import { type Sleep, type StartTimer, sleep as sleepByTimer, startTimer } from "./limit-wait.ts";

/** What bounds an attempt. */
export interface AttemptBounds {
  readonly timeoutMs: number;
  readonly startTimer: StartTimer;
  readonly signal: AbortSignal | undefined;
}

/** Timers that wait by `sleep`; without a promise and a signal for each where that is the usual one. */
export function timerBy(sleep: Sleep): StartTimer {
  if (sleep === sleepByTimer) return startTimer;
  return (ms, onTime) => {
    const settled = new AbortController();
    sleep(ms, settled.signal).then(onTime, () => {});
    // A reason of its own would be an error with a stack, made for each attempt and read by no one.
    return () => settled.abort(null);
  };
}

/**
 * Runs `attempt` and returns what it returns. Its signal is aborted when the time is up or the caller's signal is
 * aborted; then the attempt is given up, also when it goes on, and what it still says is not heard.
 *
 * @throws a `TimeoutError` (a `DOMException`, as `AbortSignal.timeout` gives it) when the time is up
 * @throws the reason of the caller's signal, unchanged, and whatever the attempt throws
 */
export function timedAttempt<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, startTimer, signal }: AttemptBounds,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const own = new AbortController();
    const onAbort = (): void => giveUp(signal?.reason);
    const giveUp = (reason: unknown): void => {
      end();
      // First: a provider makes an error of its own of an abort.
      reject(reason);
      own.abort(reason);
    };
    const end = (): void => {
      stopTimer();
      signal?.removeEventListener("abort", onAbort);
    };
    const late = (): void => giveUp(new DOMException(`No answer within ${timeoutMs / 1000} s`, "TimeoutError"));
    const stopTimer = startTimer(timeoutMs, late);
    signal?.addEventListener("abort", onAbort);
    const failed = (error: unknown): void => {
      end();
      reject(error);
    };
    try {
      attempt(own.signal).then((value) => {
        end();
        resolve(value);
      }, failed);
    } catch (error) {
      failed(error);
    }
  });
}
