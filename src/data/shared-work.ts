/**
 * Waiting: for what several wait for and is done once, for what is done one piece after the other, for anything with a `then`, and no longer
 * than until an abort.
 *
 * @module
 */

/**
 * The first who needs the result begins the work, others wait for the same. It is given up only when nobody waits for it
 * any more; a result is kept, and after a failure the next who needs it begins anew.
 */
export class SharedWork<T> {
  readonly #begin: (signal: AbortSignal) => Promise<T>;
  #current: Begun<T> | undefined;

  /** @param begin its signal is aborted when the last who waited has gone, with the reason of that one */
  constructor(begin: (signal: AbortSignal) => Promise<T>) {
    this.#begin = begin;
  }

  /**
   * The result.
   *
   * @throws the reason of the signal, unchanged, as soon as that is aborted; else what the work throws
   */
  async result(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    this.#current ??= this.#start();
    const current = this.#current;
    current.waiting++;
    try {
      return await untilAborted(current.result, signal);
    } finally {
      current.waiting--;
      if (current.waiting === 0 && !current.isDone) {
        if (this.#current === current) this.#current = undefined;
        current.controller.abort(signal?.reason);
      }
    }
  }

  #start(): Begun<T> {
    const controller = new AbortController();
    const begun: Begun<T> = { controller, result: this.#begin(controller.signal), waiting: 0, isDone: false };
    begun.result.then(
      () => {
        begun.isDone = true;
      },
      () => {
        begun.isDone = true;
        if (this.#current === begun) this.#current = undefined;
      },
    );
    return begun;
  }
}

interface Begun<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  waiting: number;
  isDone: boolean;
}

/** True for promises and everything else that can be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

/** What `work` gives, or the reason of the signal, unchanged, as soon as that is aborted, whether `work` heeds it or not. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** Does work once all that was given before has ended, however that went. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** A queue of its own. */
export function inTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}
