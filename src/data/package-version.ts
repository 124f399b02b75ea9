/**
 * The version of this package.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** The version that package.json says; "unknown" in a bundle, where that file is of another package or of none. */
export function packageVersion(): string {
  try {
    const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    const { name, version } = JSON.parse(text) as { readonly name?: unknown; readonly version?: unknown };
    return name === "opto" ? String(version) : "unknown";
  } catch {
    return "unknown";
  }
}
