/**
 * The end of a file of events: where to go on after what an earlier run, or its crash, has left.
 *
 * @module
 */
import { fstatSync, readSync } from "node:fs";
import { shorten } from "../data/json.ts";
import { CheckpointError } from "../errors.ts";

/** How to go on appending. */
export interface JsonlEnd {
  /** Of the last complete event; 0 in an empty file. */
  readonly seq: number;
  /** Bytes to keep when the last line is torn. */
  readonly keep?: number;
  /** What to write first: a line feed when the last event is complete but its line is not. */
  readonly separator: "" | "\n";
}

const firstRead = 65_536;
const lineFeed = 0x0a;
/** How every line of ours begins. */
const lineStart = '{"seq":';

/**
 * Looks at the end of an open file. Only as much is read as it takes to find the last event.
 *
 * @throws CheckpointError when the file holds something else, which must not be cut or appended to.
 */
export function findJsonlEnd(file: number): JsonlEnd {
  const stat = fstatSync(file);
  if (!stat.isFile() || stat.size === 0) return { seq: 0, separator: "" };
  for (let length = firstRead; ; length *= 4) {
    const start = Math.max(0, stat.size - length);
    const end = examine(readBytes(file, start, stat.size), start);
    if (end !== undefined) return end;
  }
}

/** `undefined` when the bytes, which begin at `offset` of the file, do not reach back to an event. */
function examine(bytes: Buffer, offset: number): JsonlEnd | undefined {
  const complete = bytes.lastIndexOf(lineFeed) + 1;
  const rest = bytes.subarray(complete).toString();
  const reachesStart = offset === 0 || complete > 0;
  const seqOfRest = reachesStart ? seqOf(rest) : undefined;
  if (seqOfRest !== undefined) return { seq: seqOfRest, separator: "\n" };
  const lines = bytes.subarray(0, complete).toString().split("\n");
  // The first piece may be the end of a longer line.
  const whole = (offset === 0 ? lines : lines.slice(1)).filter((line) => line.trim() !== "");
  const last = whole.at(-1);
  if (last === undefined && offset > 0) return undefined;
  const seq = last === undefined ? 0 : seqOf(last);
  if (seq === undefined || !isTorn(rest)) {
    const found = JSON.stringify(shorten(seq === undefined ? String(last) : rest, 60));
    throw new CheckpointError(
      `expected a file of events, each on a line that begins with ${lineStart}, but its last line is ${found}`,
    );
  }
  return rest === "" ? { seq, separator: "" } : { seq, keep: offset + complete, separator: "" };
}

/** The number of an event, or `undefined` when `line` is not one. */
function seqOf(line: string): number | undefined {
  try {
    const { seq } = JSON.parse(line) as { readonly seq?: unknown };
    return Number.isSafeInteger(seq) ? (seq as number) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `rest` can be a piece of a line of ours; a crash of the whole machine may leave zeros. */
function isTorn(rest: string): boolean {
  return rest.startsWith(lineStart) || lineStart.startsWith(rest) || /^\0+$/.test(rest);
}

function readBytes(file: number, start: number, end: number): Buffer {
  const bytes = Buffer.alloc(end - start);
  for (let filled = 0; filled < bytes.length; ) {
    const count = readSync(file, bytes, filled, bytes.length - filled, start + filled);
    if (count === 0) return bytes.subarray(0, filled);
    filled += count;
  }
  return bytes;
}
