/**
 * The contract of pools: who has work, and what does it with a fixed number of slots.
 *
 * @module
 */
import type { MaybePromise } from "../data/maybe-promise.ts";

/** What has work to be done: it is asked for the next piece whenever a slot is free. */
export interface WorkSource {
  /**
   * The next piece of work, which never throws; `undefined` when there is none now. It is asked again when a piece of any
   * source has ended, and when the pool is told to `look`. A piece that waits for nothing is over when it returns.
   */
  take(): (() => MaybePromise<void>) | undefined;
}

/** How work is done. */
export interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  /** Fills slots that nothing else wants: for work that is not awaited yet. @default false */
  readonly isBackground?: boolean | undefined;
}

/** How items are worked on. */
export interface EachOptions extends WorkOptions {
  /** How far the latest item in work may be ahead of the earliest, so that what is kept in order has a bound. @default 16,384 */
  readonly maxAhead?: number | undefined;
  /** How long an asynchronous sequence may take for its next item, in milliseconds; `null` is no limit. @default no limit */
  readonly readTimeoutMs?: number | null | undefined;
}

/** Does work with at most `width` pieces in flight, whoever asks for it. */
export interface WorkPool {
  readonly width: number;
  /** Does the work of a source, in the scope of this call. @returns a function after which nothing more is begun */
  serve(source: WorkSource, isBackground?: boolean): () => void;
  /** Begins what can be begun: a source has new work. */
  look(): void;
  /** Resolves when nothing is in flight. */
  idle(): Promise<void>;
  /** Does `work` for every item, in order, as slots become free. @throws the error of the earliest item that failed */
  each<T>(
    items: Iterable<T> | AsyncIterable<T>,
    work: (item: T, index: number) => MaybePromise<void>,
    options?: EachOptions,
  ): Promise<void>;
  /** `each` with the results of `work`, in the order of the items. */
  map<T, R>(
    items: Iterable<T> | AsyncIterable<T>,
    work: (item: T, index: number) => MaybePromise<R>,
    options?: EachOptions,
  ): Promise<R[]>;
}
