/**
 * Fingerprints: one short text for any value, the same in every process for equal values.
 *
 * @module
 */
import { createHash, hash } from "node:crypto";
import { isPlainObject } from "./json.ts";

/**
 * The SHA-256 of a value, in hexadecimal. The order of object keys does not matter. What JSON cannot hold counts by its nearest
 * form: bytes by their own hash, Maps and Sets by their entries, functions by their name, class instances by their fields.
 */
export function fingerprint(value: unknown): string {
  return hash("sha256", stableText(value));
}

/** The SHA-256 of many values in their order, one by one, so that no text is as long as all of them. */
export function fingerprintOfAll(values: Iterable<unknown>): string {
  const sum = createHash("sha256");
  for (const value of values) sum.update(`${stableText(value)}\n`);
  return sum.digest("hex");
}

function stableText(value: unknown): string {
  return JSON.stringify(value, nearestJson) ?? String(value);
}

function nearestJson(_key: string, value: unknown): unknown {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "symbol") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "function") return `function ${value.name}`;
  if (value === undefined) return "undefined";
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (ArrayBuffer.isView(value))
    return `bytes ${hash("sha256", new Uint8Array(value.buffer, value.byteOffset, value.byteLength))}`;
  if (value instanceof Map) return { map: [...value] };
  if (value instanceof Set) return { set: [...value] };
  if (value instanceof RegExp || value instanceof Error) return String(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return isPlainObject(value) ? Object.fromEntries(fields) : { [value.constructor.name]: fields };
}
