/**
 * A logger that keeps every event of a run in a file, one line of JSON each.
 *
 * @module
 */
import { closeSync, fstatSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { inspect } from "node:util";
import { type Clock, systemClock } from "../data/clock.ts";
import { describeValue } from "../data/json.ts";
import { makeFolders } from "../data/make-folders.ts";
import { anything, oneOf } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import type { RunEvent } from "../trainer/events.ts";
import type { Logger } from "../trainer/logger.ts";
import { findJsonlEnd } from "./jsonl-end.ts";

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
