/**
 * The scope that a copy of an agent belongs to: in it its parameters are read, whatever asynchronous context user code runs in.
 *
 * @module
 */
import type { GraphNode } from "./graph-node.ts";
import { currentScope, isInside, type Layer, reportLostContext, runInScope, type Scope } from "./scope.ts";

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
