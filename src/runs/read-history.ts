/**
 * Reads a journal back as the history of the run: without what was done again after a restart.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { parseJsonObject } from "../data/json.ts";
import { CheckpointError } from "../errors.ts";
import type { JsonlRecord } from "../loggers/read-jsonl.ts";
import { type FileLine, fileLines } from "./file-lines.ts";

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
  readonly marks: readonly JournalMark[];
  /** The number of the last event; 0 when there is none. */
  readonly seq: number;
  /** How many bytes are whole; what follows was torn or damaged. */
  readonly length: number;
}

/** Collects lines of events, all or some. */
export class EventLines {
  readonly #isWanted: (line: string) => boolean;
  readonly #all: { readonly seq: number; readonly line: string }[] = [];

  /** @param isWanted @default all */
  constructor(isWanted: (line: string) => boolean = () => true) {
    this.#isWanted = isWanted;
  }

  get lines(): readonly string[] {
    return this.#all.map(({ line }) => line);
  }

  add(seq: number, line: string): void {
    if (this.#isWanted(line)) this.#all.push({ seq, line });
  }

  /** Events after number `seq` are void. */
  cut(seq: number): void {
    while ((this.#all.at(-1)?.seq ?? 0) > seq) this.#all.pop();
  }
}

/**
 * The history in the lines of a journal, up to the first that is damaged or out of order.
 *
 * @param events receives the lines of the events that count: numbers 1, 2, 3, … without a gap
 */
export function readHistory(lines: Iterable<FileLine>, events?: EventLines): History {
  const marks: JournalMark[] = [];
  let seq = 0;
  let length = 0;
  for (const { bytes, next } of lines) {
    const line = bytes.toString("utf8");
    const number = seqOf(line);
    if (number !== undefined) {
      if (number !== seq + 1) break;
      seq = number;
      events?.add(seq, line);
    } else {
      const mark = markOf(line);
      if (mark === undefined || (mark.after ?? 0) > seq) break;
      marks.push(mark);
      if (mark.mark === "run-resumed") seq = mark.after ?? 0;
      events?.cut(seq);
    }
    length = next;
  }
  return { marks, seq, length };
}

/**
 * The events of a run, in order, as recorded in the journal of its directory.
 *
 * @throws CheckpointError when the file cannot be read
 */
export async function readRunEvents(path: string): Promise<JsonlRecord[]> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new CheckpointError(`Could not read ${path}: ${cause.message}`, { cause });
  });
  const events = new EventLines();
  readHistory(fileLines([bytes]), events);
  return events.lines.map((line) => JSON.parse(line) as JsonlRecord);
}

/** Without parsing all of it: a journal may be long. A whole line ends its object. */
function seqOf(line: string): number | undefined {
  const [, seq] = /^\{"seq":(\d{1,15}),"time":".*\}$/s.exec(line) ?? [];
  return seq === undefined ? undefined : Number(seq);
}

function markOf(line: string): JournalMark | undefined {
  const mark = parseJsonObject(line);
  return typeof mark?.mark === "string" ? (mark as unknown as JournalMark) : undefined;
}
