/**
 * `sleep`: waiting that can be cut short.
 *
 * @module
 */

/** Waits a number of milliseconds, or rejects with the reason of the signal when that is aborted first. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** The longest delay that a timer of Node takes; longer ones would end at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Waits by a timer of Node. The timer keeps the process alive: somebody waits for what comes after it. Nothing is left
 * behind by an abort, neither the timer nor a listener.
 *
 * @throws the reason of the signal, unchanged
 */
export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      Math.min(Math.ceil(ms), longestTimerMs),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
