/**
 * Time that passes as fast as the program allows: a clock and a sleep for tests in which minutes go by.
 *
 * @module
 */
import type { Clock } from "../../src/data/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until everybody sleeps, and then jumps to the first moment at which somebody wakes. */
export class VirtualTime implements Clock {
  #now = 0;
  #sleepers: Sleeper[] = [];

  /** Milliseconds since 1970 begin at one billion seconds, so that no moment looks like a duration. */
  now(): number {
    return 1e12 + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** How many sleep: nothing may be left behind when all is done. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const sleeper = { at: this.#now + Math.max(0, ms), wake };
      const before = this.#sleepers.findLastIndex(({ at }) => at <= sleeper.at);
      this.#sleepers.splice(before + 1, 0, sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });

  /** Lets time pass until `work` is settled, and returns what it comes to. */
  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    work.then(done, done);
    for (await turn(); !settled; await turn()) {
      if (!this.#wakeNext()) throw new Error("Everybody waits and nobody sleeps: this would hang for ever");
    }
    return work;
  }

  /** Lets so much time pass, whatever happens in it. */
  async pass(ms: number): Promise<void> {
    await this.run(this.sleep(ms));
  }

  #wakeNext(): boolean {
    const sleeper = this.#sleepers.shift();
    if (sleeper === undefined) return false;
    this.#now = Math.max(this.#now, sleeper.at);
    sleeper.wake();
    return true;
  }
}

/** Until all promises that can go on have gone on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
