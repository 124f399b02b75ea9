/**
 * The items of one sequence as work for a pool: taken one by one, counted, and ended by the first failure.
 *
 * @module
 */
import { LimitedWork } from "./limited-work.ts";
import { readOverdue } from "./rollout-timeout.ts";
import type { WorkSource } from "./work-pool.ts";

/** What is to be done. */
export interface ItemSourceParts<T> {
  readonly items: Iterable<T> | AsyncIterable<T>;
  readonly work: (item: T, index: number) => Promise<void>;
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
export class ItemSource<T> implements WorkSource {
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

  take(): (() => Promise<void>) | undefined {
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

  async #work(item: T, index: number): Promise<void> {
    try {
      // The event loop may have turned since it was taken, and an earlier item failed.
      if (this.#failure === undefined || index < this.#failure.index) await this.#parts.work(item, index);
    } catch (error) {
      this.#fail(index, error);
    }
    this.#inWork.delete(index);
    this.settle();
  }

  #fail(index: number, error: unknown): void {
    if (this.#failure === undefined || index < this.#failure.index) this.#failure = { index, error };
  }
}
