/**
 * The lines of a file that may be larger than memory should hold at once.
 *
 * @module
 */

/** A whole line and where it stands. */
export interface FileLine {
  /** Without its line feed. */
  readonly bytes: Buffer;
  /** Where it begins, in bytes from the start of the file. */
  readonly start: number;
  /** Where the next one begins. */
  readonly next: number;
}

/** The whole lines of a file that comes in pieces. What follows the last line feed is left out. */
export function* fileLines(pieces: Iterable<Buffer>): Generator<FileLine, void, undefined> {
  let position = 0;
  let rest: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    // What is left over has no line feed.
    let end = piece.indexOf(lineFeed);
    if (end >= 0) end += rest.length;
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (; end >= 0; end = bytes.indexOf(lineFeed, start)) {
      yield { bytes: bytes.subarray(start, end), start: position + start, next: position + end + 1 };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    position += start;
  }
}

const lineFeed = 0x0a;
