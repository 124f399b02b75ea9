/**
 * Containers and their elements: the values that nodes and parameters are looked for in, how they are walked, copied and taken apart.
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";

/** Arrays, plain objects, Maps and Sets; instances of other classes, also of those that extend these, are not looked into. */
export function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return isPlainObject(value) || builtIn.has(Object.getPrototypeOf(value));
}

/** Calls `visit` with all that stands directly in `container`, in order. Getters are not run. */
export function visitContainer(container: object, visit: (inner: unknown, key: unknown) => void): void {
  if (Array.isArray(container) || container instanceof Map) {
    container.forEach(visit);
  } else if (container instanceof Set) {
    let index = 0;
    for (const inner of container) visit(inner, index++);
  } else {
    for (const key of Object.keys(container)) {
      const descriptor = Object.getOwnPropertyDescriptor(container, key);
      if (descriptor !== undefined && "value" in descriptor) visit(descriptor.value, key);
    }
  }
}

/** Gives `to` the own properties of `from`, their values changed. Getters are carried over without being run. */
export function copyProperties<T extends object>(from: object, to: T, change: (inner: unknown, key: string) => unknown): T {
  for (const key of Reflect.ownKeys(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, key) as PropertyDescriptor;
    if ("value" in descriptor) descriptor.value = change(descriptor.value, String(key));
    // Assigning is several times as fast, where it comes to the same.
    if (isOrdinary(descriptor) && !(key in to)) (to as Record<PropertyKey, unknown>)[key] = descriptor.value;
    else Object.defineProperty(to, key, descriptor);
  }
  return to;
}

function isOrdinary({ writable, enumerable, configurable }: PropertyDescriptor): boolean {
  return writable === true && enumerable === true && configurable === true;
}

const builtIn = new Set<unknown>([Array.prototype, Map.prototype, Set.prototype]);

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
