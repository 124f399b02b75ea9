/**
 * `boundView`: a module as one call under `withValues` sees it, where the call is made on the module itself and not on a copy.
 *
 * @module
 */
import { isCloneable, privateMemberOf } from "./clone.ts";
import { isContainer } from "./containers.ts";
import { handleOf, holds, isHandled } from "./handle.ts";
import { type OwnScope, setOwnScope } from "./own-scope.ts";

/**
 * A stand-in for a module: its parameters and bundled functions are reached by handles of the scope `own`; everything else is
 * read from and written to the module itself. A module with `#private` members, which no stand-in has, is given back as it is.
 */
export function boundView<T extends object>(module: T, own: OwnScope): T {
  if (privateMemberOf(module) !== undefined) return module;
  const view = viewOf(module, own);
  setOwnScope(view, own);
  return view;
}

function viewOf<T extends object>(original: T, own: OwnScope): T {
  const seen = new Map<unknown, unknown>();
  return new Proxy(original, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      if (!isObject(value) || !Object.hasOwn(target, key) || isFixed(target, key)) return value;
      if (!seen.has(value)) seen.set(value, seenBy(own, value));
      return seen.get(value);
    },
  });
}

/** What a call sees of a value in a field. */
function seenBy(own: OwnScope, value: unknown): unknown {
  if (!isObject(value)) return value;
  if (isHandled(value)) return handleOf(value, own);
  if (isCloneable(value)) return boundView(value, own);
  if (!isContainer(value) || !holds(value, isSeenOtherwise)) return value;
  const seen = (inner: unknown): unknown => seenBy(own, inner);
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [key, seen(inner)]));
  if (value instanceof Set) return new Set([...value].map(seen));
  // What a stand-in says of a frozen property has to be what it is.
  if (!Object.isFrozen(value)) return viewOf(value, own);
  return Array.isArray(value)
    ? value.map(seen)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, seen(inner)]));
}

function isSeenOtherwise(value: unknown): boolean {
  return isObject(value) && (isHandled(value) || isCloneable(value));
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function isFixed(target: object, key: PropertyKey): boolean {
  const { writable, configurable } = Object.getOwnPropertyDescriptor(target, key) ?? {};
  return writable === false && configurable === false;
}
