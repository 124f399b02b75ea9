/**
 * A pool of a fixed width that all rollouts of a run share: whenever there is work, no slot is idle.
 *
 * @module
 */
import { AsyncResource } from "node:async_hooks";
import { after, type MaybePromise, settled } from "../data/maybe-promise.ts";
import { wholeFrom } from "../data/option-table.ts";
import { checkValue } from "../data/options.ts";
import { untilAborted } from "../data/shared-work.ts";
import { runInTurn } from "./event-loop.ts";
import { LimitedWork, readOverdue } from "./limited-work.ts";
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

  /** Whether any work is in flight. */
  get isBusy(): boolean {
    return this.#inFlight > 0;
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
    work: (item: T, index: number) => MaybePromise<void>,
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
    work: (item: T, index: number) => MaybePromise<R>,
    options: EachOptions = {},
  ): Promise<R[]> {
    const results: R[] = [];
    const keep = (item: T, index: number): MaybePromise<void> =>
      after(work(item, index), (result) => {
        results[index] = result;
      });
    await this.each(items, keep, options);
    return results;
  }

  /** Whether a piece of work was begun. */
  #beginOne(sources: ReadonlySet<Served>): boolean {
    for (const { source, scope } of sources) {
      const work = scope.runInAsyncScope(source.take, source);
      if (work === undefined) continue;
      this.#inFlight++;
      runInTurn(() => {
        const pending = scope.runInAsyncScope(work);
        if (pending instanceof Promise) pending.then(this.#endOne);
        else this.#endOne();
        return pending;
      });
      return true;
    }
    return false;
  }

  readonly #endOne = (): void => {
    this.#inFlight--;
    this.look();
    if (this.#inFlight === 0 && this.#onIdle.length > 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  };
}

interface Served {
  readonly source: WorkSource;
  /** That of the caller, for work that is begun when some other work has ended. */
  readonly scope: AsyncResource;
}

/** What is to be done. */
export interface ItemSourceParts<T> {
  readonly items: Iterable<T> | AsyncIterable<T>;
  readonly work: (item: T, index: number) => MaybePromise<void>;
  /** Whether nothing more is to be begun. */
  readonly isOver: () => boolean;
  /** Has the pool ask for work again. */
  readonly look: () => void;
  /** How far the latest item in work may be ahead of the earliest. @default 16,384 */
  readonly maxAhead?: number | undefined;
  /** How long an asynchronous sequence may take for its next item, in milliseconds; `null` is no limit. @default no limit */
  readonly readTimeoutMs?: number | null | undefined;
}

type Read<T> = { readonly value: T } | undefined;

/** Reads a sequence as far as it is worked on. */
class ItemSource<T> implements WorkSource {
  /** Resolves when no item is left and none is in work. */
  readonly ended: Promise<void>;
  readonly #parts: ItemSourceParts<T>;
  readonly #maxAhead: number;
  readonly #iterator: Iterator<T> | undefined;
  readonly #asyncIterator: AsyncIterator<T> | undefined;
  /** The items in work, in order, because they are begun in order. */
  readonly #inWork = new Set<number>();
  #next = 0;
  #isExhausted = false;
  #isReading = false;
  #isClosed = false;
  /** The item read ahead of an asynchronous sequence. */
  #ahead: Read<T>;
  #failure: { readonly index: number; readonly error: unknown } | undefined;
  #end: () => void = () => {};

  constructor(parts: ItemSourceParts<T>) {
    const { items, maxAhead = 16_384 } = parts;
    this.#parts = parts;
    this.#maxAhead = maxAhead;
    if (Symbol.iterator in items) this.#iterator = items[Symbol.iterator]();
    else this.#asyncIterator = items[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Whether every item was begun. */
  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  take(): (() => MaybePromise<void>) | undefined {
    if (this.#isClosed) return undefined;
    const read = this.#mayBegin() ? this.#read() : undefined;
    if (read === undefined) {
      this.settle();
      return undefined;
    }
    const index = this.#next++;
    this.#inWork.add(index);
    return () => this.#work(read.value, index);
  }

  /** Notices that there is nothing more to do. */
  settle(): void {
    if (this.#inWork.size > 0) return;
    const isOver = this.#failure !== undefined || this.#parts.isOver();
    if (isOver || (this.#isExhausted && this.#ahead === undefined)) this.#end();
  }

  /** Takes nothing more, and lets the sequence free what it holds. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isExhausted) return;
    try {
      this.#iterator?.return?.();
      this.#asyncIterator?.return?.()?.then(undefined, () => undefined);
    } catch {
      // What ended the work is the error to tell.
    }
  }

  /** @throws the error of the earliest item that has failed */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #mayBegin(): boolean {
    if (this.#failure !== undefined || this.#parts.isOver()) return false;
    if (this.#isExhausted && this.#ahead === undefined) return false;
    const [earliest = this.#next] = this.#inWork;
    return this.#next - earliest < this.#maxAhead;
  }

  /** The next item; `undefined` when there is none, or none yet. */
  #read(): Read<T> {
    if (this.#asyncIterator !== undefined) return this.#readAhead(this.#asyncIterator);
    try {
      const item = this.#iterator?.next();
      if (item !== undefined && !item.done) return item;
      this.#isExhausted = true;
    } catch (error) {
      this.#fail(this.#next, error);
    }
    return undefined;
  }

  #readAhead(iterator: AsyncIterator<T>): Read<T> {
    const read = this.#ahead;
    this.#ahead = undefined;
    if (!this.#isReading && !this.#isExhausted) {
      this.#isReading = true;
      void this.#readLater(iterator);
    }
    return read;
  }

  async #readLater(iterator: AsyncIterator<T>): Promise<void> {
    try {
      const item = await new LimitedWork(this.#parts.readTimeoutMs).run(async () => iterator.next(), readOverdue);
      if (item.done) this.#isExhausted = true;
      else this.#ahead = item;
    } catch (error) {
      this.#fail(this.#next, error);
    }
    this.#isReading = false;
    this.settle();
    this.#parts.look();
  }

  #work(item: T, index: number): MaybePromise<void> {
    // The event loop may have turned since it was taken, and an earlier item failed.
    if (this.#failure !== undefined && index > this.#failure.index) return this.#ended(index);
    return settled(
      () => this.#parts.work(item, index),
      () => this.#ended(index),
      (error) => {
        this.#fail(index, error);
        this.#ended(index);
      },
    );
  }

  #ended(index: number): void {
    this.#inWork.delete(index);
    this.settle();
  }

  #fail(index: number, error: unknown): void {
    if (this.#failure === undefined || index < this.#failure.index) this.#failure = { index, error };
  }
}
