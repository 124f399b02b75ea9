/**
 * Containers: the values that nodes and parameters are looked for in, and how they are walked and copied.
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
