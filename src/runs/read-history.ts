/**
 * Reads a journal back as the history of the run: without what was done again after a restart.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { isPlainObject } from "../data/json.ts";
import { CheckpointError } from "../errors.ts";
import type { JsonlRecord } from "../loggers/read-jsonl.ts";

/** Something that happened on one machine at one moment, and is no part of the history. */
export interface JournalMark {
  readonly mark: string;
  /** ISO 8601. */
  readonly time: string;
  /** Of a `run-resumed`: the number of the last event that counts. */
  readonly after?: number;
  readonly [field: string]: unknown;
}

/** What a journal holds. */
export interface History {
  /** Line by line, the events that count: numbers 1, 2, 3, … without a gap. */
  readonly lines: readonly string[];
  readonly marks: readonly JournalMark[];
  /** The number of the last event; 0 when there is none. */
  readonly seq: number;
  /** How many bytes are whole; what follows was torn or damaged. */
  readonly length: number;
}

/**
 * The history in the bytes of a journal, up to the first line that is damaged or out of order.
 */
export function readHistory(bytes: Buffer): History {
  const lines: string[] = [];
  const marks: JournalMark[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(lineFeed, start);
    if (end < 0) break;
    const line = bytes.toString("utf8", start, end);
    const seq = seqOf(line);
    if (seq !== undefined) {
      if (seq !== lines.length + 1) break;
      lines.push(line);
    } else {
      const mark = markOf(line);
      if (mark === undefined || (mark.after ?? 0) > lines.length) break;
      marks.push(mark);
      if (mark.mark === "run-resumed") lines.length = mark.after ?? 0;
    }
    start = end + 1;
  }
  return { lines, marks, seq: lines.length, length: start };
}

/**
 * The events of a run, in order, as the journal in its directory tells them.
 *
 * @throws CheckpointError when the file cannot be read
 */
export async function readRunEvents(path: string): Promise<JsonlRecord[]> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new CheckpointError(`Could not read ${path}: ${cause.message}`, { cause });
  });
  return readHistory(bytes).lines.map((line) => JSON.parse(line) as JsonlRecord);
}

const lineFeed = 0x0a;

/** Without parsing all of it: a journal may be long. A whole line ends its object. */
function seqOf(line: string): number | undefined {
  const [, seq] = /^\{"seq":(\d{1,15}),"time":".*\}$/s.exec(line) ?? [];
  return seq === undefined ? undefined : Number(seq);
}

function markOf(line: string): JournalMark | undefined {
  try {
    const mark: unknown = JSON.parse(line);
    return isPlainObject(mark) && typeof mark.mark === "string" ? (mark as unknown as JournalMark) : undefined;
  } catch {
    return undefined;
  }
}
