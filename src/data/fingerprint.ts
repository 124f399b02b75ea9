/**
 * Fingerprints: one short text for any value, the same in every process for equal values.
 *
 * @module
 */
import { isPlainObject } from "./json.ts";
import { nodeCrypto } from "./load-on-demand.ts";

/**
 * The SHA-256 of a value, in hexadecimal. The order of object keys does not matter. What JSON cannot hold counts by its nearest
 * form: bytes by their own hash, Maps and Sets by their entries, functions by their name, class instances by their fields.
 * Never throws: what cannot be read counts as that.
 */
export function fingerprint(value: unknown): string {
  try {
    return nodeCrypto().hash("sha256", stableText(value));
  } catch {
    return nodeCrypto().hash("sha256", textOfUnusual(value));
  }
}

/** The SHA-256 of many values in their order, one by one, so that no text is as long as all of them. */
export function fingerprintOfAll(values: Iterable<unknown>): string {
  const sum = nodeCrypto().createHash("sha256");
  let text = stableText;
  for (const value of values) {
    try {
      sum.update(`${text(value)}\n`);
    } catch {
      // Where one is circular, others are, too, and to find that out takes long.
      text = textOfUnusual;
      sum.update(`${text(value)}\n`);
    }
  }
  return sum.digest("hex");
}

function stableText(value: unknown): string {
  return JSON.stringify(value, nearestJson) ?? String(value);
}

/** Deeper values make `JSON.stringify` run out of stack. */
const mostDeep = 500;

/** The same text, with a word in place of a value that is nested in itself, nested too deeply, or cannot be read. */
function textOfUnusual(value: unknown): string {
  try {
    return textWithin(value);
  } catch {
    return "unreadable";
  }
}

function textWithin(value: unknown): string {
  const path: { readonly original: unknown; readonly holder: unknown }[] = [];
  const replace = function (this: unknown, key: string, original: unknown): unknown {
    while (path.length > 0 && path.at(-1)?.holder !== this) path.pop();
    if (path.some((above) => above.original === original)) return "circular";
    const holder = nearestForm(this, key, original, fieldsWithoutGetters);
    if (typeof holder !== "object" || holder === null) return holder;
    if (path.length === mostDeep) return "more";
    path.push({ original, holder });
    return holder;
  };
  return JSON.stringify(value, replace) ?? String(value);
}

function nearestJson(this: unknown, key: string, value: unknown): unknown {
  return nearestForm(this, key, value, Object.entries);
}

type Fields = (value: object) => [string, unknown][];

function nearestForm(holder: unknown, key: string, value: unknown, fieldsOf: Fields): unknown {
  // As a Buffer calls itself, each of its bytes would be a number of its own.
  const raw = (holder as Readonly<Record<string, unknown>>)[key];
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "symbol") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "function") return `function ${value.name}`;
  if (value === undefined) return "undefined";
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (ArrayBuffer.isView(raw))
    return `bytes ${nodeCrypto().hash("sha256", new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength))}`;
  if (raw instanceof ArrayBuffer) return `bytes ${nodeCrypto().hash("sha256", new Uint8Array(raw))}`;
  if (value instanceof Map) return { map: [...value] };
  if (value instanceof Set) return { set: [...value] };
  if (value instanceof RegExp || value instanceof Error) return String(value);
  const fields = fieldsOf(value).sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return isPlainObject(value) ? Object.fromEntries(fields) : { [String(value.constructor?.name)]: fields };
}

/** A getter may throw, or make another object each time. */
function fieldsWithoutGetters(value: object): [string, unknown][] {
  return Object.keys(value).map((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key);
    return [key, property?.get === undefined ? property?.value : "computed"];
  });
}
