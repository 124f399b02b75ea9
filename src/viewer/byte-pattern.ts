/**
 * `BytePattern`: a text that is looked for at a place in bytes, eight bytes at a time.
 *
 * @module
 */

/**
 * A text of at least four bytes, as bytes. Eight of them are compared as one float, which is quicker than as an integer of that size. It says the same:
 * no text has eight bytes that are a negative zero, and for those that are no number (a DEL may be among them) nothing is found.
 */
export class BytePattern {
  readonly length: number;
  readonly #words: Float64Array;
  /** The first four bytes that the words leave over, and the last four of all: together they cover the rest. */
  readonly #first: number;
  readonly #last: number;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.length = bytes.length;
    this.#words = Float64Array.from({ length: bytes.length >> 3 }, (_, word) => bytes.readDoubleLE(word * 8));
    this.#first = bytes.readInt32LE(Math.min(this.#words.length * 8, bytes.length - 4));
    this.#last = bytes.readInt32LE(bytes.length - 4);
  }

  /** Whether it is there. @param end of the bytes */
  isAt(view: DataView, start: number, end: number): boolean {
    const last = start + this.length - 4;
    if (last + 4 > end) return false;
    const words = this.#words;
    let at = start;
    for (let word = 0; word < words.length; word++, at += 8) if (view.getFloat64(at, true) !== words[word]) return false;
    return view.getInt32(at < last ? at : last, true) === this.#first && view.getInt32(last, true) === this.#last;
  }
}

let last: { readonly bytes: Buffer; readonly view: DataView } | undefined;

/** A view of bytes; the same as before for the same bytes. */
export function viewOf(bytes: Buffer): DataView {
  if (last?.bytes !== bytes) last = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
  return last.view;
}
