/**
 * `bundle`: a function that records each call as one operation of the graph.
 *
 * @module
 */
import { callSite } from "../code/call-site.ts";
import { describeValue } from "../data/json.ts";
import { trueOrFalse } from "../data/option-table.ts";
import { checkOptions, checkValue } from "../data/options.ts";
import { isPromiseLike } from "../data/shared-work.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type ArgumentName, argumentNames, readArguments, type Traceable } from "./arguments.ts";
import type { Operation } from "./graph-node.ts";
import { rememberBundled } from "./handle.ts";
import { isNode, type Node, record } from "./node.ts";
import { operationOf } from "./operation-of.ts";
import { type CodeOptions, type CodeParameter, trainableCode } from "./trainable-code.ts";

/** What a bundled function can be made with. */
export interface BundleOptions extends CodeOptions {
  /** Name of the operation. @default the function's name */
  readonly name?: string | undefined;
  /** What it does, as text for the optimizer. */
  readonly description?: string | undefined;
  /** Turn what it throws into an exception node and an `ExecutionError`; `false` lets it through unchanged. @default true */
  readonly catch?: boolean | undefined;
  /**
   * Make the function's source a parameter that optimizers may change. What they propose runs in a sandbox, with plain data as
   * arguments and results, and with `tools` alone from outside. @default false
   */
  readonly trainable?: boolean | undefined;
}

/** Options of a function whose source is a parameter. */
export interface TrainableBundleOptions extends BundleOptions {
  readonly trainable: true;
}

/** What stays of a result when it is read into a node: a node's value, the elements of an iterator or an async iterable. */
export type Unwrapped<R> =
  R extends Node<infer V> ? V : R extends IterableIterator<infer E, unknown, never> | AsyncIterable<infer E> ? Unwrapped<E>[] : R;

/** The node, or promise of a node, that a bundled function with result `R` returns. */
export type TracedResult<R> = [R] extends [never]
  ? Node<never>
  : [R] extends [PromiseLike<infer V>]
    ? Promise<Node<Unwrapped<V>>>
    : [R] extends [AsyncIterable<infer E>]
      ? Promise<Node<Unwrapped<E>[]>>
      : Node<Unwrapped<R>>;

/** A bundled function: takes values or nodes, returns a node; sync stays sync. */
export interface Traced<This, Args extends readonly unknown[], R> {
  (this: This, ...args: { [K in keyof Args]: Traceable<Args[K]> }): TracedResult<R>;
  readonly operation: Operation;
}

/** A bundled function whose source is a parameter. */
export interface TrainableCode {
  /** The program: TypeScript that declares the function by its name. */
  readonly parameter: CodeParameter;
}

/** What `bundle` makes of a function of type `F`; with `trainable: true` it is `TrainableCode` besides. */
export type Bundled<F> = F extends (this: infer This, ...args: infer Args) => infer R ? Traced<This, Args, R> : never;

/**
 * Creates a function that takes values or nodes and returns a node of its result.
 *
 * The function itself receives plain values. The inputs of the node are the arguments (including nodes inside arrays, plain objects, Maps and
 * Sets) and every node whose `.value` the function reads. A generator is run to its end, and the value is the list of what it yields.
 *
 * Write methods as `function (this: Agent, …)`: an arrow function stays bound to the object it was created for, so rollouts on clones would
 * share its state.
 *
 * With `trainable: true` the function's source is a parameter, which is found in the fields of a module like other parameters. As long as the
 * value is the original source, the function itself runs; every other value runs in the sandbox. It must not use `this`, or anything from
 * outside except its `tools`.
 *
 * @throws ExecutionError from a call when the function throws
 * @throws InvalidArgumentError for an unknown option, or a trainable function that could not run in the sandbox
 * @example
 * const shout = bundle((text: string) => text.toUpperCase(), { name: "shout", description: "Upper case." });
 * shout(node("hi")).value; // "HI"
 */
export function bundle<F extends object>(fn: F, options: TrainableBundleOptions): Bundled<F> & TrainableCode;
/** The same for a function that is not trained. */
export function bundle<F extends object>(fn: F, options?: BundleOptions): Bundled<F>;
/** The same with its types written out, for a function that leaves its own to be inferred. */
export function bundle<This, Args extends readonly unknown[], R>(
  fn: (this: This, ...args: Args) => R,
  options: TrainableBundleOptions,
): Traced<This, Args, R> & TrainableCode;
/** The same for a function that is not trained. */
export function bundle<This, Args extends readonly unknown[], R>(
  fn: (this: This, ...args: Args) => R,
  options?: BundleOptions,
): Traced<This, Args, R>;
export function bundle(fn: (...args: unknown[]) => unknown, options: BundleOptions = {}): unknown {
  if (typeof fn !== "function") throw new InvalidArgumentError(`Expected bundle to receive a function, got ${describeValue(fn)}`);
  checkOptions(options, ["name", "description", "catch", "trainable", "tools", "limits", "params"], "bundle");
  if (options.trainable !== undefined) checkValue(options.trainable, trueOrFalse, "`trainable`");
  if (options.trainable === true) return traceCode(fn, options);
  for (const name of ["tools", "limits", "params"] as const) {
    if (options[name] === undefined) continue;
    throw new InvalidArgumentError(
      `\`${name}\` is only for \`trainable: true\`: a function that is not trained runs in its own scope, without a sandbox`,
    );
  }
  const name = options.name ?? (fn.name || "operation");
  const { description = "" } = options;
  const operation = operationOf(fn, { name, description, declaredAs: name, site: callSite(bundle) });
  return traceAs(operation, fn, options.catch ?? true);
}

/** A function whose source is a parameter: an input of every call, under the name `code`. */
function traceCode(fn: (...args: unknown[]) => unknown, options: BundleOptions): unknown {
  const { parameter, run } = trainableCode(fn, options, callSite(bundle));
  const operation: Operation = { name: parameter.name, description: options.description ?? "" };
  let names: readonly ArgumentName[] | undefined;
  const recordOptions = { catch: options.catch ?? true };
  function traced(this: unknown, ...args: unknown[]): unknown {
    names ??= argumentNames(fn);
    const { values, inputs, inputNames } = readArguments(args, names);
    const call = (): unknown => collect(run(values));
    return record(operation, [...inputs, parameter], [...inputNames, "code"], call, recordOptions);
  }
  rememberBundled(traced, { fn, tools: options.tools ?? {} });
  return Object.assign(traced, { operation, parameter });
}

/** `fn` as the traced operation that `operation` describes. */
export function traceAs<This, Args extends readonly unknown[], R>(
  operation: Operation,
  fn: (this: This, ...args: Args) => R,
  catches = true,
): Traced<This, Args, R> {
  const recordOptions = { catch: catches };
  // Read with the first call: that parses the source of the function.
  let names: readonly ArgumentName[] | undefined;
  function traced(this: This, ...args: unknown[]): unknown {
    names ??= argumentNames(fn as (...args: never[]) => unknown);
    const { values, inputs, inputNames } = readArguments(args, names);
    return record(operation, inputs, inputNames, () => collect(Reflect.apply(fn, this, values)), recordOptions);
  }
  rememberBundled(traced, { fn });
  return Object.assign(traced, { operation }) as unknown as Traced<This, Args, R>;
}

/** Runs generators to their end inside the operation, where their reads belong. */
function collect(result: unknown): unknown {
  if (typeof result !== "object" || result === null) return result;
  if (isPromiseLike(result)) return Promise.resolve(result).then(collect);
  if (isGenerator(result)) return Array.from(result, unwrap);
  if (Symbol.asyncIterator in result && !(Symbol.iterator in result)) return collectAsync(result as AsyncIterable<unknown>);
  return result;
}

async function collectAsync(iterable: AsyncIterable<unknown>): Promise<unknown[]> {
  const elements: unknown[] = [];
  for await (const element of iterable) elements.push(unwrap(element));
  return elements;
}

function unwrap(element: unknown): unknown {
  return isNode(element) ? element.value : element;
}

function isGenerator(value: object): value is Generator<unknown> {
  return Symbol.iterator in value && typeof (value as { next?: unknown }).next === "function";
}
