/**
 * JSON values: the type, checks, canonical text, comparison, and short descriptions for messages.
 *
 * @module
 */

/** Anything that survives a round trip through JSON text unchanged. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Says where `value` stops being JSON (`"value.items[3] is a function"`), or `undefined` when all of it is JSON.
 * Cycles, class instances, `undefined`, functions, symbols, bigints and non-finite numbers are not JSON.
 */
export function jsonProblem(value: unknown, path = "value"): string | undefined {
  return findProblem(value, path, new Set());
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

/** A short text of `value` with its type, for messages: `"abc" (string)`, `[1,2,…] (array of 10)`. */
export function describeValue(value: unknown, maxLength = 80): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return `function ${value.name || "without a name"}`;
  if (typeof value === "number" || typeof value === "bigint") return `${value} (${typeof value})`;
  const text = typeof value === "string" ? `"${value}"` : textOf(value);
  return `${shorten(text, maxLength)} (${typeInWords(value)})`;
}

/** Cuts the middle out of a long text, saying how much is missing. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const kept = Math.max(2, maxLength - 24);
  const head = Math.ceil(kept / 2);
  const tail = Math.floor(kept / 2);
  return `${text.slice(0, head)}…(${text.length - kept} characters cut)…${text.slice(text.length - tail)}`;
}

/** `value` as text: a string as it is, JSON where it is JSON, else what `String` makes of it. Never throws. */
export function textOf(value: unknown, indent?: number): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value, undefined, indent) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function typeInWords(value: unknown): string {
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.getPrototypeOf(value)?.constructor?.name ?? "object";
}

function findProblem(value: unknown, path: string, ancestors: Set<object>): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path} is ${value}`;
  if (typeof value !== "object") return `${path} is ${value === undefined ? "undefined" : `a ${typeof value}`}`;
  if (ancestors.has(value)) return `${path} contains itself`;
  if (!Array.isArray(value) && !isPlainObject(value)) {
    return `${path} is an instance of ${Object.getPrototypeOf(value)?.constructor?.name ?? "a class"}`;
  }
  ancestors.add(value);
  const entries: [string, unknown][] = Array.isArray(value)
    ? Array.from(value, (inner: unknown, index) => [`${path}[${index}]`, inner])
    : Object.entries(value).map(([key, inner]) => [`${path}.${key}`, inner]);
  for (const [innerPath, inner] of entries) {
    const problem = findProblem(inner, innerPath, ancestors);
    if (problem !== undefined) return problem;
  }
  ancestors.delete(value);
  return undefined;
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
