/**
 * A pool of a fixed width that all rollouts of a run share: whenever there is work, no slot is idle.
 *
 * @module
 */

import { AsyncResource } from "node:async_hooks";
import { wholeFrom } from "../data/option-table.ts";
import { checkValue } from "../data/options.ts";
import { untilAborted } from "../data/until-aborted.ts";
import { beginInTurn } from "./event-loop.ts";
import { ItemSource } from "./item-source.ts";
import { runServices } from "./run-services.ts";
import type { EachOptions, WorkPool, WorkSource } from "./work-pool.ts";

/**
 * Runs work with at most `width` pieces in flight, whoever asks for it. Work that is waited for comes before work in the
 * background, and of each kind what was asked for first comes first.
 */
export class Pool implements WorkPool {
  readonly width: number;
  readonly #urgent = new Set<Served>();
  readonly #background = new Set<Served>();
  readonly #onIdle: (() => void)[] = [];
  #inFlight = 0;
  #isFilling = false;

  /** @param width the most pieces of work in flight at once, at least 1 */
  constructor(width: number) {
    checkValue(width, wholeFrom(1), "`numThreads`");
    this.width = width;
  }

  /**
   * Does the work of a source, in the scope of this call, until the returned function is called.
   *
   * @returns a function after which nothing more is begun
   */
  serve(source: WorkSource, isBackground = false): () => void {
    const sources = isBackground ? this.#background : this.#urgent;
    const served: Served = { source, scope: new AsyncResource("opto.pool", { requireManualDestroy: true }) };
    sources.add(served);
    this.look();
    return () => {
      if (sources.delete(served)) served.scope.emitDestroy();
    };
  }

  /** Begins what can be begun: a source has new work. */
  look(): void {
    // Work may ask for more work before its first wait.
    if (this.#isFilling) return;
    this.#isFilling = true;
    try {
      while (this.#inFlight < this.width && (this.#beginOne(this.#urgent) || this.#beginOne(this.#background))) {}
    } finally {
      this.#isFilling = false;
    }
  }

  /** Resolves when nothing is in flight. */
  async idle(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /**
   * Does `work` for every item, in order, as slots become free: an item is taken when it is begun, so that a sequence of any
   * length takes no room. Sequences that are made asynchronously are read one item ahead.
   *
   * After a failure or the stop of the run nothing more is begun; what is in flight ends first, then the error of the
   * earliest item is thrown. An abort waits for nothing: `signal.reason` is thrown unchanged.
   */
  async each<T>(
    items: Iterable<T> | AsyncIterable<T>,
    work: (item: T, index: number) => Promise<void>,
    options: EachOptions = {},
  ): Promise<void> {
    const { signal, isBackground, maxAhead, readTimeoutMs } = options;
    signal?.throwIfAborted();
    const control = runServices().control;
    control?.throwIfStopped();
    const isOver = (): boolean => signal?.aborted === true || control?.stopped !== undefined;
    const source = new ItemSource({ items, work, isOver, look: () => this.look(), maxAhead, readTimeoutMs });
    const listenNoMore = control?.onStop(() => source.settle());
    const close = this.serve(source, isBackground);
    try {
      await untilAborted(source.ended, signal);
    } finally {
      listenNoMore?.();
      close();
      source.close();
    }
    signal?.throwIfAborted();
    source.throwFailure();
    // Some items were never begun.
    if (!source.isExhausted) control?.throwIfStopped();
  }

  /** `each` with the results of `work`, in the order of the items. */
  async map<T, R>(
    items: Iterable<T> | AsyncIterable<T>,
    work: (item: T, index: number) => Promise<R>,
    options: EachOptions = {},
  ): Promise<R[]> {
    const results: R[] = [];
    const keep = async (item: T, index: number): Promise<void> => {
      results[index] = await work(item, index);
    };
    await this.each(items, keep, options);
    return results;
  }

  /** Whether a piece of work was begun. */
  #beginOne(sources: ReadonlySet<Served>): boolean {
    for (const { source, scope } of sources) {
      const work = scope.runInAsyncScope(source.take, source);
      if (work === undefined) continue;
      this.#inFlight++;
      beginInTurn(() => void this.#run(work, scope));
      return true;
    }
    return false;
  }

  async #run(work: () => Promise<void>, scope: AsyncResource): Promise<void> {
    await scope.runInAsyncScope(work);
    this.#inFlight--;
    this.look();
    if (this.#inFlight === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

interface Served {
  readonly source: WorkSource;
  /** That of the caller, for work that is begun when some other work has ended. */
  readonly scope: AsyncResource;
}
