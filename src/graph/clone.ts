/**
 * Copies of modules and guides for one rollout: what may change is copied, what is trained or costly is shared.
 *
 * @module
 */
import { parseExpressionAt } from "acorn";
import { GraphError } from "../errors.ts";
import { isPlainObject } from "../data/json.ts";

/** Anything that knows how to copy itself for a rollout. */
interface Cloneable {
  clone(): unknown;
}

/**
 * A copy of `original` with the same class: plain data is copied (unless frozen), nested modules are cloned,
 * everything else is shared. Fields that refer to one another still do so in the copy.
 *
 * @throws GraphError when its class has `#private` members, which a copy made from outside would lack
 */
export function cloneModule<T extends object>(original: T): T {
  const copies = copiesUnderWay ?? new Map<object, unknown>();
  const isOutermost = copiesUnderWay === undefined;
  copiesUnderWay = copies;
  try {
    return cloneFields(original, copies);
  } finally {
    if (isOutermost) copiesUnderWay = undefined;
  }
}

/** The copies made by the clone that is under way: nested `clone()` calls share them, so that cycles end. Cloning is synchronous. */
let copiesUnderWay: Map<object, unknown> | undefined;

function cloneFields<T extends object>(original: T, copies: Map<object, unknown>): T {
  refusePrivateMembers(original);
  const copy = Object.create(Object.getPrototypeOf(original)) as T;
  copies.set(original, copy);
  for (const key of Reflect.ownKeys(original)) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor;
    if ("value" in descriptor) descriptor.value = copyValue(descriptor.value, copies);
    Object.defineProperty(copy, key, descriptor);
  }
  return copy;
}

function copyValue(value: unknown, copies: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  if (isCloneable(value)) return remember(value, value.clone(), copies);
  if (Object.isFrozen(value)) return value;
  if (Array.isArray(value)) {
    const copy = remember<unknown[]>(value, [], copies);
    for (const inner of value) copy.push(copyValue(inner, copies));
    return copy;
  }
  if (value instanceof Map) {
    const copy = remember(value, new Map<unknown, unknown>(), copies);
    for (const [key, inner] of value) copy.set(copyValue(key, copies), copyValue(inner, copies));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(value, new Set<unknown>(), copies);
    for (const inner of value) copy.add(copyValue(inner, copies));
    return copy;
  }
  if (value instanceof Date) return new Date(value.getTime());
  if (ArrayBuffer.isView(value)) return structuredClone(value);
  if (!isPlainObject(value)) return value;
  const copy = remember(value, Object.create(Object.getPrototypeOf(value)) as Record<string, unknown>, copies);
  for (const key of Object.keys(value)) copy[key] = copyValue(value[key], copies);
  return copy;
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

/** Says that instances of this class are cloned, not shared, when they are found in a field. */
export function markCloneable(owner: { readonly prototype: object }): void {
  Object.defineProperty(owner.prototype, cloneMark, { value: true });
}

const privateMembers = new WeakMap<object, string | undefined>();

function refusePrivateMembers(original: object): void {
  for (let prototype = Object.getPrototypeOf(original); prototype && prototype !== Object.prototype; ) {
    const owner = prototype.constructor as unknown;
    if (typeof owner === "function") {
      if (!privateMembers.has(owner)) privateMembers.set(owner, findPrivateMember(owner));
      const name = privateMembers.get(owner);
      if (name !== undefined) {
        throw new GraphError(
          `${owner.name} cannot be copied for a rollout: its private member #${name} would be missing in the copy. ` +
            "Make it a TypeScript `private` field, or override clone().",
        );
      }
    }
    prototype = Object.getPrototypeOf(prototype);
  }
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
