/**
 * `LimitWait`: when to say that calls of a model wait for a limit, and when that is over.
 *
 * @module
 */

/** Calls of a model wait. */
export interface WaitReport {
  /** For what: the words of the provider, or which limit of the user's. */
  readonly reason: string;
  /** How many calls wait. */
  readonly calls: number;
  /** For how long they have, in milliseconds. */
  readonly waitedMs: number;
  /** How long it takes until the next attempt, in milliseconds. */
  readonly delayMs: number;
}

/** A wait that is over sooner is not worth a line. */
const shortestReportedMs = 5000;
/** A wait that goes on is reported again after this. */
const repeatMs = 60_000;

/** Follows the waits of one lane, from the first refusal to the next answer. */
export class LimitWait {
  #since: number | undefined;
  #reportedAt: number | undefined;

  /** A call has to wait. Gives what is to be reported, if anything. */
  note(wait: Omit<WaitReport, "waitedMs">, now: number): WaitReport | undefined {
    this.#since ??= now;
    const waitedMs = now - this.#since;
    if (waitedMs + wait.delayMs < shortestReportedMs) return undefined;
    if (this.#reportedAt !== undefined && now - this.#reportedAt < repeatMs) return undefined;
    this.#reportedAt = now;
    return { ...wait, waitedMs };
  }

  /** The wait is over. Gives how long it took, in milliseconds, when it was reported. */
  end(now: number): number | undefined {
    const waited = this.#reportedAt === undefined ? undefined : now - (this.#since ?? now);
    this.#since = undefined;
    this.#reportedAt = undefined;
    return waited;
  }
}

/** Waits a number of milliseconds, or rejects with the reason of the signal when that is aborted first. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Calls a function after some milliseconds. @returns what takes that back */
export type StartTimer = (ms: number, onTime: () => void) => () => void;

/** The longest delay that a timer of Node takes; longer ones would end at once. */
const longestTimerMs = 2 ** 31 - 1;

/** By a timer of Node, which keeps the process alive. */
export const startTimer: StartTimer = (ms, onTime) => {
  const timer = setTimeout(onTime, Math.min(Math.ceil(ms), longestTimerMs));
  return () => clearTimeout(timer);
};

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
      stopTimer();
      reject(signal?.reason);
    };
    const stopTimer = startTimer(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
