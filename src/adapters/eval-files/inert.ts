/**
 * `inert`: what takes the place of functions of a test runner that have nothing to do.
 *
 * @module
 */

/** It may be called, and every member of it is another one, unless it has members of its own. */
export type Inert = ((...args: never[]) => unknown) & { readonly [member: string]: Inert };

/**
 * A function that does nothing and returns itself, as does each of its members.
 *
 * @param own members that do something; one that is `undefined` is inert
 * @param call what it does when it is called @default nothing
 */
export function inert(own: Readonly<Record<string, unknown>> = {}, call?: (...args: never[]) => unknown): Inert {
  const itself: Inert = new Proxy((() => {}) as unknown as Inert, {
    // Awaited, it is a value like any other.
    get: (_, member) => (member === "then" || typeof member === "symbol" ? undefined : (own[member] ?? inert())),
    apply: (_, __, args: never[]) => (call === undefined ? itself : call(...args)),
  });
  return itself;
}
