/**
 * Refuses texts that hold half a character, which no provider takes in a later prompt.
 *
 * @module
 */
import type { JsonValue } from "../../data/json.ts";

/** Says that a text of the value, or a name in it, has one half of a surrogate pair, or `undefined` when none has. */
export function brokenText(value: JsonValue): string | undefined {
  return isBroken(value) ? "expected whole characters, got half of one (a surrogate without its other half)" : undefined;
}

function isBroken(value: JsonValue): boolean {
  if (typeof value === "string") return /\p{Surrogate}/u.test(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, inner]) => isBroken(name) || isBroken(inner as JsonValue));
}
