/**
 * Packages that only trainable functions need: loaded at the first use, in the middle of synchronous code.
 *
 * @module
 */
import { createRequire } from "node:module";

const loaded = new Map<string, unknown>();

/** `undefined` when the package is not there, as in a bundle that was copied without its packages. */
export function loadOnDemand<T>(name: string): T | undefined {
  if (!loaded.has(name)) loaded.set(name, tryToLoad(name));
  return loaded.get(name) as T | undefined;
}

function tryToLoad(name: string): unknown {
  try {
    return createRequire(import.meta.url)(name);
  } catch {
    return undefined;
  }
}
