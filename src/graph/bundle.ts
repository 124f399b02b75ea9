/**
 * `bundle`: a function that records each call as one operation of the graph.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { argumentNames } from "./argument-names.ts";
import { readArguments, type Traceable } from "./arguments.ts";
import { isNode, isPromiseLike, type Node, type Operation, record } from "./node.ts";

/** What a bundled function can be made with. */
export interface BundleOptions {
  /** Name of the operation. @default the function's name */
  readonly name?: string | undefined;
  /** What it does, in words for the optimizer. */
  readonly description?: string | undefined;
  /** Turn what it throws into an exception node and an `ExecutionError`; `false` lets it through unchanged. @default true */
  readonly catch?: boolean | undefined;
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

/** A bundled function: takes values or nodes, gives a node; sync stays sync. */
export interface Traced<This, Args extends readonly unknown[], R> {
  (this: This, ...args: { [K in keyof Args]: Traceable<Args[K]> }): TracedResult<R>;
  readonly operation: Operation;
}

/** What `bundle` makes of a function of type `F`. */
export type Bundled<F> = F extends (this: infer This, ...args: infer Args) => infer R ? Traced<This, Args, R> : never;

/**
 * Makes a function that takes values or nodes and gives a node of its result.
 *
 * The function itself gets plain values. Inputs of the node are the arguments, also nodes found inside arrays,
 * plain objects, Maps and Sets, and every node whose `.value` the function reads. Generators are run to their end
 * and give the list of what they yield.
 *
 * As a method, write it with `function (this: Agent, …)`: an arrow function would keep to the object it was made for,
 * and rollouts on clones would share its state.
 *
 * @throws ExecutionError from a call when the function throws
 * @example
 * const shout = bundle((text: string) => text.toUpperCase(), { name: "shout", description: "Upper case." });
 * shout(node("hi")).value; // "HI"
 */
export function bundle<F extends object>(fn: F, options?: BundleOptions): Bundled<F>;
/** The same with its types written out, for a function that leaves its own to be inferred. */
export function bundle<This, Args extends readonly unknown[], R>(
  fn: (this: This, ...args: Args) => R,
  options?: BundleOptions,
): Traced<This, Args, R>;
export function bundle(fn: (...args: unknown[]) => unknown, options: BundleOptions = {}): unknown {
  if (typeof fn !== "function") throw new InvalidArgumentError(`Expected bundle to get a function, got ${describeValue(fn)}`);
  checkOptions(options, ["name", "description", "catch"], "bundle");
  const operation: Operation = {
    name: options.name ?? (fn.name || "operation"),
    description: options.description ?? "",
    source: Function.prototype.toString.call(fn),
  };
  return traceAs(operation, fn, options.catch ?? true);
}

/** `fn` as the traced operation that `operation` describes. */
export function traceAs<This, Args extends readonly unknown[], R>(
  operation: Operation,
  fn: (this: This, ...args: Args) => R,
  catches = true,
): Traced<This, Args, R> {
  const recordOptions = { catch: catches };
  const names = argumentNames(fn as (...args: never[]) => unknown);
  function traced(this: This, ...args: unknown[]): unknown {
    const { values, inputs, inputNames } = readArguments(args, names);
    return record(operation, inputs, inputNames, () => collect(Reflect.apply(fn, this, values)), recordOptions);
  }
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
