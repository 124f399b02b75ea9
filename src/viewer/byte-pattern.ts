/**
 * `BytePattern`: a text that is looked for at a place in bytes, four bytes at a time.
 *
 * @module
 */

/** A text as bytes. */
export class BytePattern {
  readonly length: number;
  readonly #words: Int32Array;
  readonly #rest: Buffer;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.length = bytes.length;
    this.#words = Int32Array.from({ length: bytes.length >> 2 }, (_, word) => bytes.readInt32LE(word * 4));
    this.#rest = bytes.subarray(this.#words.length * 4);
  }

  /** Whether it stands there. */
  isAt(view: DataView, start: number): boolean {
    if (start + this.length > view.byteLength) return false;
    const words = this.#words;
    let at = start;
    for (let word = 0; word < words.length; word++, at += 4) if (view.getInt32(at, true) !== words[word]) return false;
    for (let byte = 0; byte < this.#rest.length; byte++) if (view.getUint8(at + byte) !== this.#rest[byte]) return false;
    return true;
  }
}

let last: { readonly bytes: Buffer; readonly view: DataView } | undefined;

/** A view of bytes; the same as before for the same bytes. */
export function viewOf(bytes: Buffer): DataView {
  if (last?.bytes !== bytes) last = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
  return last.view;
}
