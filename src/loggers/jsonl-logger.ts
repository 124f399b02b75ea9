/**
 * A file with every event of a run, one line of JSON each: written by a logger, and read back.
 *
 * @module
 */
import { closeSync, createReadStream, fstatSync, ftruncateSync, openSync, readSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { inspect } from "node:util";
import { type Clock, systemClock } from "../data/clock.ts";
import { describeValue, parseJsonObject, shorten } from "../data/json.ts";
import { makeFolders } from "../data/json-file.ts";
import { anything, oneOf } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { CheckpointError, ConfigurationError, InvalidArgumentError } from "../errors.ts";
import type { Logger, RunEvent } from "../trainer/events.ts";

/** Options of `JsonlLogger`. */
export interface JsonlLoggerOptions {
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /**
   * When events reach the file. `"each"`: before `onEvent` returns, so that a crash of the program loses nothing and others
   * can follow the file. `"batch"`: 64 KiB at a time, and at the end of every iteration and of the run; for slow file systems.
   *
   * @default "each"
   */
  readonly flush?: "each" | "batch" | undefined;
}

const batchCharacters = 65_536;

/**
 * Appends `{ seq, time, ...event }` for every event. `seq` counts from 1 through the whole file, over all runs that were
 * written to it; `time` is ISO 8601. Read it back with `readJsonl`.
 *
 * A last line that a crash has torn is cut off. What JSON cannot hold is written as text.
 *
 * @example
 * ```ts
 * const trainer = new MinibatchAlgorithm(agent, optimizer, { logger: [new ConsoleLogger(), new JsonlLogger("runs/1/events.jsonl")] });
 * ```
 */
export class JsonlLogger implements Logger {
  readonly path: string;
  readonly #clock: Clock;
  readonly #batch: number;
  #file: number | undefined;
  #seq = 0;
  #pending = "";

  /**
   * Opens the file; missing folders are made.
   *
   * @throws ConfigurationError when it cannot be opened, or holds something else.
   */
  constructor(path: string, options: JsonlLoggerOptions = {}) {
    if (typeof path !== "string" || path === "") {
      throw new InvalidArgumentError(`Expected the path of a JSON Lines file, got ${describeValue(path)}`);
    }
    checkTable(options, { clock: anything, flush: oneOf(["each", "batch"]) }, "JsonlLogger", "");
    const { clock = systemClock, flush = "each" } = options;
    this.path = path;
    this.#clock = clock;
    this.#batch = flush === "batch" ? batchCharacters : 0;
    this.#file = this.#open();
  }

  onEvent(event: RunEvent): void {
    // A logger may serve several runs, one after another; each ends with `close`.
    this.#file ??= this.#open();
    const record = { seq: ++this.#seq, time: new Date(this.#clock.now()).toISOString(), ...event };
    this.#pending += `${lineOf(record)}\n`;
    const isPause = event.type === "iteration-end" || event.type === "run-end";
    if (isPause || this.#pending.length >= this.#batch) this.#flush(this.#file);
  }

  /** Writes what is left and closes the file. */
  close(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      this.#flush(file);
    } finally {
      closeSync(file);
    }
  }

  #open(): number {
    let file: number | undefined;
    try {
      makeFolders(dirname(this.path));
      file = openSync(this.path, "a+");
      const { seq, keep, separator } = findJsonlEnd(file);
      if (keep !== undefined) ftruncateSync(file, keep);
      writeFileSync(file, separator);
      this.#seq = seq;
      return file;
    } catch (cause) {
      if (file !== undefined) closeSync(file);
      throw new ConfigurationError(`Could not open ${this.path} to append events: ${(cause as Error).message}`, { cause });
    }
  }

  /** Synchronous: nothing piles up in memory when events come faster than they can be written. */
  #flush(file: number): void {
    const text = this.#pending;
    this.#pending = "";
    if (text === "") return;
    const { size } = fstatSync(file);
    try {
      writeFileSync(file, text);
    } catch (error) {
      // A full disk may have taken half a line; the gap in `seq` tells that events are missing.
      if (fstatSync(file).isFile()) ftruncateSync(file, size);
      throw error;
    }
  }
}

/** The record on one line; a field that JSON cannot hold becomes text. */
function lineOf(record: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(record);
  } catch {
    const fields = Object.entries(record).map(([name, value]) => [name, isStringifiable(value) ? value : asText(value)]);
    return JSON.stringify(Object.fromEntries(fields));
  }
}

function isStringifiable(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

function asText(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, customInspect: false });
}

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
function findJsonlEnd(file: number): JsonlEnd {
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

/** An event as it stands in the file. */
export type JsonlRecord = {
  /** Counts from 1; a gap means that events could not be written. */
  readonly seq: number;
  /** ISO 8601. */
  readonly time: string;
} & RunEvent;

/**
 * The events of a file, in order, streamed. A last line without its line feed is left out when it is torn: the program
 * was, or still is, writing it.
 *
 * @throws CheckpointError when the file cannot be read or another line is damaged; the message names the line.
 *
 * @example
 * ```ts
 * for await (const event of readJsonl("runs/1/events.jsonl")) {
 *   if (event.type === "log") console.log(event.seq, event.name, event.data);
 * }
 * ```
 */
export async function* readJsonl(
  path: string,
  options: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<JsonlRecord, void, undefined> {
  let number = 0;
  for await (const { line, isWhole } of linesOf(path, options.signal)) {
    options.signal?.throwIfAborted();
    number++;
    if (line.trim() === "") continue;
    const record = parseRecord(line);
    if (record !== undefined) yield record;
    else if (isWhole)
      throw new CheckpointError(`Expected ${path}:${number} to be an event, got ${JSON.stringify(shorten(line, 80))}`);
  }
}

function parseRecord(line: string): JsonlRecord | undefined {
  const record = parseJsonObject(line);
  return typeof record?.seq === "number" && typeof record.type === "string" ? (record as JsonlRecord) : undefined;
}

/** Not `readline`, which also breaks at U+2028 and U+2029: they may stand inside JSON strings. */
async function* linesOf(
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ line: string; isWhole: boolean }, void, undefined> {
  let unfinished = "";
  try {
    for await (const piece of createReadStream(path, { encoding: "utf8", signal })) {
      const lines = (piece as string).split("\n");
      lines[0] = unfinished + lines[0];
      unfinished = lines.pop()!;
      for (const line of lines) yield { line, isWhole: true };
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new CheckpointError(`Could not read ${path}: ${(cause as Error).message}`, { cause });
  }
  yield { line: unfinished, isWhole: false };
}
