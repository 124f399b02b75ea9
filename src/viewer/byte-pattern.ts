/**
 * `BytePattern`: a text that is looked for at a place in bytes, four bytes at a time; `ByteCursor`: goes through bytes by such texts.
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

  /** Whether it is there. */
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

/** A place in bytes that moves on over what is there. One serves for millions of lines. */
export class ByteCursor {
  bytes: Buffer = Buffer.alloc(0);
  view: DataView = viewOf(this.bytes);
  at = 0;

  /** Begins at a place. */
  begin(bytes: Buffer, at: number): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.at = at;
  }

  /** Moves over a text. @returns whether it is there; else it stays */
  skip(pattern: BytePattern): boolean {
    if (!pattern.isAt(this.view, this.at)) return false;
    this.at += pattern.length;
    return true;
  }

  /** Moves to the next byte of this value, or to the end. */
  skipTo(byte: number): void {
    const { bytes } = this;
    let { at } = this;
    while (at < bytes.length && bytes[at] !== byte) at++;
    this.at = at;
  }

  /** Moves over digits. @returns their number; 0 where there is none */
  number(): number {
    const { bytes } = this;
    let { at } = this;
    let number = 0;
    for (let digit = bytes[at] as number; digit >= 0x30 && digit <= 0x39; digit = bytes[++at] as number) {
      number = number * 10 + digit - 0x30;
    }
    this.at = at;
    return number;
  }
}
