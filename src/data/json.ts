/**
 * JSON values: the type, checks, canonical text, comparison, and short descriptions for messages.
 *
 * @module
 */
import { inspect } from "node:util";

/** Anything that survives a round trip through JSON text unchanged. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Says where `value` stops being JSON (`"value.items[3] is a function"`), or `undefined` when all of it is JSON.
 * Cycles, getters, class instances, `undefined`, functions, symbols, bigints and non-finite numbers are not JSON.
 */
export function jsonProblem(value: unknown, path = "value"): string | undefined {
  try {
    const problem = findProblem(value, new Set());
    return problem && `${path}${problem.at} ${problem.what}`;
  } catch {
    // A revoked proxy, or one that refuses to be looked at.
    return `${path} cannot be read`;
  }
}

/** True when `value` survives a round trip through JSON text. */
export function isJsonValue(value: unknown): value is JsonValue {
  return jsonProblem(value) === undefined;
}

/** JSON text with the keys of every object sorted: equal values have equal text. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isPlainObject(inner) ? sortKeys(inner) : inner));
}

/** Structural equality; the order of object keys does not matter. */
export function jsonEqual(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return canonicalJson(a) === canonicalJson(b);
}

/** A frozen deep copy of a JSON value: what a parameter holds, so that nothing can change it in place. */
export function frozenCopy<T>(value: T): T {
  // JSON has no minus zero: it would be another number once it was stored.
  if (value === 0) return 0 as T;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy)) as T;
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) define(copy, key, frozenCopy(inner));
  return Object.freeze(copy) as T;
}

/** Objects made by a literal, `Object.create(null)` or `JSON.parse`; not class instances. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** The object that a text holds as JSON; `undefined` when it holds anything else, or no JSON at all. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A short text of `value` with its type, for messages: `"abc" (string)`, `[1,2,…] (array of 10)`. */
export function describeValue(value: unknown, maxLength = 80): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return `${isClass(value) ? "class" : "function"} ${functionName(value) || "without a name"}`;
  if (typeof value === "number" || typeof value === "bigint") return `${value} (${typeof value})`;
  const text = typeof value === "string" ? `"${value}"` : textOf(value);
  return `${shorten(text, maxLength)} (${typeInWords(value)})`;
}

/** True for classes, which are functions that cannot be called. */
export function isClass(value: unknown): value is abstract new (...args: never[]) => object {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

/** Cuts the middle out of a long text, saying how much is missing; never through a character of two code units. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const kept = Math.max(2, maxLength - 24);
  const head = text.slice(0, Math.ceil(kept / 2)).replace(/[\uD800-\uDBFF]$/, "");
  const tail = text.slice(text.length - Math.floor(kept / 2)).replace(/^[\uDC00-\uDFFF]/, "");
  return `${head}…(${text.length - head.length - tail.length} characters cut)…${tail}`;
}

/**
 * `value` as text: a string as it is, an object as JSON (also Maps, Sets and errors in it), else what `String` makes of it.
 * Never throws.
 */
export function textOf(value: unknown, indent?: number): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  try {
    const text = JSON.stringify(value, nearestJson, indent) ?? String(value);
    // Dates, URLs and errors are written as strings: the quotes say nothing.
    return text.startsWith('"') ? (JSON.parse(text) as string) : text;
  } catch {
    return inspected(value);
  }
}

function inspected(value: object): string {
  try {
    return inspect(value, { customInspect: false });
  } catch {
    return "a value that cannot be printed";
  }
}

function typeInWords(value: unknown): string {
  try {
    if (Array.isArray(value)) return `array of ${value.length}`;
    if (typeof value !== "object" || value === null) return typeof value;
    return className(value) ?? "object";
  } catch {
    // A proxy that has been revoked, or throws.
    return "object";
  }
}

/** Deeper values make `JSON.stringify` run out of stack. */
const maxDepth = 1_000;

interface Problem {
  readonly at: string;
  readonly what: string;
}

function findProblem(value: unknown, ancestors: Set<object>): Problem | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : { at: "", what: `is ${value}` };
  if (typeof value !== "object") return { at: "", what: value === undefined ? "is undefined" : `is a ${typeof value}` };
  if (ancestors.has(value)) return { at: "", what: "contains itself" };
  if (ancestors.size === maxDepth) return { at: "", what: `is nested more than ${maxDepth} deep` };
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return { at: "", what: `is an instance of ${className(value) ?? "a class"}` };
  ancestors.add(value);
  for (const key of isList ? value.keys() : Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const isComputed = property?.get !== undefined || property?.set !== undefined;
    const problem = isComputed ? { at: "", what: "is computed by a getter" } : findProblem(property?.value, ancestors);
    if (problem !== undefined) return { at: `${isList ? `[${key}]` : `.${key}`}${problem.at}`, what: problem.what };
  }
  ancestors.delete(value);
  return undefined;
}

/** What people and models read in place of bytes, such as those of an image; `undefined` for anything else. */
export function bytesAsText(value: unknown): string | undefined {
  const isBytes = value instanceof Uint8Array || value instanceof Uint8ClampedArray || value instanceof ArrayBuffer;
  return isBytes ? `(${value.byteLength} bytes)` : undefined;
}

/** What JSON would drop or refuse, in the nearest form it has. */
function nearestJson(this: unknown, key: string, value: unknown): unknown {
  // Read again, because a Buffer has turned itself into a list of numbers.
  const bytes = bytesAsText((this as Record<string, unknown>)[key]);
  if (bytes !== undefined) return bytes;
  if (typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))) return String(value);
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([key, inner]) => [textOf(key), inner]));
  if (value instanceof Set) return [...value];
  if (value instanceof Error) return String(value);
  return value;
}

function functionName(value: { readonly name: unknown }): string {
  try {
    return typeof value.name === "string" ? value.name : "";
  } catch {
    return "";
  }
}

function className(value: object): string | undefined {
  try {
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch {
    return undefined;
  }
}

function sortKeys(object: Record<string, unknown>): Record<string, unknown> {
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(object).sort()) define(sorted, key, object[key]);
  return sorted;
}

/** Assigns an own property even when the key is `__proto__`. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Never what every object has, such as `constructor` and `__proto__`. */
export function ownValue<T>(record: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined {
  return record != null && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Characters of all text in a value: of a string its own, of a list or an object those of its parts, of anything else its JSON. */
export function textLength(value: JsonValue): number {
  if (typeof value === "string") return value.length;
  if (value === null || typeof value !== "object") return canonicalJson(value).length;
  return Object.values(value).reduce<number>((sum, part) => sum + textLength(part as JsonValue), 0);
}
