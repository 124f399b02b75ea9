/**
 * The version of this package.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** The version that package.json says, or "unknown". */
export function packageVersion(): string {
  try {
    const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    return String((JSON.parse(text) as { readonly version?: unknown }).version);
  } catch {
    return "unknown";
  }
}
