/**
 * Files as text, in pieces: in the encoding that their byte order mark says, else in the one that is asked for.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { InvalidArgumentError } from "../errors.ts";
import { describeValue } from "./json.ts";

/** How a text is read. */
export interface ReadTextOptions {
  readonly signal?: AbortSignal | undefined;
  /** A name that `TextDecoder` knows. @default "utf-8" */
  readonly encoding?: string | undefined;
}

type Decoder = InstanceType<typeof TextDecoder>;

/** @throws InvalidArgumentError when it names no encoding */
export function checkEncoding(encoding: string | undefined): void {
  try {
    new TextDecoder(encoding);
  } catch (cause) {
    throw new InvalidArgumentError(
      `Expected \`encoding\` to name an encoding, such as "utf-8", "utf-16le" or "latin1", got ${describeValue(encoding)}`,
      { cause },
    );
  }
}

/**
 * The text of a file, without its byte order mark.
 *
 * @throws InvalidArgumentError when it cannot be read, or holds what the encoding does not have; the message names the line
 */
export async function* readText(
  path: string,
  { signal, encoding = "utf-8" }: ReadTextOptions = {},
): AsyncGenerator<string, void, undefined> {
  let decoder: Decoder | undefined;
  let before: Uint8Array = Buffer.alloc(0);
  let lines = 0;
  try {
    for await (const piece of startingWith(createReadStream(path, { signal }), 4)) {
      if (decoder === undefined) {
        decoder = new TextDecoder(encodingOf(piece, encoding), { fatal: true });
      }
      yield decode(decoder, piece, () => lines + linesBefore(before, piece));
      lines += count(piece);
      before = piece.subarray(-3);
    }
    if (decoder !== undefined) yield decode(decoder, undefined, () => lines + 1);
  } catch (cause) {
    const name = decoder?.encoding ?? encoding;
    throw new InvalidArgumentError(`Could not read ${path} as ${name.toUpperCase()} text: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** One more piece, or the end; what cannot be decoded is refused with its line and what may be wrong. */
function decode(decoder: Decoder, piece: Uint8Array | undefined, line: () => number): string {
  try {
    return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
  } catch (cause) {
    const where = decoder.encoding === "utf-8" ? `line ${line()} has` : "it has";
    throw new Error(
      `${where} bytes that are not valid ${decoder.encoding.toUpperCase()}. If the file is in another encoding, name it in the option \`encoding\`, such as "latin1" or "utf-16le"`,
      { cause },
    );
  }
}

/** The encoding of a file by its first bytes, else the one that is expected. */
export function encodingOf(bytes: Uint8Array, expected: string): string {
  return markedEncoding(bytes) ?? unmarkedEncoding(bytes, expected);
}

function markedEncoding([a, b, c]: Uint8Array): string | undefined {
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return a === 0xef && b === 0xbb && c === 0xbf ? "utf-8" : undefined;
}

/** UTF-16 without its mark is UTF-8 by its bytes, with a NUL beside every letter of English, which no text has. */
function unmarkedEncoding([a, b, c, d]: Uint8Array, encoding: string): string {
  if (!/^utf-?8$/i.test(encoding)) return encoding;
  const order = [a, b, c, d].map((byte) => (byte === 0 ? "0" : "x")).join("");
  return { x0x0: "utf-16le", "0x0x": "utf-16be" }[order] ?? encoding;
}

/** The pieces of a stream, the first of which has at least `size` bytes if there are so many. */
async function* startingWith(stream: AsyncIterable<unknown>, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array | undefined = Buffer.alloc(0);
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    if (held === undefined) yield piece;
    else {
      held = Buffer.concat([held, piece]);
      if (held.length < size) continue;
      yield held;
      held = undefined;
    }
  }
  if (held !== undefined && held.length > 0) yield held;
}

/** The number, in a piece, of the line that is no UTF-8. A character may have begun in the piece before. */
function linesBefore(before: Uint8Array, piece: Uint8Array): number {
  const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;
  const start = before.findIndex((byte) => !isContinuation(byte));
  const bytes = Buffer.concat([start < 0 ? Buffer.alloc(0) : before.subarray(start), piece]);
  let from = 0;
  for (let line = 1 - count(bytes.subarray(0, bytes.length - piece.length)); ; line++) {
    const end = bytes.indexOf(lineBreak, from);
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(from, end < 0 ? bytes.length : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    from = end + 1;
  }
}

const lineBreak = 0x0a;

function count(bytes: Uint8Array): number {
  let found = 0;
  for (let at = bytes.indexOf(lineBreak); at >= 0; at = bytes.indexOf(lineBreak, at + 1)) found += 1;
  return found;
}
