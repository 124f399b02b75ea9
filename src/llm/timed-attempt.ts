/**
 * `timedAttempt`: one attempt that ends when its time is up or its caller has gone, whether it listens or not.
 *
 * @module
 */
import type { Sleep } from "./sleep.ts";

/** What bounds an attempt. */
export interface AttemptBounds {
  readonly timeoutMs: number;
  readonly sleep: Sleep;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `attempt` and returns what it returns. Its signal is aborted when the time is up or the caller's signal is
 * aborted; then the attempt is given up, also when it goes on, and what it still says is not heard.
 *
 * @throws a `TimeoutError` (a `DOMException`, as `AbortSignal.timeout` gives it) when the time is up
 * @throws the reason of the caller's signal, unchanged, and whatever the attempt throws
 */
export async function timedAttempt<T>(attempt: (signal: AbortSignal) => Promise<T>, bounds: AttemptBounds): Promise<T> {
  const { timeoutMs, sleep, signal } = bounds;
  signal?.throwIfAborted();
  const own = new AbortController();
  const settled = new AbortController();
  const onAbort = (): void => own.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const givenUp = new Promise<never>((_, reject) => {
    own.signal.addEventListener("abort", () => reject(own.signal.reason), { once: true });
  });
  sleep(timeoutMs, settled.signal).then(
    () => own.abort(new DOMException(`No answer within ${timeoutMs / 1000} s`, "TimeoutError")),
    () => {},
  );
  try {
    return await Promise.race([attempt(own.signal), givenUp]);
  } catch (error) {
    // A provider makes an error of its own of an abort, and may be faster.
    throw own.signal.aborted ? own.signal.reason : error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // A reason of its own would be an error with a stack, made for each attempt and read by no one.
    settled.abort(null);
  }
}
