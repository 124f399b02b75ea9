/**
 * Work that is waited for, but not for ever: its own time is limited, and after the end of the run it has a short grace.
 *
 * @module
 */
import { AsyncResource } from "node:async_hooks";
import { describeValue } from "../data/json.ts";
import type { MaybePromise } from "../data/maybe-promise.ts";
import { InfrastructureError, RolloutTimeoutError } from "../errors.ts";
import { atPosition, currentRun, type OpenOperation, type PositionOptions, type WorkInProgress } from "../graph/scope.ts";
import type { CallControl } from "../llm/call-services.ts";
import { runServices } from "./run-services.ts";

/** How long work is waited for when its run has stopped or was aborted, in milliseconds: while it waits for a model, and while not. */
const graceMs = { calls: 30_000, own: 1_000 } as const;

/** How exactly time is kept, in milliseconds. */
const tickMs = 50;

/** What is in progress here and now, with the limit that holds for it. */
interface Part {
  readonly abandon: () => void;
  ownMs: number;
}

/**
 * A rollout, or another piece of a run. Its time is its own: a model call that is in progress stops the count, because calls have
 * limits of their own, and an outage, a rate limit or a retry is no fault of the work. Time is counted by ticks of the
 * event loop, so a process that is suspended, or whose processor other work occupies, does not count against it.
 */
export class LimitedWork implements WorkInProgress {
  outage: { readonly error: unknown } | undefined;
  readonly #outer: WorkInProgress | undefined;
  readonly #control: CallControl | undefined;
  readonly #aborted: AbortSignal | undefined;
  readonly #limitMs: number;
  #open: Set<OpenOperation> | undefined;
  #parts: Set<Part> | undefined;
  #grace: { calls: number; own: number } | undefined;
  #whole: (Part & { readonly stop: (reason: unknown) => void }) | undefined;
  #calls = 0;
  #abandoned: { readonly reason: unknown } | undefined;
  #isClosed = false;
  #aborter: AbortController | undefined;
  #signal: AbortSignal | undefined;

  /** Belongs to the work in which it is made. @param limitMs how long each part of it may take, and what is in no part. @default no limit */
  constructor(limitMs: number | null = null) {
    const run = currentRun();
    this.#outer = run?.work;
    this.#control = runServices(run).control;
    this.#aborted = run?.signal;
    this.#limitMs = limitMs ?? Number.POSITIVE_INFINITY;
  }

  get open(): Set<OpenOperation> {
    this.#open ??= new Set();
    return this.#open;
  }

  get abandoned(): { readonly reason: unknown } | undefined {
    return this.#abandoned ?? this.#outer?.abandoned;
  }

  get isIgnored(): boolean {
    return (this.#isClosed && this.#abandoned !== undefined) || this.#outer?.isIgnored === true;
  }

  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal;
    const aborter = new AbortController();
    if (this.#abandoned !== undefined) aborter.abort(this.#abandoned.reason);
    this.#aborter = aborter;
    this.#signal = this.#outer === undefined ? aborter.signal : AbortSignal.any([aborter.signal, this.#outer.signal]);
    return this.#signal;
  }

  beginCall(): () => void {
    if (this.abandoned !== undefined) throw this.abandoned.reason;
    const endOuter = this.#outer?.beginCall();
    this.#calls++;
    return () => {
      this.#calls--;
      endOuter?.();
    };
  }

  /**
   * Does the work, once. Time is counted from its first wait: what waits for nothing cannot be given up.
   *
   * @param overdue the error when the time of what is in no part is up
   * @throws the reason why the run ends, when the work does not end within the grace
   */
  run<T>(work: () => Promise<T>, overdue?: (limitMs: number) => Error): Promise<T>;
  run<T>(work: () => MaybePromise<T>, overdue?: (limitMs: number) => Error): MaybePromise<T>;
  run<T>(work: () => MaybePromise<T>, overdue?: (limitMs: number) => Error): MaybePromise<T> {
    const result = work();
    return result instanceof Promise ? this.#waitFor(result, overdue) : result;
  }

  #waitFor<T>(result: Promise<T>, overdue?: (limitMs: number) => Error): Promise<T> {
    begin(this);
    return new Promise<T>((resolve, reject) => {
      const stop = (reason: unknown): void => {
        end(this);
        this.#abandon(reason);
        reject(reason);
      };
      this.#whole = { abandon: () => stop(overdue?.(this.#limitMs)), stop, ownMs: 0 };
      result.then(
        (value) => {
          end(this);
          resolve(value);
        },
        (error) => {
          end(this);
          reject(error);
        },
      );
    });
  }

  /** The run continues, with this or without it. */
  close(): void {
    this.#isClosed = true;
  }

  limited<T>(
    part: () => MaybePromise<T>,
    overdue: (limitMs: number) => Error,
    thrown: (overdue: Error) => unknown = (error) => error,
  ): MaybePromise<T> {
    let result: MaybePromise<T>;
    try {
      result = part();
    } catch (error) {
      throw this.outage === undefined ? error : this.outage.error;
    }
    if (result instanceof Promise) return this.#waitForPart(result, overdue, thrown);
    if (this.outage !== undefined) throw this.outage.error;
    return result;
  }

  #waitForPart<T>(result: Promise<T>, overdue: (limitMs: number) => Error, thrown: (overdue: Error) => unknown): Promise<T> {
    this.#parts ??= new Set();
    const parts = this.#parts;
    return new Promise<T>((resolve, reject) => {
      const own: Part = {
        abandon: () => {
          const error = overdue(this.#limitMs);
          parts.delete(own);
          this.#abandon(error);
          reject(thrown(error));
        },
        ownMs: 0,
      };
      parts.add(own);
      result.then(
        (value) => {
          parts.delete(own);
          if (this.outage === undefined) resolve(value);
          else reject(this.outage.error);
        },
        (error) => {
          parts.delete(own);
          reject(this.outage === undefined ? error : this.outage.error);
        },
      );
    });
  }

  /** Some more time has passed. */
  tick(): void {
    const end = this.#end();
    if (end !== undefined) {
      const kind = this.#calls > 0 ? "calls" : "own";
      this.#grace ??= { calls: 0, own: 0 };
      this.#grace[kind] += tickMs;
      if (this.#grace[kind] > graceMs[kind]) this.#whole?.stop(end.reason);
    } else if (this.#calls === 0) {
      const running = this.#parts !== undefined && this.#parts.size > 0 ? this.#parts : [this.#whole];
      for (const part of running) {
        if (part === undefined) continue;
        part.ownMs += tickMs;
        // The first tick may come immediately.
        if (part.ownMs > this.#limitMs) part.abandon();
      }
    }
  }

  /** Why the run ends, when it does. */
  #end(): { readonly reason: unknown } | undefined {
    const stopped = this.#control?.stopped;
    if (stopped !== undefined) return { reason: stopped };
    return this.#aborted?.aborted ? { reason: this.#aborted.reason } : undefined;
  }

  #abandon(reason: unknown): void {
    this.#abandoned ??= { reason };
    this.#aborter?.abort(reason);
  }
}

/**
 * Does a piece of a run that has no limit of its own, but is not waited for when the run has ended and the grace is over.
 *
 * @throws the reason why the run ends
 */
export async function waitedFor<T>(piece: () => Promise<T>, label = "", options: PositionOptions = {}): Promise<T> {
  const work = new LimitedWork();
  try {
    return await atPosition(label, () => work.run(piece), { ...options, work });
  } finally {
    work.close();
  }
}

/** The real ones, also where a test has put its own in their place. */
const { setInterval, clearInterval } = globalThis;
/** The ticks belong to no run, and keep the scope of none alive. */
const nowhere = new AsyncResource("opto.ticks");
const inProgress = new Set<LimitedWork>();
let ticks: NodeJS.Timeout | undefined;

/** Work in progress keeps the process alive: somebody waits for what comes after it. */
function begin(work: LimitedWork): void {
  inProgress.add(work);
  ticks ??= nowhere.runInAsyncScope(() => setInterval(tickAll, tickMs));
  if (inProgress.size === 1) ticks.ref();
}

function end(work: LimitedWork): void {
  inProgress.delete(work);
  if (inProgress.size === 0) ticks?.unref();
}

function tickAll(): void {
  for (const work of inProgress) work.tick();
  if (inProgress.size > 0) return;
  clearInterval(ticks);
  ticks = undefined;
}

/** The limit where none is set, in milliseconds. */
const defaultTimeoutMs = 600_000;

/** The limit here: that of the run, else the default. In milliseconds; `null` is no limit. */
export function currentRolloutTimeoutMs(): number | null {
  const ofRun = runServices().rolloutTimeoutMs;
  return ofRun === undefined ? defaultTimeoutMs : ofRun;
}

/** The agent's own doing: it counts as if it had thrown this. */
export function agentOverdue(limitMs: number): Error {
  return new RolloutTimeoutError(`The agent did not finish ${within(limitMs)}`);
}

/** Says nothing about the agent: the example is left unscored. */
export function guideOverdue(limitMs: number, input: unknown): Error {
  return new InfrastructureError(`The guide did not finish on the input ${describeValue(input)} ${within(limitMs)}`);
}

/** An algorithm's own `forward` takes too long besides agent and guide. */
export function forwardOverdue(limitMs: number): Error {
  return new InfrastructureError(`A rollout did not finish ${within(limitMs)}`);
}

/** The source of the examples of an evaluation. */
export function readOverdue(limitMs: number): Error {
  return new InfrastructureError(
    `No further example arrived within ${limitMs / 1000} s. If the source of the examples needs longer, raise \`rollouts.timeoutMs\``,
  );
}

function within(limitMs: number): string {
  return `within ${limitMs / 1000} s, model calls not counted. If it needs longer, raise \`rollouts.timeoutMs\``;
}
