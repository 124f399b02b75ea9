/**
 * The ambient scope of a call: which operation is being recorded, which values parameters have, and where in the run we are.
 * `AsyncLocalStorage` carries it over `await`, so concurrent calls never see each other's.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { JsonValue } from "../data/json.ts";
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

/**
 * Where a call stands in its run. `position` is logical (`iteration/3/proposal/2`) and names random streams and
 * language-model calls, so results do not depend on timing.
 */
export interface RunContext {
  readonly position: string;
  readonly signal?: AbortSignal | undefined;
  /** Tells the listeners of the run. */
  readonly emit?: ((event: AmbientEvent) => void) | undefined;
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

/** Runs `fn` at a position below the current one: `at("proposal/2", …)` inside `iteration/3` is `iteration/3/proposal/2`. */
export function atPosition<R>(
  label: string,
  fn: () => R,
  options: { readonly signal?: AbortSignal | undefined; readonly emit?: RunContext["emit"] } = {},
): R {
  const scope = currentScope();
  const outer = scope.context;
  const context: RunContext = {
    position: outer?.position ? `${outer.position}/${label}` : label,
    signal: options.signal ?? outer?.signal,
    emit: options.emit ?? outer?.emit,
    calls: 0,
  };
  return runInScope({ ...scope, context }, fn);
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
  currentRun()?.emit?.(event);
}
