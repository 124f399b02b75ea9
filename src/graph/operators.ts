/**
 * Ready-made operations on nodes: arithmetic, comparison, logic, strings, containers. All take values or nodes.
 *
 * Containers are never changed in place: `append`, `merge`, `without` and the like give new ones.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { textOf } from "../data/json.ts";
import { type Traced, traceAs } from "./bundle.ts";
import type { Node } from "./node.ts";
import { fillSlots } from "./slots.ts";

type Unary<A, R> = Traced<unknown, [x: A], R>;
type Binary<A, B, R> = Traced<unknown, [x: A, y: B], R>;

function operation<Args extends readonly unknown[], R>(
  name: string,
  description: string,
  fn: (...args: Args) => R,
): Traced<unknown, Args, R> {
  return traceAs<unknown, Args, R>({ name, description }, fn);
}

function unary<A, R>(name: string, description: string, fn: (x: A) => R): Unary<A, R> {
  return operation(name, description, (x: A) => fn(x));
}

function binary<A, B, R>(name: string, description: string, fn: (x: A, y: B) => R): Binary<A, B, R> {
  return operation(name, description, (x: A, y: B) => fn(x, y));
}

type Numeric = (x: number, y: number) => number;
const numeric = (name: string, description: string, fn: Numeric): Binary<number, number, number> => binary(name, description, fn);
const ordering = (
  name: string,
  description: string,
  fn: (x: number | string, y: number | string) => boolean,
): Binary<number | string, number | string, boolean> => binary(name, description, fn);

/** `x + y`. */
export const add: Binary<number, number, number> = numeric("add", "x + y", (x, y) => x + y);
/** `x - y`. */
export const subtract: Binary<number, number, number> = numeric("subtract", "x - y", (x, y) => x - y);
/** `x * y`. */
export const multiply: Binary<number, number, number> = numeric("multiply", "x * y", (x, y) => x * y);
/** `x / y`. Division by zero throws, so that it reaches the optimizer as an error and not as Infinity. */
export const divide: Binary<number, number, number> = numeric("divide", "x / y", (x, y) => x / nonZero(y));
/** `x / y` rounded down. */
export const floorDivide: Binary<number, number, number> = numeric("floorDivide", "x / y, rounded down", (x, y) =>
  Math.floor(x / nonZero(y)),
);
/** The remainder of `x / y`, with the sign of `y`. */
export const modulo: Binary<number, number, number> = numeric("modulo", "The remainder of x / y, with the sign of y", (x, y) => {
  const remainder = x % nonZero(y);
  if (remainder === 0) return 0;
  return remainder < 0 === y < 0 ? remainder : remainder + y;
});
/** `x` to the power of `y`. */
export const power: Binary<number, number, number> = numeric("power", "x to the power of y", (x, y) => x ** y);
/** `x << y`. */
export const shiftLeft: Binary<number, number, number> = numeric("shiftLeft", "x << y", (x, y) => x << y);
/** `x >> y`. */
export const shiftRight: Binary<number, number, number> = numeric("shiftRight", "x >> y", (x, y) => x >> y);
/** `x & y`. */
export const bitAnd: Binary<number, number, number> = numeric("bitAnd", "x & y", (x, y) => x & y);
/** `x | y`. */
export const bitOr: Binary<number, number, number> = numeric("bitOr", "x | y", (x, y) => x | y);
/** `x ^ y`. */
export const bitXor: Binary<number, number, number> = numeric("bitXor", "x ^ y", (x, y) => x ^ y);

/** `-x`. */
export const negate: Unary<number, number> = unary("negate", "-x", (x) => -x);
/** The absolute value of `x`. */
export const absolute: Unary<number, number> = unary("absolute", "The absolute value of x", Math.abs);
/** `x` rounded to the nearest whole number. */
export const round: Unary<number, number> = unary("round", "x rounded to the nearest whole number", Math.round);
/** `x` rounded down. */
export const floor: Unary<number, number> = unary("floor", "x rounded down", Math.floor);
/** `x` rounded up. */
export const ceil: Unary<number, number> = unary("ceil", "x rounded up", Math.ceil);
/** `x` rounded towards zero. */
export const truncate: Unary<number, number> = unary("truncate", "x rounded towards zero", Math.trunc);
/** `~x`. */
export const invert: Unary<number, number> = unary("invert", "~x", (x) => ~x);

/** `x < y`. */
export const lessThan: Binary<number | string, number | string, boolean> = ordering("lessThan", "x < y", (x, y) => x < y);
/** `x <= y`. */
export const atMost: Binary<number | string, number | string, boolean> = ordering("atMost", "x <= y", (x, y) => x <= y);
/** `x > y`. */
export const greaterThan: Binary<number | string, number | string, boolean> = ordering("greaterThan", "x > y", (x, y) => x > y);
/** `x >= y`. */
export const atLeast: Binary<number | string, number | string, boolean> = ordering("atLeast", "x >= y", (x, y) => x >= y);
/** Whether `x` and `y` have equal values, compared deeply. */
export const equals: Binary<unknown, unknown, boolean> = binary("equals", "Whether x and y are equal", isDeepStrictEqual);
/** Whether `x` and `y` have different values, compared deeply. */
export const differs: Binary<unknown, unknown, boolean> = binary(
  "differs",
  "Whether x and y are different",
  (x, y) => !isDeepStrictEqual(x, y),
);

/** `x && y`, on values: a node itself is always truthy. */
export const and: Binary<unknown, unknown, unknown> = binary("and", "x && y", (x, y) => x && y);
/** `x || y`, on values. */
export const or: Binary<unknown, unknown, unknown> = binary("or", "x || y", (x, y) => x || y);
/** `!x`, on the value. */
export const not: Unary<unknown, boolean> = unary("not", "!x", (x) => !x);
/** Exactly one of `x` and `y`. */
export const xor: Binary<unknown, unknown, boolean> = binary(
  "xor",
  "Exactly one of x and y",
  (x, y) => Boolean(x) !== Boolean(y),
);

/** One of two values, by a condition; all three are inputs. */
export function choose<T>(condition: unknown, whenTrue: T | Node<T>, whenFalse: T | Node<T>): Node<T> {
  return chooseValue(condition, whenTrue, whenFalse) as Node<T>;
}
const chooseValue = operation(
  "choose",
  "whenTrue if condition, else whenFalse",
  (condition: unknown, whenTrue: unknown, whenFalse: unknown) => (condition ? whenTrue : whenFalse),
);

/** Whether a list, string, Set, Map or object contains `item` (a key, for Maps and objects). */
export const contains: Traced<unknown, [container: unknown, item: unknown], boolean> = operation(
  "contains",
  "Whether container has item",
  (container: unknown, item: unknown) => includes(container, item),
);
/** The number of elements, characters or entries. */
export const length: Unary<unknown, number> = unary("length", "The number of elements of x", sizeOf);
/** The value itself, as a node of its own. */
export function identity<T>(x: T | Node<T>): Node<T> {
  return identityValue(x) as Node<T>;
}
const identityValue = unary("identity", "x itself", (x: unknown) => x);

/** Joins texts end to end. */
export const concat: Traced<unknown, (string | number)[], string> = operation(
  "concat",
  "The texts joined end to end",
  (...texts: (string | number)[]) => texts.join(""),
);
/** Joins the texts of a list with `separator` between them. */
export const join: Traced<unknown, [texts: readonly unknown[], separator?: string], string> = operation(
  "join",
  "The texts joined with separator between them",
  (texts: readonly unknown[], separator = "") => texts.map((part) => textOf(part)).join(separator),
);
/** Splits a text at a separator. */
export const split: Traced<unknown, [text: string, separator: string], string[]> = operation(
  "split",
  "The parts of text between separators",
  (text: string, separator: string) => text.split(separator),
);
/** Replaces every occurrence of `search`. */
export const replace: Traced<unknown, [text: string, search: string, replacement: string], string> = operation(
  "replace",
  "text with every search replaced by replacement",
  (text: string, search: string, replacement: string) => text.replaceAll(search, () => replacement),
);
/** Fills the `{name}` slots of a template with the values given; a slot without a value throws. */
export const format: Traced<unknown, [template: string, values: Readonly<Record<string, unknown>>], string> = operation(
  "format",
  "template with each {name} replaced by the value of that name",
  (template: string, values: Readonly<Record<string, unknown>>) => fill(template, values),
);
/** `x` without white space at its ends. */
export const trim: Unary<string, string> = unary("trim", "x without white space at its ends", (x) => x.trim());
/** `x` in lower case. */
export const lower: Unary<string, string> = unary("lower", "x in lower case", (x) => x.toLowerCase());
/** `x` in upper case. */
export const upper: Unary<string, string> = unary("upper", "x in upper case", (x) => x.toUpperCase());
/** `x` with its first letter in upper case and the rest in lower case. */
export const capitalize: Unary<string, string> = unary("capitalize", "x with its first letter in upper case", (x) =>
  x === "" ? x : (x[0] as string).toUpperCase() + x.slice(1).toLowerCase(),
);

/** A list of the given elements, each an input. */
export const list: Traced<unknown, unknown[], unknown[]> = operation(
  "list",
  "A list of the elements",
  (...elements: unknown[]) => elements,
);
/** The elements of `x` as a list: of a list, string, Set, Map, or the values of an object. */
export const toList: Unary<unknown, unknown[]> = unary("toList", "The elements of x as a list", elementsOf);
/** The keys of an object or Map. */
export const keys: Unary<object, unknown[]> = unary("keys", "The keys of x", (x) =>
  x instanceof Map ? [...x.keys()] : Object.keys(x),
);
/** The values of an object or Map. */
export const values: Unary<object, unknown[]> = unary("values", "The values of x", (x) =>
  x instanceof Map ? [...x.values()] : Object.values(x),
);
/** A list with `item` at its end. */
export const append: Traced<unknown, [items: readonly unknown[], item: unknown], unknown[]> = operation(
  "append",
  "items with item at the end",
  (items: readonly unknown[], item: unknown) => [...items, item],
);
/** Two lists end to end. */
export const extend: Traced<unknown, [items: readonly unknown[], more: readonly unknown[]], unknown[]> = operation(
  "extend",
  "items followed by more",
  (items: readonly unknown[], more: readonly unknown[]) => [...items, ...more],
);
/** Part of a list or string, as `slice` counts. */
export const slice: Traced<unknown, [items: readonly unknown[] | string, start?: number, end?: number], unknown> = operation(
  "slice",
  "items from start up to but not including end",
  (items: readonly unknown[] | string, start?: number, end?: number) => items.slice(start, end),
);
/** A list from its end to its start. */
export const reverse: Unary<readonly unknown[], unknown[]> = unary("reverse", "x from its end to its start", (x) =>
  [...x].reverse(),
);
/** A list of numbers or strings in ascending order. */
export const sort: Unary<readonly (number | string)[], (number | string)[]> = unary("sort", "x in ascending order", (x) =>
  [...x].sort((a, b) => (a < b ? -1 : Number(a > b))),
);
/** An object with the entries of both; the second wins. */
export const merge: Binary<
  Readonly<Record<string, unknown>>,
  Readonly<Record<string, unknown>>,
  Record<string, unknown>
> = binary("merge", "The entries of x and y; y wins", (x, y) => ({ ...x, ...y }));
/** A list without the elements equal to `item`, or an object without that key. */
export const without: Traced<unknown, [container: unknown, item: unknown], unknown> = operation(
  "without",
  "container without item",
  (container: unknown, item: unknown) => leaveOut(container, item),
);

function nonZero(y: number): number {
  if (y === 0) throw new RangeError("division by zero");
  return y;
}

function sizeOf(x: unknown): number {
  if (x instanceof Map || x instanceof Set) return x.size;
  if (typeof x === "string" || Array.isArray(x)) return x.length;
  if (typeof x === "object" && x !== null) return Object.keys(x).length;
  throw new TypeError(`${kindOf(x)} has no length`);
}

function elementsOf(x: unknown): unknown[] {
  if (x instanceof Map) return [...x.values()];
  if (typeof x === "object" && x !== null && !(Symbol.iterator in x)) return Object.values(x);
  return [...(x as Iterable<unknown>)];
}

function includes(container: unknown, item: unknown): boolean {
  if (typeof container === "string") return container.includes(String(item));
  if (container instanceof Map || container instanceof Set) return container.has(item);
  if (Array.isArray(container)) return container.some((element) => isDeepStrictEqual(element, item));
  if (typeof container === "object" && container !== null) return Object.hasOwn(container, String(item));
  throw new TypeError(`${kindOf(container)} is not a container`);
}

/** `null`, `undefined`, `a number`, …: a value that is not an object, as the subject of a sentence. */
function kindOf(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}

function leaveOut(container: unknown, item: unknown): unknown {
  if (Array.isArray(container)) return container.filter((element) => !isDeepStrictEqual(element, item));
  if (container instanceof Set) return new Set([...container].filter((element) => !isDeepStrictEqual(element, item)));
  if (container instanceof Map) return new Map([...container].filter(([key]) => !isDeepStrictEqual(key, item)));
  if (typeof container !== "object" || container === null) {
    throw new TypeError(`cannot remove anything from a ${typeof container}`);
  }
  return Object.fromEntries(Object.entries(container).filter(([key]) => key !== String(item)));
}

function fill(template: string, given: Readonly<Record<string, unknown>>): string {
  return fillSlots(template, (slot) => (Object.hasOwn(given, slot) ? textOf(given[slot]) : undefined));
}
