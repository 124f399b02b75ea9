/**
 * `scanJournal`: the lines of a journal by their type, without parsing those that nobody wants: there may be millions.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";

/** A line of a journal, as it stands in a buffer that is used again for the next. */
export interface JournalLine {
  /** `"mark"` for what is no event. */
  readonly type: string;
  /** The number of the event; 0 of a mark. */
  readonly seq: number;
  readonly bytes: Buffer;
  /** Where it begins and ends in `bytes`. */
  readonly start: number;
  readonly end: number;
  /** Where it stands in the file. */
  readonly offset: number;
}

/** What a scan has come to. */
export interface ScanResult {
  /** Where the first line begins that is not whole yet. */
  readonly offset: number;
  /** Lines that are no event and no mark. */
  readonly damaged: number;
}

/** How much is read at once. */
const pieceSize = 4 * 2 ** 20;
/** A line that is longer is damaged, or not meant to be read by anyone. */
const longestLine = 256 * 2 ** 20;

const [lineFeed, quote, comma, openBrace, closeBrace] = [0x0a, 0x22, 0x2c, 0x7b, 0x7d];
const seqStart = Buffer.from('{"seq":');
const markStart = Buffer.from('{"mark":"');
/** Between the number of an event and its type: `,"time":"2026-11-25T08:30:00.000Z","type":"`. */
const betweenLength = ',"time":"2026-11-25T08:30:00.000Z","type":"'.length;

/**
 * Calls `onLine` for every whole line from `offset` on.
 *
 * @returns how far it came; a file that is not there has no lines
 */
export async function scanJournal(path: string, offset: number, onLine: (line: JournalLine) => void): Promise<ScanResult> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { offset, damaged: 0 };
    throw error;
  }
  try {
    return await scan(file, offset, onLine);
  } finally {
    await file.close();
  }
}

async function scan(file: FileHandle, from: number, onLine: (line: JournalLine) => void): Promise<ScanResult> {
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
    for (let end = whole.indexOf(lineFeed, filled); end >= 0; end = whole.indexOf(lineFeed, start)) {
      if (!readLine(whole, start, end, offset + start, onLine)) damaged++;
      start = end + 1;
    }
    filled = whole.length - start;
    offset += start;
    bytes.copyWithin(0, start, start + filled);
  }
}

function readLine(bytes: Buffer, start: number, end: number, offset: number, onLine: (line: JournalLine) => void): boolean {
  if (bytes[start] !== openBrace || bytes[end - 1] !== closeBrace) return false;
  if (begins(bytes, start, markStart)) {
    onLine({ type: "mark", seq: 0, bytes, start, end, offset });
    return true;
  }
  if (!begins(bytes, start, seqStart)) return false;
  let [at, seq] = [start + seqStart.length, 0];
  for (let digit = bytes[at] as number; digit >= 0x30 && digit <= 0x39; digit = bytes[++at] as number)
    seq = seq * 10 + digit - 0x30;
  const typeStart = at + betweenLength;
  if (bytes[at] !== comma || typeStart >= end || bytes[typeStart - 1] !== quote) return false;
  const type = typeAt(bytes, typeStart, end);
  if (type === undefined) return false;
  onLine({ type, seq, bytes, start, end, offset });
  return true;
}

function begins(bytes: Buffer, start: number, text: Buffer): boolean {
  for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text[at]) return false;
  return true;
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
