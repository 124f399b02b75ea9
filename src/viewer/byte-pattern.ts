/**
 * `BytePattern`: a text that is looked for at a place in bytes, four bytes at a time.
 *
 * @module
 */

/** A text of at least four bytes, as bytes. */
export class BytePattern {
  readonly length: number;
  readonly #words: Int32Array;
  /** The last four bytes, which the last of the words may overlap. */
  readonly #last: number;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.length = bytes.length;
    this.#words = Int32Array.from({ length: bytes.length >> 2 }, (_, word) => bytes.readInt32LE(word * 4));
    this.#last = bytes.readInt32LE(bytes.length - 4);
  }

  /** Whether it is there. @param end of the bytes */
  isAt(view: DataView, start: number, end: number): boolean {
    if (start + this.length > end) return false;
    const words = this.#words;
    for (let word = 0; word < words.length; word++) if (view.getInt32(start + word * 4, true) !== words[word]) return false;
    return view.getInt32(start + this.length - 4, true) === this.#last;
  }
}

let last: { readonly bytes: Buffer; readonly view: DataView } | undefined;

/** A view of bytes; the same as before for the same bytes. */
export function viewOf(bytes: Buffer): DataView {
  if (last?.bytes !== bytes) last = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
  return last.view;
}
