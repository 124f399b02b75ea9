/**
 * Packages that only some programs need: loaded at the first use, in the middle of synchronous code.
 *
 * @module
 */
import { createRequire } from "node:module";

/** The packages. */
export type PackageOnDemand =
  | "@jridgewell/trace-mapping"
  | "@pydantic/genai-prices"
  | "@sveltejs/acorn-typescript"
  | "eslint-scope"
  | "sucrase";

/**
 * Each is written out, because bundlers take into a bundle what a literal `require` names. Where nothing is bundled this is a
 * module, and Node's modules have no `require`: it throws.
 */
const bundled: Readonly<Record<PackageOnDemand, () => unknown>> = {
  "@jridgewell/trace-mapping": () => require("@jridgewell/trace-mapping"),
  "@pydantic/genai-prices": () => require("@pydantic/genai-prices"),
  "@sveltejs/acorn-typescript": () => require("@sveltejs/acorn-typescript"),
  "eslint-scope": () => require("eslint-scope"),
  sucrase: () => require("sucrase"),
};

const loaded = new Map<string, unknown>();

/** `undefined` when the package is not there, as where a program was copied without its packages. */
export function loadOnDemand<T>(name: PackageOnDemand): T | undefined {
  if (!loaded.has(name)) loaded.set(name, tryAll([bundled[name], () => createRequire(import.meta.url)(name) as unknown]));
  return loaded.get(name) as T | undefined;
}

function tryAll(ways: readonly (() => unknown)[]): unknown {
  for (const load of ways) {
    try {
      return load();
    } catch {
      // The next way.
    }
  }
  return undefined;
}
