/**
 * Values as a language model reads them: text as it is, everything else as JSON, and the word for the type.
 *
 * @module
 */
import { bytesAsText, shorten } from "../../data/json.ts";
import { exceptionText } from "../../graph/execution-error.ts";

/** `value` as text, the same on every machine: strings as they are, all else as JSON as far as it goes. Never throws. */
export function showValue(value: unknown, indent?: number): string {
  if (typeof value !== "object" || value === null) return scalarText(value);
  if (value instanceof Error) return exceptionText(value);
  try {
    return JSON.stringify(value, readable(), indent) ?? "undefined";
  } catch {
    // A getter or `toJSON` of the program's own threw, or it is nested too deeply.
    return Object.prototype.toString.call(value);
  }
}

/** The type of a value, in a word. */
export function typeWord(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return "text";
  if (Array.isArray(value)) return "list";
  if (typeof value !== "object") return typeof value;
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? name : "object";
}

/** A replacer that makes JSON of what has none. */
function readable(): (this: unknown, key: string, value: unknown) => unknown {
  const ancestors: { readonly original: object; readonly shown: unknown }[] = [];
  return function replace(key, value) {
    // Read again, because a Buffer has turned itself into a list of numbers.
    const bytes = bytesAsText((this as Record<string, unknown>)[key]);
    if (bytes !== undefined) return bytes;
    if (typeof value !== "object" || value === null) return jsonForm(value, () => false);
    // `this` holds the value, so everything above it on the stack is finished.
    while (ancestors.length > 0 && ancestors.at(-1)?.shown !== this) ancestors.pop();
    if (ancestors.some(({ original }) => original === value)) return "(contains itself)";
    const shown = plainForm(value);
    ancestors.push({ original: value, shown });
    return shown;
  };
}

/**
 * The value whose JSON is written in place of `value`, one level deep: what `toJSON` gives, else the nearest that there is.
 *
 * @param isOuter whether an object is one that this value is part of
 */
function jsonForm(value: unknown, isOuter: (object: object) => boolean): unknown {
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
function plainForm(value: object): unknown {
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
function scalarText(value: unknown): string {
  return typeof value === "function" ? `function ${value.name || "without a name"}` : String(value);
}

function hasToJson(value: unknown): value is { toJSON(key: string): unknown } {
  return typeof value === "object" && value !== null && typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/** The JSON of a value as far as it is needed. */
export interface JsonEnds {
  /** The whole text when it is short enough, else its beginning. */
  readonly head: string;
  /** The end of a text that is too long; `undefined` when `head` is all of it. */
  readonly tail: string | undefined;
}

/**
 * Writes the JSON of `value` up to `maxLength` characters from the beginning, and when that is not all of it, as many from the
 * end. What lies between is never looked at, however large the value is.
 *
 * @throws whatever getters and `toJSON` of the program's own throw
 */
export function jsonEnds(value: object, maxLength: number): JsonEnds {
  const head = new EndWriter(maxLength, false);
  head.write(value, undefined);
  if (!head.isFull) return { head: head.text === "" ? "undefined" : head.text, tail: undefined };
  const tail = new EndWriter(maxLength, true);
  tail.write(value, undefined);
  return { head: head.text.slice(0, maxLength), tail: tail.text.slice(-maxLength) };
}

/** The values around the one that is being written. */
interface Ancestors {
  readonly value: object;
  readonly outer: Ancestors | undefined;
}

/** Writes from one end until there is more than enough. */
class EndWriter {
  text = "";
  readonly #maxLength: number;
  readonly #fromEnd: boolean;

  constructor(maxLength: number, fromEnd: boolean) {
    this.#maxLength = maxLength;
    this.#fromEnd = fromEnd;
  }

  get isFull(): boolean {
    return this.text.length > this.#maxLength;
  }

  /** @returns whether there was anything to write */
  write(given: unknown, ancestors: Ancestors | undefined): boolean {
    const value = jsonForm(given, (object) => isAmong(ancestors, object));
    if (value === undefined) return false;
    if (typeof value === "string") this.#writeText(value);
    else if (typeof value !== "object" || value === null) this.#put(String(value));
    else if (Array.isArray(value)) this.#writeList(value, { value: originalOf(given, value), outer: ancestors });
    else this.#writeObject(value as Record<string, unknown>, { value: originalOf(given, value), outer: ancestors });
    return true;
  }

  #put(piece: string): void {
    this.text = this.#fromEnd ? piece + this.text : this.text + piece;
  }

  #writeText(text: string): void {
    const room = this.#maxLength - this.text.length + 1;
    if (text.length <= room) this.#put(JSON.stringify(text));
    else if (this.#fromEnd) this.#put(JSON.stringify(text.slice(-room)).slice(1));
    else this.#put(JSON.stringify(text.slice(0, room)).slice(0, -1));
  }

  #writeList(list: readonly unknown[], ancestors: Ancestors): void {
    const [open, close] = this.#fromEnd ? ["]", "["] : ["[", "]"];
    this.#put(open);
    for (let index = 0; index < list.length && !this.isFull; index++) {
      if (index > 0) this.#put(",");
      if (!this.write(list[this.#fromEnd ? list.length - 1 - index : index], ancestors)) this.#put("null");
    }
    if (!this.isFull) this.#put(close);
  }

  #writeObject(object: Record<string, unknown>, ancestors: Ancestors): void {
    const [open, close] = this.#fromEnd ? ["}", "{"] : ["{", "}"];
    const keys = Object.keys(object);
    this.#put(open);
    let isFirst = true;
    for (let index = 0; index < keys.length && !this.isFull; index++) {
      const key = keys[this.#fromEnd ? keys.length - 1 - index : index] as string;
      const before = this.text;
      if (!isFirst) this.#put(",");
      if (!this.#fromEnd) this.#put(`${JSON.stringify(key)}:`);
      if (!this.write(object[key], ancestors)) {
        this.text = before;
        continue;
      }
      if (this.#fromEnd) this.#put(`${JSON.stringify(key)}:`);
      isFirst = false;
    }
    if (!this.isFull) this.#put(close);
  }
}

function isAmong(ancestors: Ancestors | undefined, object: object): boolean {
  for (let link = ancestors; link !== undefined; link = link.outer) if (link.value === object) return true;
  return false;
}

/** A Map is written as another object; only the Map itself can be met again. */
function originalOf(given: unknown, written: object): object {
  return given instanceof Map || given instanceof Set ? given : written;
}

/** The text of a value, of which as much is written as is shown. */
export class ValueText {
  readonly #ends: JsonEnds;

  /** @param maxLength the most characters that will ever be asked for */
  constructor(value: unknown, maxLength: number) {
    this.#ends = endsOf(value, maxLength);
  }

  /** Whether it is the text of all of the value, however long. */
  get isWhole(): boolean {
    return this.#ends.tail === undefined;
  }

  /** Whether all of it is shown at that length. */
  isWholeAt(maxLength: number): boolean {
    return this.isWhole && this.length <= maxLength;
  }

  /** Characters of the text, or of as much of it as can be shown. */
  get length(): number {
    const { head, tail = "" } = this.#ends;
    return head.length + tail.length;
  }

  /** The text, its middle left out when it is longer than that. */
  shown(maxLength: number): string {
    const { head, tail } = this.#ends;
    if (tail === undefined) return shorten(head, maxLength);
    const kept = Math.max(2, maxLength - cutMark.length);
    const before = head.slice(0, Math.ceil(kept / 2)).replace(/[\uD800-\uDBFF]$/, "");
    const after = tail.slice(-Math.floor(kept / 2)).replace(/^[\uDC00-\uDFFF]/, "");
    return before + cutMark + after;
  }
}

/** How much is missing is not known: nobody looked. */
const cutMark = "…(middle cut)…";

function endsOf(value: unknown, maxLength: number): JsonEnds {
  if (typeof value !== "object" || value === null || value instanceof Error) return { head: showValue(value), tail: undefined };
  try {
    return jsonEnds(value, maxLength);
  } catch {
    // A getter or `toJSON` of the program's own threw, or it is nested too deeply.
    return { head: Object.prototype.toString.call(value), tail: undefined };
  }
}
