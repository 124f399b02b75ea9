/**
 * Copies of modules and guides for one rollout: what may change is copied, what is trained or costly is shared.
 *
 * @module
 */
import { parseExpressionAt } from "acorn";
import { GraphError } from "../errors.ts";
import { copyProperties, isContainer } from "./containers.ts";

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
    refusePrivateMembers(original);
    return copyObject(original, copies);
  } finally {
    if (isOutermost) copiesUnderWay = undefined;
  }
}

/**
 * A copy of plain data: arrays, plain objects, Maps, Sets, dates and buffers, through and through. What is frozen and
 * everything else (texts, numbers, nodes, instances of classes) is given back as it is.
 */
export function copyData<T>(value: T): T {
  return typeof value === "object" && value !== null ? (copyValue(value, new Map()) as T) : value;
}

/** The copies made by the clone that is under way: nested `clone()` calls share them, so that cycles end. Cloning is synchronous. */
let copiesUnderWay: Map<object, unknown> | undefined;

function copyObject<T extends object>(original: T, copies: Map<object, unknown>): T {
  const copy = remember(original, Object.create(Object.getPrototypeOf(original)) as T, copies);
  return copyProperties(original, copy, (inner) => copyValue(inner, copies));
}

function copyValue(value: unknown, copies: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  if (isCloneable(value)) return remember(value, value.clone(), copies);
  if (Object.isFrozen(value)) return value;
  if (Object.getPrototypeOf(value) === Date.prototype) return remember(value, new Date(value as Date), copies);
  if (Buffer.isBuffer(value)) return remember(value, Buffer.from(value), copies);
  if (ArrayBuffer.isView(value)) return remember(value, structuredClone(value), copies);
  if (!isContainer(value)) return value;
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
  return copyObject(value, copies);
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
          `${owner.name || "This class"} cannot be copied for a rollout: its private member #${name} would be missing in the copy. ` +
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
