/**
 * `TraceFile`: the lines of a run that are kept for people alone. There is a limit to them: the newest stay, and of the failures the first.
 *
 * @module
 */
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "../errors.ts";
import { AppendFile } from "./append-file.ts";
import { fileNames } from "./run-files.ts";

/** How much is kept back, in bytes, and for how long in milliseconds, so that many lines are one write. */
const batchBytes = 2 ** 20;
const batchMs = 200;

/**
 * Appends lines to `traces.jsonl`. When it would grow beyond three eighths of the limit it becomes `traces.older.jsonl`, in the place of the
 * one before; failures go to `traces.failed.jsonl` until a quarter of the limit is used up, and to the others from then on.
 *
 * A file that cannot be written ends it with a warning: the run does not need it.
 */
export class TraceFile {
  readonly #folder: string;
  readonly #most: { readonly newest: number; readonly failed: number; readonly pending: number };
  #newest: AppendFile | undefined;
  #failed: AppendFile | undefined;
  #pending = { newest: [] as string[], failed: [] as string[], newestBytes: 0, bytes: 0 };
  #failedBytes: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** @param limit of all files, in bytes */
  constructor(folder: string, limit: number) {
    this.#folder = folder;
    const newest = (limit * 3) / 8;
    this.#most = { newest, failed: limit / 4, pending: Math.min(batchBytes, newest / 4) };
  }

  /** The longest line that is kept, in bytes. */
  get longest(): number {
    return this.#most.failed - 1;
  }

  /** Appends a line; no file is made before the first. */
  add(line: string, { isFailure }: { readonly isFailure: boolean }): void {
    if (this.#isOver) return;
    this.#failedBytes ??= sizeOf(this.#path("failed"));
    // With its line feed.
    const bytes = Buffer.byteLength(line) + 1;
    const goesFailed = isFailure && this.#failedBytes + bytes <= this.#most.failed;
    if (goesFailed) this.#failedBytes += bytes;
    else this.#pending.newestBytes += bytes;
    this.#pending[goesFailed ? "failed" : "newest"].push(line);
    this.#pending.bytes += bytes;
    if (this.#pending.bytes >= this.#most.pending) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), batchMs).unref();
  }

  /** Writes what was kept back. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { newest, failed, newestBytes } = this.#pending;
    this.#pending = { newest: [], failed: [], newestBytes: 0, bytes: 0 };
    if (this.#isOver) return;
    try {
      if (failed.length > 0) {
        this.#failed ??= new AppendFile(this.#path("failed"));
        this.#failed.append(`${failed.join("\n")}\n`);
      }
      if (newest.length === 0) return;
      this.#newest ??= new AppendFile(this.#path("newest"));
      if (this.#newest.size > 0 && this.#newest.size + newestBytes > this.#most.newest) this.#newest = this.#turn(this.#newest);
      this.#newest.append(`${newest.join("\n")}\n`);
    } catch (error) {
      this.#isOver = true;
      process.emitWarning(`Rollouts are no longer kept in full: ${errorText(error)}`, "OptoWarning");
    }
  }

  async close(): Promise<void> {
    this.flush();
    this.#isOver = true;
    await Promise.allSettled([this.#newest?.close(), this.#failed?.close()]);
  }

  /** Who reads the file meanwhile has it open, or finds it under its new name. */
  #turn(full: AppendFile): AppendFile {
    void full.close().catch(() => {});
    rmSync(this.#path("older"), { force: true });
    renameSync(this.#path("newest"), this.#path("older"));
    return new AppendFile(this.#path("newest"));
  }

  #path(which: keyof typeof traceNames): string {
    return join(this.#folder, traceNames[which]);
  }
}

/** The files, by what they hold. */
export const traceNames: Readonly<Record<"newest" | "older" | "failed", string>> = {
  newest: fileNames.traces,
  older: fileNames.olderTraces,
  failed: fileNames.failedTraces,
};

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
