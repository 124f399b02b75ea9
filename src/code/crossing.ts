/**
 * Values as text, on their way into the sandbox and out of it: plain data in JSON, and a form for what JSON has no word for.
 *
 * `undefined`, `NaN`, the infinities and `-0` are written `{"$":"NaN"}`. An object that has a key `$` itself is written
 * `{"$":{…}}`, so the two cannot be taken for one another.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";

/** How deep a value may be nested to cross. */
const maxDepth = 500;

/** Says where a value is no plain data (`items[3] is a function`), or `undefined` when it may cross. */
export function crossingProblem(value: unknown, what: string): string | undefined {
  const problem = findProblem(value, []);
  return problem && `${what}${problem.at} ${problem.what}`;
}

/** `value` as text. It has no `crossingProblem`. */
export function encodeValue(value: unknown): string {
  return JSON.stringify(tagged(value));
}

/** The value that a text of the guest holds; objects are plain, whatever their keys. */
export function decodeValue(text: string): unknown {
  const value = JSON.parse(text) as JsonValue;
  return text.includes('"$"') ? untagged(value) : value;
}

interface Problem {
  readonly at: string;
  readonly what: string;
}

function findProblem(value: unknown, above: object[]): Problem | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") {
    return { at: "", what: `is a ${typeof value}` };
  }
  if (typeof value !== "object") return undefined;
  if (above.includes(value)) return { at: "", what: "contains itself" };
  if (above.length === maxDepth) return { at: "", what: `is nested more than ${maxDepth} deep` };
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return { at: "", what: `is an instance of ${className(value)}` };
  above.push(value);
  for (const key of isList ? value.keys() : Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined) continue;
    const problem = "value" in property ? findProblem(property.value, above) : { at: "", what: "is a getter" };
    if (problem !== undefined) return { at: `${isList ? `[${key}]` : `.${key}`}${problem.at}`, what: problem.what };
  }
  above.pop();
  return undefined;
}

function className(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "a class";
}

function tagged(value: unknown): unknown {
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0) ? value : { $: numberName(value) };
  if (typeof value !== "object" || value === null) return value;
  // `Array.from` also fills holes.
  if (Array.isArray(value)) return Array.from(value, tagged);
  const copy = copyOf(value, tagged);
  return Object.hasOwn(copy, "$") ? { $: copy } : copy;
}

function untagged(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(untagged);
  if (!Object.hasOwn(value, "$")) return copyOf(value, untagged);
  const { $: inner } = value as { $: unknown };
  if (typeof inner === "string") return inner === "undefined" ? undefined : Number(inner);
  return copyOf(typeof inner === "object" && inner !== null ? inner : value, untagged);
}

function numberName(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Defines every key, so that `__proto__` is one like any other. */
function copyOf(value: object, change: (inner: unknown) => unknown): object {
  const copy = {};
  for (const [key, inner] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: change(inner), enumerable: true, configurable: true, writable: true });
  }
  return copy;
}
