/**
 * What can be awaited.
 *
 * @module
 */

/** True for promises and everything else that can be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    typeof (value as { then?: unknown }).then === "function"
  );
}
