/**
 * A pool of a fixed width that all rollouts of a run share: whenever there is work, no place stands idle.
 *
 * @module
 */
import pLimit, { type LimitFunction } from "p-limit";
import { describeValue } from "../data/json.ts";
import { untilAborted } from "../data/until-aborted.ts";
import { InvalidArgumentError } from "../errors.ts";
import { currentRun } from "../graph/scope.ts";

/** Runs work with at most `width` pieces in flight, whoever asks for it. */
export class Pool {
  readonly width: number;
  readonly #limit: LimitFunction;

  /** @param width the most pieces of work in flight at once, at least 1 */
  constructor(width: number) {
    if (!Number.isSafeInteger(width) || width < 1) {
      throw new InvalidArgumentError(`Expected \`numThreads\` to be a whole number of at least 1, got ${describeValue(width)}`);
    }
    this.width = width;
    this.#limit = pLimit(width);
  }

  /**
   * The results of `work` on every item, in the order of the items. Items are taken one by one as places become free.
   *
   * After a failure or the stop of the run nothing more is started; what is in flight ends first, then the error of the
   * earliest item is thrown. An abort waits for nothing: `signal.reason` is thrown unchanged.
   */
  async map<T, R>(items: Iterable<T>, work: (item: T, index: number) => Promise<R>, signal?: AbortSignal): Promise<R[]> {
    signal?.throwIfAborted();
    const control = currentRun()?.services?.control;
    control?.throwIfStopped();
    const results: R[] = [];
    const failures: { readonly index: number; readonly error: unknown }[] = [];
    const iterator = items[Symbol.iterator]();
    let next = 0;
    let isExhausted = false;
    const runOne = async (): Promise<boolean> => {
      if (failures.length > 0 || signal?.aborted || control?.stopped) return false;
      const item = iterator.next();
      isExhausted ||= item.done === true;
      if (item.done) return false;
      const index = next++;
      try {
        results[index] = await work(item.value, index);
      } catch (error) {
        failures.push({ index, error });
      }
      return true;
    };
    const worker = async (): Promise<void> => {
      while (await this.#limit(runOne)) {}
    };
    await untilAborted(Promise.all(Array.from({ length: this.width }, worker)), signal);
    signal?.throwIfAborted();
    failures.sort((a, b) => a.index - b.index);
    if (failures[0] !== undefined) throw failures[0].error;
    // Some items were never begun.
    if (!isExhausted) control?.throwIfStopped();
    return results;
  }
}
