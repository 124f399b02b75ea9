/**
 * `scanJournal`: the lines of a journal by their type, without parsing those that are not needed: there may be millions.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { BytePattern, viewOf } from "./byte-pattern.ts";

/** A line of a journal, in a buffer that is used again for the next. */
export interface JournalLine {
  /** `"mark"` for what is no event. */
  readonly type: string;
  /** The number of the event; 0 of a mark. */
  readonly seq: number;
  readonly bytes: Buffer;
  /** Where it begins and ends in `bytes`. */
  readonly start: number;
  readonly end: number;
  /** Where it is in the file. */
  readonly offset: number;
}

/** What a scan has come to. */
export interface ScanResult {
  /** Where the first line begins that is not whole yet. */
  readonly offset: number;
  /** Lines that are no event and no mark. */
  readonly damaged: number;
}

/** Receives lines. */
export interface LineListener {
  /** Receives every line but those that `onCalls` has taken. */
  onLine(line: JournalLine): void;
  /**
   * May take the lines that begin at a place, as many as it likes: there may be millions of calls, one after the other.
   *
   * @param offset of the place in the file
   * @returns where the first line begins that it has not taken
   */
  onCalls?(bytes: Buffer, from: number, offset: number): number;
}

/** How much one read takes: little enough to be in the processor's cache still when it is looked at. */
const pieceSize = 2 ** 20;
/** A line that is longer is damaged, or not meant to be read by anyone. */
const longestLine = 256 * 2 ** 20;

const [lineFeed, quote, comma, openBrace, closeBrace] = [0x0a, 0x22, 0x2c, 0x7b, 0x7d];
const seqStart = new BytePattern('{"seq":');
const markStart = new BytePattern('{"mark":"');
/** Between the number of an event and its type: `,"time":"2026-11-25T08:30:00.000Z","type":"`. */
const betweenLength = ',"time":"2026-11-25T08:30:00.000Z","type":"'.length;

/**
 * Goes through every whole line from `offset` on.
 *
 * @returns how far it came; a file that is not there has no lines
 * @throws RangeError for a line that is longer than any
 */
export async function scanJournal(path: string, offset: number, listener: LineListener): Promise<ScanResult> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { offset, damaged: 0 };
    throw error;
  }
  try {
    const scan = new Scan(offset, listener);
    for await (const piece of piecesOf(file, offset)) scan.take(piece);
    return scan;
  } finally {
    await file.close();
  }
}

/** Each while the next is being read: a piece is valid until the next is asked for. */
async function* piecesOf(file: FileHandle, from: number): AsyncGenerator<Buffer> {
  let [piece, next] = [Buffer.allocUnsafe(pieceSize), Buffer.allocUnsafe(pieceSize)];
  let { bytesRead } = await file.read(piece, 0, pieceSize, from);
  for (let at = from + bytesRead; bytesRead > 0; at += bytesRead) {
    const reading = file.read(next, 0, pieceSize, at);
    // Where the reader goes away, it does not matter how this has ended.
    reading.catch(() => {});
    yield piece.subarray(0, bytesRead);
    ({ bytesRead } = await reading);
    [piece, next] = [next, piece];
  }
}

/** Goes through pieces of a file. */
class Scan implements ScanResult {
  offset: number;
  damaged = 0;
  readonly #listener: LineListener;
  /** The beginning of a line that goes on in the next piece. */
  #torn: Buffer[] = [];
  #tornLength = 0;

  constructor(offset: number, listener: LineListener) {
    this.offset = offset;
    this.#listener = listener;
  }

  take(piece: Buffer): void {
    const first = this.#tornLength === 0 ? 0 : piece.indexOf(lineFeed) + 1;
    if (first > 0) {
      const line = Buffer.concat([...this.#torn, piece.subarray(0, first)]);
      this.#torn = [];
      this.#tornLength = 0;
      this.#lines(line, 0);
    }
    const start = first > 0 || this.#tornLength === 0 ? this.#lines(piece, first) : 0;
    if (start === piece.length) return;
    this.#torn.push(Buffer.from(piece.subarray(start)));
    this.#tornLength += piece.length - start;
    if (this.#tornLength > longestLine) throw new RangeError(`The journal has a line of more than ${longestLine} bytes`);
  }

  /** Takes in whole lines. @returns where the first begins that is not whole */
  #lines(bytes: Buffer, from: number): number {
    const base = this.offset - from;
    let start = from;
    for (;;) {
      start = this.#listener.onCalls?.(bytes, start, base + start) ?? start;
      const end = readLine(bytes, start, base + start, this.#listener);
      if (end === none) break;
      if (end < 0) this.damaged++;
      start = Math.abs(end) + 1;
    }
    this.offset = base + start;
    return start;
  }
}

/** There is no whole line. */
const none = Number.NEGATIVE_INFINITY;

/** @returns the place of its line feed, less than 0 for a damaged line */
function readLine(bytes: Buffer, start: number, offset: number, listener: LineListener): number {
  const view = viewOf(bytes);
  const isEvent = seqStart.isAt(view, start, bytes.length);
  let at = start + seqStart.length;
  let seq = 0;
  let typeStart = 0;
  if (isEvent) {
    for (let digit = bytes[at] as number; digit >= 0x30 && digit <= 0x39; digit = bytes[++at] as number)
      seq = seq * 10 + digit - 0x30;
    typeStart = at + betweenLength;
  }
  const end = bytes.indexOf(lineFeed, start);
  if (end < 0) return none;
  // A line feed at the very beginning is at 0, which has no sign.
  if (end === start) return end === 0 ? 0 : -end;
  if (bytes[start] !== openBrace || bytes[end - 1] !== closeBrace) return -end;
  if (markStart.isAt(view, start, end)) {
    listener.onLine({ type: "mark", seq: 0, bytes, start, end, offset });
    return end;
  }
  const hasNumber = isEvent && at > start + seqStart.length && bytes[at] === comma;
  if (!hasNumber || typeStart >= end || bytes[typeStart - 1] !== quote) return -end;
  const type = typeAt(bytes, typeStart, end);
  if (type === undefined) return -end;
  listener.onLine({ type, seq, bytes, start, end, offset });
  return end;
}

/** The names of types by a number that is made of their letters: the same text is not made a thousand times. */
const types = new Map<number, string>();

function typeAt(bytes: Buffer, start: number, end: number): string | undefined {
  let [sum, at] = [0, start];
  for (; at < end && bytes[at] !== quote; at++) sum = (sum * 31 + (bytes[at] as number)) | 0;
  if (at === end || at - start > 60) return undefined;
  const known = types.get(sum);
  if (known !== undefined && known.length === at - start) return known;
  const type = bytes.toString("latin1", start, at);
  if (types.size < 1_000) types.set(sum, type);
  return type;
}

/** The text of a line. */
export function textOfLine({ bytes, start, end }: JournalLine): string {
  return bytes.toString("utf8", start, end);
}

/** The time of an event, ISO 8601. */
export function timeOfLine({ bytes, start, seq }: JournalLine): string {
  const at = start + seqStart.length + String(seq).length + ',"time":"'.length;
  return bytes.toString("latin1", at, at + 24);
}
