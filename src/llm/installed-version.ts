/**
 * `installedVersion`: which specification of language models the installed `ai` takes.
 *
 * @module
 */
import { createRequire } from "node:module";

let known: "v2" | "v3" | undefined;

/** What the `ai` that this package loads takes without a word on the console: "v2" for `ai` 5, else, and without one, "v3". */
export function installedVersion(): "v2" | "v3" {
  known ??= read();
  return known;
}

function read(): "v2" | "v3" {
  try {
    const { version } = createRequire(import.meta.url)("ai/package.json") as { readonly version: string };
    return version.startsWith("5.") ? "v2" : "v3";
  } catch {
    return "v3";
  }
}
