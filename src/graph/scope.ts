/**
 * The ambient scope of a call: which operation is being recorded, which values parameters have, and where in the run we are.
 * `AsyncLocalStorage` carries it over `await`, so concurrent calls never see each other's.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { JsonValue } from "../data/json.ts";
import type { MaybePromise } from "../data/maybe-promise.ts";
import { findInfrastructureRule, type InfrastructureRule } from "../errors.ts";
import { type GraphNode, labelOf } from "./graph-node.ts";

/** One run of an operation, with what it has come to so far. */
export interface Frame {
  /** What it was called with. */
  readonly inputs: readonly GraphNode[];
  /** What it has read; nothing before the first read. */
  reads: Set<GraphNode> | undefined;
  /** What an optimizer should know of the result besides its value. */
  remarks: string | undefined;
  readonly isTraced: boolean;
  /** Whether the operation has ended. */
  isOver: boolean;
}

/** Notes that an operation depends on `node`. */
export function noteRead(frame: Frame | undefined, node: GraphNode): void {
  if (frame === undefined) return;
  if (frame.isOver) {
    if (node.kind === "parameter") reportLostContext(currentScope(), node, "late");
    return;
  }
  if (!frame.isTraced) return;
  frame.reads ??= new Set();
  frame.reads.add(node);
}

/** Notes, as a sentence for the optimizer, what happened to the result of the operation that is running. */
export function noteRemark(frame: Frame | undefined, remark: string): void {
  if (frame === undefined || frame.remarks?.includes(remark)) return;
  frame.remarks = frame.remarks === undefined ? remark : `${frame.remarks} ${remark}`;
}

/** Something that happened, as plain JSON, emitted to the listeners of the run. */
export type AmbientEvent = { readonly type: string } & { readonly [key: string]: JsonValue | undefined };

/** Takes the events of one piece of a run. */
export interface EventChannel {
  emit(event: AmbientEvent): void;
  /**
   * A channel for each of `count` pieces of work that are done concurrently. Listeners that ask for logical order receive what the
   * pieces emit in order of the pieces. Each channel is closed when its piece is done.
   */
  fork(count: number): readonly EventChannel[];
  close(): void;
}

/** A piece of a run that is waited for, but not for ever. Code that runs in it reports here what bears on that. */
export interface WorkInProgress {
  /** Operations that have begun and not ended. */
  readonly open: Set<OpenOperation>;
  /** Why it is no longer waited for; `undefined` as long as it is. */
  readonly abandoned: { readonly reason: unknown } | undefined;
  /** Whether the run has continued without it: what it still does is ignored. */
  readonly isIgnored: boolean;
  /** Aborted with the reason when the work is abandoned. */
  readonly signal: AbortSignal;
  /**
   * The outage by which the stream of a reply ended, or the refusal of a call because the run is ending. Who reads one may not hear of it: the beginning of a reply looks like a short
   * reply, and the error of the AI SDK for a missing end says nothing of its cause. So what was made of it is no answer.
   */
  outage?: { readonly error: unknown } | undefined;
  /**
   * A model call begins. Until it has ended, no time counts against the limit of the work.
   *
   * @returns a function to be called at its end
   * @throws the reason, when the work was abandoned
   */
  beginCall(): () => void;
  /**
   * Does a part of the work for which the limit applies by itself.
   *
   * @param overdue the error when its time is up; the work is abandoned then
   * @param thrown what is thrown for that error. @default the error itself
   * @throws the outage by which the stream of a reply has ended meanwhile, whatever the part came to
   */
  limited<T>(
    part: () => MaybePromise<T>,
    overdue: (limitMs: number) => Error,
    thrown?: (overdue: Error) => unknown,
  ): MaybePromise<T>;
}

/** An operation that has not ended. */
export interface OpenOperation {
  readonly inputs: readonly GraphNode[];
  readonly frame: Frame | undefined;
}

/**
 * The position of a call in its run. `position` is logical (`iteration/3/proposal/2`) and names random streams and
 * language-model calls, so results do not depend on timing.
 */
export interface RunContext {
  readonly position: string;
  readonly signal?: AbortSignal | undefined;
  /** Tells the listeners of the run. */
  readonly events?: EventChannel | undefined;
  /** What the run lends to its rollouts and calls: brakes, budget, records of what was paid. The layers that lend it say what it is. */
  readonly services?: object | undefined;
  /** Which errors of the user's own clients are outages. */
  readonly isInfrastructure?: InfrastructureRule | undefined;
  /** What this is part of, where there is a limit to how long that is waited for. */
  readonly work?: WorkInProgress | undefined;
  /** How many language-model calls were made at this position; the next call takes the number and adds one. */
  calls: number;
}

/** One call of `withValues` or `atPosition`, and the one around it: tells what runs inside it from what only runs at the same time. */
export interface Layer {
  readonly outer: Layer | undefined;
  /** Of the outermost: whether a loss of the asynchronous context was reported. */
  isLossReported?: boolean;
}

/** All that is ambient at one moment. Immutable but for what the frame, the context and the layer collect. */
export interface Scope {
  readonly frame: Frame | undefined;
  readonly tracing: boolean;
  readonly bindings: ReadonlyMap<GraphNode, unknown> | undefined;
  readonly context: RunContext | undefined;
  readonly layer: Layer | undefined;
}

const outside: Scope = { frame: undefined, tracing: true, bindings: undefined, context: undefined, layer: undefined };
const storage = new AsyncLocalStorage<Scope>();
findInfrastructureRule(() => storage.getStore()?.context?.isInfrastructure);

/** The scope of the code that is running now. */
export function currentScope(): Scope {
  return storage.getStore() ?? outside;
}

/** Runs `fn` in `scope`, and all that it starts. */
export function runInScope<R>(scope: Scope, fn: () => R): R {
  return storage.run(scope, fn);
}

/** Runs `fn` in no scope at all: as if nothing was recorded, bound, or run around it. */
export function outsideOfRuns<R>(fn: () => R): R {
  return runInScope(outside, fn);
}

/**
 * Runs `fn` without recording: operations inside return nodes without inputs. For evaluation, where no feedback is needed.
 *
 * Scopes nest, and other calls in flight are still recorded.
 */
export function noTrace<R>(fn: () => R): R {
  const { bindings, context, layer } = currentScope();
  return runInScope({ frame: undefined, tracing: false, bindings, context, layer }, fn);
}

/** What `atPosition` sets besides the position; what is left out stays as it is. */
export interface PositionOptions {
  readonly signal?: AbortSignal | undefined;
  /** A listener to the events of what runs here. */
  readonly emit?: ((event: AmbientEvent) => void) | undefined;
  /** The channel of what runs here; instead of `emit`. */
  readonly events?: EventChannel | undefined;
  readonly services?: object | undefined;
  readonly isInfrastructure?: InfrastructureRule | undefined;
  readonly work?: WorkInProgress | undefined;
}

/**
 * Runs `fn` at a position below the current one: `at("proposal/2", …)` inside `iteration/3` is `iteration/3/proposal/2`. Pieces
 * of work that are started one after the other and done concurrently are reported in that order to listeners that ask for it.
 */
export function atPosition<R>(label: string, fn: () => R, options: PositionOptions = {}): R {
  const { frame, tracing, bindings, context: outer, layer } = currentScope();
  const { emit, events = emit && plainChannel(emit) } = options;
  const forks = events === undefined && outer?.events !== noListeners;
  const own = forks ? outer?.events?.fork(1)[0] : undefined;
  const context: RunContext = {
    position: outer?.position && label ? `${outer.position}/${label}` : label || (outer?.position ?? ""),
    signal: options.signal ?? outer?.signal,
    events: events ?? own ?? outer?.events,
    services: options.services ?? outer?.services,
    isInfrastructure: options.isInfrastructure ?? outer?.isInfrastructure,
    work: options.work ?? outer?.work,
    calls: 0,
  };
  const scope: Scope = { frame, tracing, bindings, context, layer: { outer: layer } };
  // A channel that keeps no order forks into itself, and is not to be closed here.
  return own === undefined || own === outer?.events ? runInScope(scope, fn) : thenClosed(own, () => runInScope(scope, fn));
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

/** The position in its run of the code that is running now, or `undefined` outside any run. */
export function currentRun(): RunContext | undefined {
  return currentScope().context;
}

/** The logical position of the code that is running now; empty outside any run. */
export function currentPosition(): string {
  return currentRun()?.position ?? "";
}

/** Tells the listeners of the run, if there is one, what happened. */
export function emitEvent(event: AmbientEvent): void {
  const run = currentRun();
  if (run?.work?.isIgnored !== true) run?.events?.emit(event);
}

/** Whether what runs in `layer` runs inside `around`. */
export function isInside(layer: Layer | undefined, around: Layer | undefined): boolean {
  for (let current = layer; current !== around; current = current.outer) if (current === undefined) return false;
  return true;
}

const lossCauses = {
  foreign: "in the asynchronous context of other work",
  late: "after the operation whose asynchronous context it ran in had ended",
} as const;

/**
 * Reports, once in a run, that user code has lost the asynchronous context.
 *
 * @param scope whose listeners are notified
 * @param cause `foreign` where the value could be told from the copy of the agent that it was read on, else `late`
 */
export function reportLostContext({ context, layer }: Scope, parameter: GraphNode, cause: keyof typeof lossCauses): void {
  let outermost = layer;
  while (outermost?.outer !== undefined) outermost = outermost.outer;
  if (outermost === undefined || outermost.isLossReported || context?.events === undefined) return;
  outermost.isLossReported = true;
  const outcome =
    cause === "foreign"
      ? "It read the value of its own rollout, but model calls and operations there may be recorded at the position of another."
      : "That read is not recorded, and it may have seen the values of another candidate.";
  context.events.emit({
    type: "warning",
    message:
      `The ${labelOf(parameter)} was read ${lossCauses[cause]}: a queue, pool, batcher or emitter called the code that reads it. ${outcome} ` +
      "Wrap such functions in AsyncResource.bind(fn) from node:async_hooks (this is reported only once)",
  });
}

/** A channel that passes on every event immediately. */
export function plainChannel(emit: (event: AmbientEvent) => void): EventChannel {
  const channel: EventChannel = { emit, fork: (count) => new Array<EventChannel>(count).fill(channel), close: () => {} };
  return channel;
}

/** The channel of a run without listeners. */
export const noListeners: EventChannel = plainChannel(() => {});

/** Whether anything receives what is emitted here. */
export function hasListeners(): boolean {
  const events = currentRun()?.events;
  return events !== undefined && events !== noListeners;
}

/**
 * Channels for pieces of work that are done concurrently, one for each, in their order; `undefined` if there are no listeners. Whoever
 * forks closes each channel when its piece is done, and all of them in the end, also of pieces that were never begun.
 */
export function forkEvents(count: number): readonly EventChannel[] | undefined {
  return hasListeners() ? currentRun()?.events?.fork(count) : undefined;
}

/** Does `work` with these services. */
export function withServices<R>(services: object, work: () => R): R {
  return withContext({ services }, work);
}

/** Does `work` with its events going to this channel; without one, as it is. */
export function withEvents<R>(events: EventChannel | undefined, work: () => R): R {
  return events === undefined ? work() : withContext({ events }, work);
}

/** Does `work` with a part of the run's context replaced; outside runs, as it is. */
function withContext<R>(part: Partial<RunContext>, work: () => R): R {
  const { context, ...scope } = currentScope();
  return context === undefined ? work() : runInScope({ ...scope, context: { ...context, ...part } }, work);
}
