/**
 * What JSON is made of a value that may have none: Maps, Sets, errors (without stack, which names files), functions, cycles.
 *
 * @module
 */
import { bytesAsText } from "../../data/json.ts";
import { exceptionText } from "../../graph/execution-error.ts";

/**
 * The value whose JSON is written in place of `value`, one level deep: what `toJSON` gives, else the nearest that there is.
 *
 * @param isOuter whether an object is one that this value is part of
 */
export function jsonForm(value: unknown, isOuter: (object: object) => boolean): unknown {
  const bytes = bytesAsText(value);
  if (bytes !== undefined) return bytes;
  const given = hasToJson(value) ? value.toJSON("") : value;
  if (typeof given === "number") return Number.isFinite(given) ? given : String(given);
  if (typeof given !== "object" || given === null) {
    return given === undefined || given === null || typeof given === "string" || typeof given === "boolean"
      ? given
      : scalarText(given);
  }
  return isOuter(given) ? "(contains itself)" : plainForm(given);
}

/** An object that JSON has no word for, as one that it has. */
export function plainForm(value: object): unknown {
  if (value instanceof Map)
    return [...value.keys()].every((key) => typeof key === "string") ? Object.fromEntries(value) : [...value];
  if (value instanceof Set) return [...value];
  if (value instanceof Error) return exceptionText(value);
  // What a box holds is written as it would be without the box: NaN and bigints are no JSON either.
  if (boxes.some((box) => value instanceof box)) return jsonForm(value.valueOf(), () => false);
  return value;
}

const boxes = [Number, String, Boolean, BigInt, Symbol] as const;

/** What is no object, as text. */
export function scalarText(value: unknown): string {
  return typeof value === "function" ? `function ${value.name || "without a name"}` : String(value);
}

function hasToJson(value: unknown): value is { toJSON(key: string): unknown } {
  return typeof value === "object" && value !== null && typeof (value as { toJSON?: unknown }).toJSON === "function";
}
