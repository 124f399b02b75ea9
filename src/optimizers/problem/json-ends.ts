/**
 * Both ends of a value's JSON, without writing what lies between.
 *
 * @module
 */
import { jsonForm } from "./json-form.ts";

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
