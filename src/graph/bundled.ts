/**
 * What bundled functions were made of.
 *
 * @module
 */

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
