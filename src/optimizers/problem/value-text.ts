/**
 * Values as a language model reads them, as long as there is room for them.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import { type JsonEnds, jsonEnds } from "./json-ends.ts";
import { showValue } from "./show-value.ts";

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
