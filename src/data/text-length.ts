/**
 * How long a value is as text: what shorter prompts are told by.
 *
 * @module
 */
import { canonicalJson, type JsonValue } from "./json.ts";

/** Characters of all text in a value: of a string its own, of a list or an object those of its parts, of anything else its JSON. */
export function textLength(value: JsonValue): number {
  if (typeof value === "string") return value.length;
  if (value === null || typeof value !== "object") return canonicalJson(value).length;
  return Object.values(value).reduce<number>((sum, part) => sum + textLength(part as JsonValue), 0);
}
