/**
 * Whether the code that is running makes the request of a call that has passed the gate.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage<true>();

/** Makes the request of a call: models that it reaches on its way are parts of it, and no calls of their own. */
export function insideCall<R>(request: () => R): R {
  return storage.run(true, request);
}

/** Whether a call that has passed the gate is being made here. */
export function isInsideCall(): boolean {
  return storage.getStore() === true;
}
