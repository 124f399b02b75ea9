/**
 * The ambient scope of a call: which operation is being recorded, which values parameters have, and where in the run we are.
 * `AsyncLocalStorage` carries it over `await`, so concurrent calls never see each other's.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { JsonValue } from "../data/json.ts";
import type { RunServices } from "../trainer/run-services.ts";
import type { Node } from "./node.ts";
import type { Parameter } from "./parameter.ts";

/** What one run of an operation has read so far; nothing before the first read. */
export interface Frame {
  reads: Set<Node> | undefined;
}

/** Notes that an operation depends on `node`. */
export function noteRead(frame: Frame | undefined, node: Node): void {
  if (frame === undefined) return;
  frame.reads ??= new Set();
  frame.reads.add(node);
}

/** Something that happened, as plain JSON, told to whoever listens to the run. */
export type AmbientEvent = { readonly type: string } & { readonly [key: string]: JsonValue | undefined };

/** Takes the events of one piece of a run. */
export interface EventChannel {
  emit(event: AmbientEvent): void;
  /**
   * A channel for each of `count` pieces of work that are done at once. Listeners that ask for logical order hear what the
   * pieces emit in order of the pieces. Each channel is closed when its piece is done.
   */
  fork(count: number): readonly EventChannel[];
  close(): void;
}

/**
 * Where a call stands in its run. `position` is logical (`iteration/3/proposal/2`) and names random streams and
 * language-model calls, so results do not depend on timing.
 */
export interface RunContext {
  readonly position: string;
  readonly signal?: AbortSignal | undefined;
  /** Tells the listeners of the run. */
  readonly events?: EventChannel | undefined;
  /** What the run lends to its rollouts and calls: brakes, budget, records of what was paid. */
  readonly services?: RunServices | undefined;
  /** How many language-model calls were made at this position; the next call takes the number and adds one. */
  calls: number;
}

/** All that is ambient at one moment. Immutable but for what the frame and the context collect. */
export interface Scope {
  readonly frame: Frame | undefined;
  readonly tracing: boolean;
  readonly bindings: ReadonlyMap<Parameter, unknown> | undefined;
  readonly context: RunContext | undefined;
}

const outside: Scope = { frame: undefined, tracing: true, bindings: undefined, context: undefined };
const storage = new AsyncLocalStorage<Scope>();

/** The scope of the code that is running now. */
export function currentScope(): Scope {
  return storage.getStore() ?? outside;
}

/** Runs `fn` in `scope`, and all that it starts. */
export function runInScope<R>(scope: Scope, fn: () => R): R {
  return storage.run(scope, fn);
}

/**
 * Runs `fn` without recording: operations inside give nodes without inputs. For evaluation, where nobody asks why.
 *
 * Scopes nest, and other calls in flight go on being recorded.
 */
export function noTrace<R>(fn: () => R): R {
  return runInScope({ ...currentScope(), frame: undefined, tracing: false }, fn);
}

/** What `atPosition` sets besides the position; what is left out stays as it is. */
export interface PositionOptions {
  readonly signal?: AbortSignal | undefined;
  /** A listener to the events of what runs here. */
  readonly emit?: ((event: AmbientEvent) => void) | undefined;
  /** The channel of what runs here; instead of `emit`. */
  readonly events?: EventChannel | undefined;
  readonly services?: RunServices | undefined;
}

/**
 * Runs `fn` at a position below the current one: `at("proposal/2", …)` inside `iteration/3` is `iteration/3/proposal/2`. Pieces
 * of work that are begun one after the other and done at once are told of in that order to listeners that ask for it.
 */
export function atPosition<R>(label: string, fn: () => R, options: PositionOptions = {}): R {
  const scope = currentScope();
  const outer = scope.context;
  const { emit, events = emit && plainChannel(emit) } = options;
  const own = events === undefined ? outer?.events?.fork(1)[0] : undefined;
  const context: RunContext = {
    position: outer?.position && label ? `${outer.position}/${label}` : label || (outer?.position ?? ""),
    signal: options.signal ?? outer?.signal,
    events: events ?? own,
    services: options.services ?? outer?.services,
    calls: 0,
  };
  const work = (): R => runInScope({ ...scope, context }, fn);
  return own === undefined ? work() : thenClosed(own, work);
}

function thenClosed<R>(channel: EventChannel, work: () => R): R {
  let result: R | undefined;
  try {
    result = work();
    return result instanceof Promise ? (result.finally(() => channel.close()) as R) : result;
  } finally {
    if (!(result instanceof Promise)) channel.close();
  }
}

/** Where the code that is running now stands in its run, or `undefined` outside of any. */
export function currentRun(): RunContext | undefined {
  return currentScope().context;
}

/** The logical position of the code that is running now; empty outside of any run. */
export function currentPosition(): string {
  return currentRun()?.position ?? "";
}

/** Tells the listeners of the run, if there is one, what happened. */
export function emitEvent(event: AmbientEvent): void {
  currentRun()?.events?.emit(event);
}

/** A channel that hands on every event at once. */
export function plainChannel(emit: (event: AmbientEvent) => void): EventChannel {
  const channel: EventChannel = { emit, fork: (count) => Array.from({ length: count }, () => channel), close: () => {} };
  return channel;
}

/**
 * Channels for pieces of work that are done at once, one for each, in their order; `undefined` where nobody listens. Whoever
 * forks closes each channel when its piece is done, and all of them in the end, also of pieces that were never begun.
 */
export function forkEvents(count: number): readonly EventChannel[] | undefined {
  return currentRun()?.events?.fork(count);
}

/** Does `work` with its events going to this channel; without one, as it is. */
export function withEvents<R>(events: EventChannel | undefined, work: () => R): R {
  const { context, ...scope } = currentScope();
  if (events === undefined || context === undefined) return work();
  return runInScope({ ...scope, context: { ...context, events } }, work);
}
