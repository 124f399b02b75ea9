/**
 * What a rollout sees of modules and guides: a copy of what may change, or a view of the module itself; what is trained or costly is shared.
 *
 * @module
 */
import { parseExpressionAt } from "acorn";
import { GraphError } from "../errors.ts";
import { copyProperties, isContainer } from "./containers.ts";
import { handleOf, holds, isHandled, OwnScope, setOwnScope } from "./handle.ts";
import { currentScope } from "./scope.ts";

/** Anything that knows how to copy itself for a rollout. */
interface Cloneable {
  clone(): unknown;
}

/**
 * A copy of `original` with the same class: plain data is copied (unless frozen), nested modules are cloned,
 * everything else is shared. Fields that refer to one another still do so in the copy.
 *
 * A copy that is made inside a rollout belongs to it: parameters and bundled functions are still those of the original, but
 * reached by handles, which read and run them in the scope of that rollout.
 *
 * @throws GraphError when its class has `#private` members, which a copy made from outside would lack
 */
export function cloneModule<T extends object>(original: T): T {
  const isOutermost = underWay === undefined;
  underWay ??= { copies: new Map(), own: ownScopeHere() };
  try {
    refusePrivateMembers(original);
    const copy = copyObject(original, underWay);
    if (underWay.own !== undefined) setOwnScope(copy, underWay.own);
    return copy;
  } finally {
    if (isOutermost) underWay = undefined;
  }
}

function ownScopeHere(): OwnScope | undefined {
  const scope = currentScope();
  return scope.layer === undefined ? undefined : new OwnScope(scope);
}

/**
 * A copy of plain data: arrays, plain objects, Maps, Sets, dates and buffers, through and through. What is frozen and
 * everything else (texts, numbers, nodes, instances of classes) is given back as it is.
 */
export function copyData<T>(value: T): T {
  return typeof value === "object" && value !== null ? (copyValue(value, { copies: new Map(), own: undefined }) as T) : value;
}

/** A copying: the copies so far, and the rollout that they belong to. */
interface Copying {
  readonly copies: Map<object, unknown>;
  readonly own: OwnScope | undefined;
}

const frozenHolders = new WeakMap<object, boolean>();

/** Whether anything that handles stand for is in a frozen container, which may be large: each is looked through once. */
function holdsHandled(frozen: object): boolean {
  const known = frozenHolders.get(frozen) ?? holds(frozen, isHandled);
  frozenHolders.set(frozen, known);
  return known;
}

/** The clone that is under way: nested `clone()` calls share it, so that cycles end. Cloning is synchronous. */
let underWay: Copying | undefined;

function copyObject<T extends object>(original: T, copying: Copying): T {
  const copy = remember(original, Object.create(Object.getPrototypeOf(original)) as T, copying.copies);
  return copyProperties(original, copy, (inner) => copyValue(inner, copying));
}

function copyValue(value: unknown, copying: Copying): unknown {
  const { copies, own } = copying;
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  if (own !== undefined && isHandled(value)) return copies.get(value) ?? remember(value, handleOf(value, own), copies);
  if (typeof value === "function") return value;
  if (copies.has(value)) return copies.get(value);
  if (isCloneable(value)) return remember(value, value.clone(), copies);
  if (Object.isFrozen(value))
    return own !== undefined && holdsHandled(value) ? Object.freeze(copyContainer(value, copying)) : value;
  if (Object.getPrototypeOf(value) === Date.prototype) return remember(value, new Date(value as Date), copies);
  if (Buffer.isBuffer(value)) return remember(value, Buffer.from(value), copies);
  if (ArrayBuffer.isView(value)) return remember(value, structuredClone(value), copies);
  return isContainer(value) ? copyContainer(value, copying) : value;
}

function copyContainer(value: object, copying: Copying): object {
  const { copies } = copying;
  if (Array.isArray(value)) {
    const copy = remember<unknown[]>(value, [], copies);
    for (const inner of value) copy.push(copyValue(inner, copying));
    return copy;
  }
  if (value instanceof Map) {
    const copy = remember(value, new Map<unknown, unknown>(), copies);
    for (const [key, inner] of value) copy.set(copyValue(key, copying), copyValue(inner, copying));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(value, new Set<unknown>(), copies);
    for (const inner of value) copy.add(copyValue(inner, copying));
    return copy;
  }
  return copyObject(value, copying);
}

function remember<T>(original: object, copy: T, copies: Map<object, unknown>): T {
  copies.set(original, copy);
  return copy;
}

/** Modules and guides; other objects with a `clone` (a request, a client) are shared like everything else. */
function isCloneable(value: object): value is Cloneable {
  return typeof (value as Partial<Cloneable>).clone === "function" && cloneMark in value;
}

const cloneMark = Symbol.for("opto.cloneable");

/** By class, the name of a `#private` member that it declares. */
const privateMembers = new WeakMap<object, string | undefined>();

/** Says that instances of this class, which has no `#private` members, are cloned, not shared, when they are found in a field. */
export function markCloneable(owner: { readonly prototype: object }): void {
  Object.defineProperty(owner.prototype, cloneMark, { value: true });
  privateMembers.set(owner, undefined);
}

function refusePrivateMembers(original: object): void {
  const found = privateMemberOf(original);
  if (found === undefined) return;
  throw new GraphError(
    `${found.owner || "This class"} cannot be copied for a rollout: its private member #${found.name} would be missing from the copy. ` +
      "Make it a TypeScript `private` field, or override clone().",
  );
}

/** A `#private` member that an object has by its class, and the name of that class. */
function privateMemberOf(object: object): { readonly owner: string; readonly name: string } | undefined {
  for (let prototype = Object.getPrototypeOf(object); prototype && prototype !== Object.prototype; ) {
    const owner = prototype.constructor as unknown;
    if (typeof owner === "function") {
      if (!privateMembers.has(owner)) privateMembers.set(owner, findPrivateMember(owner));
      const name = privateMembers.get(owner);
      if (name !== undefined) return { owner: owner.name, name };
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
}

function findPrivateMember(owner: object): string | undefined {
  const source = Function.prototype.toString.call(owner);
  if (!source.includes("#")) return undefined;
  try {
    const parsed = parseExpressionAt(`(${source})`, 0, { ecmaVersion: "latest" });
    if (parsed.type !== "ClassExpression") return undefined;
    for (const member of parsed.body.body) {
      if ("key" in member && member.key.type === "PrivateIdentifier" && !("static" in member && member.static)) {
        return member.key.name;
      }
    }
  } catch {
    // A class whose source cannot be parsed is copied on trust.
  }
  return undefined;
}

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
