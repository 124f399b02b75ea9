/**
 * Handles: what stands on the copy of an agent for a parameter or a bundled function, and reads or runs it in the scope of the copy, whatever
 * asynchronous context user code runs in.
 *
 * @module
 */
import { isContainer, visitContainer } from "./containers.ts";
import type { GraphNode } from "./graph-node.ts";
import { currentScope, isInside, type Layer, reportLostContext, runInScope, type Scope } from "./scope.ts";

/** What a handle stands for, and the scope that it is read in. */
export interface Handled {
  readonly original: object;
  readonly own: OwnScope;
}

const handledKey = Symbol("handled");

function handledOf(value: object): Handled | undefined {
  return (value as { readonly [handledKey]?: Handled })[handledKey];
}

/** Whether handles stand for `value` on a copy: parameters and bundled functions. */
export function isHandled(value: unknown): boolean {
  if (typeof value === "function") return bundledParts(originalOf(value)) !== undefined;
  return typeof value === "object" && value !== null && parameterMark in value;
}

const parameterMark = Symbol("parameter");

/** Says that on copies handles stand for instances of this class. */
export function markHandled(owner: { readonly prototype: object }): void {
  Object.defineProperty(owner.prototype, parameterMark, { value: true });
}

/** A stand-in for a parameter or bundled function that looks like it, and is read or runs in the scope `own`. */
export function handleOf<T extends object>(value: T, own: OwnScope): T {
  const original = originalOf(value);
  if (typeof original === "function") return functionHandle(original, { original, own });
  const parameter = original as T & GraphNode;
  return new Proxy<T & GraphNode>(parameter, new ParameterHandle(parameter, own));
}

/** What a handle stands for; everything else is returned as it is. The graph never has a handle as an input. */
export function originalOf<T extends object>(value: T): T {
  return (handledOf(value)?.original as T | undefined) ?? value;
}

/** The first handle among `nodes`, for what has to run in its scope. */
export function handleAmong(nodes: readonly GraphNode[]): Handled | undefined {
  for (const node of nodes) {
    const handled = node.kind === "parameter" ? handledOf(node) : undefined;
    if (handled !== undefined) return handled;
  }
  return undefined;
}

/** Whether something that `isMeant` is anywhere in a container. Looks at each container once, however they refer to one another. */
export function holds(container: object, isMeant: (inner: unknown) => boolean): boolean {
  let found = false;
  // Grows while it is walked.
  const containers = new Set<object>(isContainer(container) ? [container] : []);
  const visit = (inner: unknown): void => {
    if (isMeant(inner)) found = true;
    else if (isContainer(inner)) containers.add(inner);
  };
  for (const one of containers) {
    visitContainer(one, visit);
    if (found) return true;
  }
  return false;
}

function functionHandle<F extends (...args: never[]) => unknown>(fn: F, handled: Handled): F {
  return new Proxy(fn, {
    get: (target, key) => (key === handledKey ? handled : Reflect.get(target, key)),
    apply: (target, self, args) => handled.own.run(() => Reflect.apply(target, self, args as never[])),
  });
}

/** How a parameter is read on a copy. A class, because each rollout has one for each of its parameters. */
class ParameterHandle implements Handled, ProxyHandler<GraphNode> {
  readonly original: GraphNode;
  readonly own: OwnScope;

  constructor(original: GraphNode, own: OwnScope) {
    this.original = original;
    this.own = own;
  }

  get(target: GraphNode, key: string | symbol): unknown {
    const { own } = this;
    if (key === handledKey) return this;
    // What it is; what it holds is behind accessors and methods.
    if (Object.hasOwn(target, key)) return Reflect.get(target, key) as unknown;
    const value: unknown = own.isLost
      ? own.read(target, () => Reflect.get(target, key, target))
      : Reflect.get(target, key, target);
    // Methods named by symbols are those of the language, and work with the handle itself.
    if (typeof value !== "function" || typeof key === "symbol" || key === "constructor") return value;
    return (...args: unknown[]) => own.read(target, () => Reflect.apply(value, target, args) as unknown);
  }
}

/** The parts of a bundled function. */
export interface BundledParts {
  /** The function as the program wrote it. */
  readonly fn: (...args: never[]) => unknown;
  /** What its code may use from outside, where it is trainable. */
  readonly tools?: Readonly<Record<string, unknown>> | undefined;
}

const known = new WeakMap<object, BundledParts>();

/** Remembers what a bundled function was made of. */
export function rememberBundled(traced: object, parts: BundledParts): void {
  known.set(traced, parts);
}

/** What `fn` was made of; `undefined` when it is no bundled function. */
export function bundledParts(fn: object): BundledParts | undefined {
  return known.get(fn);
}

/**
 * The scope of one rollout, known to the copies that were made for it. A queue or an emitter may run a rollout's code in the
 * asynchronous context of another rollout; the copy that the code reads from still knows better.
 */
export class OwnScope {
  readonly #layer: Layer | undefined;
  #scope: Scope;
  /** Calls of the copy in progress. */
  #calls = 0;

  constructor(scope: Scope) {
    this.#layer = scope.layer;
    this.#scope = scope;
  }

  /** Whether code that has this at hand runs in an asynchronous context that is not its own. What is used after its rollout is others'. */
  get isLost(): boolean {
    return this.#calls > 0 && !isInside(currentScope().layer, this.#layer);
  }

  /** Whether a call in `scope` has the values of this one, and is not one of several that each have their own. */
  hasValuesOf({ bindings }: Scope): boolean {
    return bindings === this.#scope.bindings;
  }

  /** Runs `fn` in this scope, unless it runs there already. */
  run<R>(fn: () => R): R {
    return this.isLost ? runInScope(this.#scope, fn) : fn();
  }

  /** `run` for a read of a parameter: that the context was lost is reported. */
  read<R>(parameter: GraphNode, fn: () => R): R {
    if (!this.isLost) return fn();
    reportLostContext(this.#scope, parameter, "foreign");
    return runInScope(this.#scope, fn);
  }

  /** A call of the copy begins, in the current scope. Until it ends, reads without a context of their own are its. */
  enter(): void {
    if (this.#calls === 0) this.#scope = currentScope();
    this.#calls++;
  }

  leave(): void {
    this.#calls--;
  }
}

/** A constructor that returns the object it is given, so that the fields of a subclass are added to that. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what it is for.
    return object;
  }
}

/**
 * Adds a private field to any object. A hidden property would take `defineProperty`, which costs ten times as much, and a million
 * copies in a WeakMap would be work for the garbage collector.
 */
class WithOwnScope extends Given {
  readonly #own: OwnScope;

  constructor(copy: object, own: OwnScope) {
    super(copy);
    this.#own = own;
  }

  static of(copy: object): OwnScope | undefined {
    return #own in copy ? copy.#own : undefined;
  }
}

/** Says for the rollout of which scope `copy` was made, once. */
export function setOwnScope(copy: object, own: OwnScope): void {
  new WithOwnScope(copy, own);
}

/** The scope that a copy was made for; `undefined` for what was made outside any rollout. */
export const ownScopeOf: (copy: object) => OwnScope | undefined = WithOwnScope.of;

/** Runs `fn` in the scope that `copy` was made for, if there is one. */
export function inOwnScope<R>(copy: object, fn: () => R): R {
  const own = ownScopeOf(copy);
  return own === undefined ? fn() : own.run(fn);
}
