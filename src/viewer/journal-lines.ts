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
  /** Receives every line but those that `onCall` has taken. */
  onLine(line: JournalLine): void;
  /**
   * Receives a `model-call`, of which there may be millions, before its end is looked for.
   *
   * @param at where its fields begin in `bytes`, after the type
   * @returns where its line feed is; -1 where `onLine` is to receive it
   */
  onCall?(seq: number, offset: number, bytes: Buffer, at: number): number;
}

/** How much one read takes. */
const pieceSize = 4 * 2 ** 20;
/** A line that is longer is damaged, or not meant to be read by anyone. */
const longestLine = 256 * 2 ** 20;

const [lineFeed, quote, comma, openBrace, closeBrace] = [0x0a, 0x22, 0x2c, 0x7b, 0x7d];
const seqStart = new BytePattern('{"seq":');
const markStart = new BytePattern('{"mark":"');
const callType = new BytePattern('model-call",');
/** Between the number of an event and its type: `,"time":"2026-11-25T08:30:00.000Z","type":"`. */
const betweenLength = ',"time":"2026-11-25T08:30:00.000Z","type":"'.length;

/**
 * Goes through every whole line from `offset` on.
 *
 * @returns how far it came; a file that is not there has no lines
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
    return await scan(file, offset, listener);
  } finally {
    await file.close();
  }
}

async function scan(file: FileHandle, from: number, listener: LineListener): Promise<ScanResult> {
  let bytes = Buffer.allocUnsafe(pieceSize);
  let [filled, offset, damaged] = [0, from, 0];
  for (;;) {
    if (filled === bytes.length) {
      if (bytes.length >= longestLine) throw new RangeError(`The journal has a line of more than ${longestLine} bytes`);
      bytes = Buffer.concat([bytes], bytes.length * 2);
    }
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
    if (bytesRead === 0) return { offset, damaged };
    const whole = bytes.subarray(0, filled + bytesRead);
    let start = 0;
    for (;;) {
      const end = readLine(whole, start, offset + start, listener);
      if (end === none) break;
      if (end < 0) damaged++;
      start = Math.abs(end) + 1;
    }
    filled = whole.length - start;
    offset += start;
    bytes.copyWithin(0, start, start + filled);
  }
}

/** There is no whole line. */
const none = Number.NEGATIVE_INFINITY;

/** @returns the place of its line feed, less than 0 for a damaged line */
function readLine(bytes: Buffer, start: number, offset: number, listener: LineListener): number {
  const view = viewOf(bytes);
  const isEvent = seqStart.isAt(view, start);
  let at = start + seqStart.length;
  let seq = 0;
  let typeStart = 0;
  if (isEvent) {
    for (let digit = bytes[at] as number; digit >= 0x30 && digit <= 0x39; digit = bytes[++at] as number)
      seq = seq * 10 + digit - 0x30;
    typeStart = at + betweenLength;
    if (listener.onCall !== undefined && callType.isAt(view, typeStart)) {
      const end = listener.onCall(seq, offset, bytes, typeStart + callType.length);
      if (end >= 0) return end;
    }
  }
  const end = bytes.indexOf(lineFeed, start);
  if (end < 0) return none;
  // A line feed at the very beginning is at 0, which has no sign.
  if (end === start) return end === 0 ? 0 : -end;
  if (bytes[start] !== openBrace || bytes[end - 1] !== closeBrace) return -end;
  if (markStart.isAt(view, start)) {
    listener.onLine({ type: "mark", seq: 0, bytes, start, end, offset });
    return end;
  }
  if (!isEvent || bytes[at] !== comma || typeStart >= end || bytes[typeStart - 1] !== quote) return -end;
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
