/**
 * Values as the graph takes them apart: their elements, and what they are called.
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";

/** Whether iterating over a value gives its elements; a text has none. */
export function isIterable(value: unknown): boolean {
  return typeof value === "object" && typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === "function";
}

/** All elements. @throws TypeError when there is no value */
export function unpack(value: unknown): unknown[] {
  if (value === null || value === undefined) throw new TypeError(`there is nothing to iterate over in ${String(value)}`);
  return [...(value as Iterable<unknown>)];
}

/** The element, property or entry under a key; `undefined` when there is none. */
export function elementAt(value: unknown, key: string | number): unknown {
  if (value instanceof Map) return value.get(key);
  if (value === null || value === undefined) throw new TypeError(`there is no ${JSON.stringify(key)} in ${String(value)}`);
  return isMember(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
}

/** Own properties, and what a class of the program gives its instances; not what every object and list inherits. */
function isMember(value: object, key: string | number): boolean {
  if (Object.hasOwn(value, key)) return true;
  if (typeof value !== "object" || Array.isArray(value) || isPlainObject(value)) return false;
  return key in value && !(key in Object.prototype);
}

/** What a value without a name is called. */
export function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value !== "object") return typeof value;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "Object" && name !== "" ? name : "object";
}
