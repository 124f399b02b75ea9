/**
 * A file that is only ever appended to, and files of JSON lines, read as a stream.
 *
 * @module
 */
import { closeSync, createReadStream, fdatasync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { parseJsonObject } from "../data/json.ts";
import { StopError } from "../errors.ts";

/** How much of a file is read at once. */
const pieceSize = 4 * 2 ** 20;

/**
 * Appends whole pieces of text: what was appended survives a crash of the program at once, and one of the machine when `durable` says so.
 * Many who wait for that share one flush.
 */
export class AppendFile {
  readonly path: string;
  readonly #file: number;
  #size: number;
  #flush: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #isClosed = false;

  /**
   * Opens the file; one that is missing is made, unless it is only to be read.
   *
   * @throws StopError when it cannot be written
   */
  constructor(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}) {
    this.path = path;
    try {
      this.#file = openSync(path, readOnly ? "r" : "a+");
    } catch (cause) {
      throw readOnly ? cause : unwritable(path, cause);
    }
    this.#size = fstatSync(this.#file).size;
  }

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  /**
   * @returns where the text begins, in bytes
   * @throws StopError when it cannot be written; the file is then as it was
   */
  append(text: string): number {
    this.#refuseClosed();
    const start = this.#size;
    const bytes = Buffer.from(text);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
    } catch (cause) {
      this.truncate(start);
      throw unwritable(this.path, cause);
    }
    this.#size += bytes.length;
    return start;
  }

  /** Resolves when everything appended so far would survive a loss of power. */
  durable(): Promise<void> {
    if (this.#flush === undefined) {
      this.#flush = this.#flushNow();
      return this.#flush;
    }
    // The flush under way may have begun before the last append.
    this.#next ??= this.#flush
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#flush = this.#flushNow();
        return this.#flush;
      });
    return this.#next;
  }

  /** The whole lines, read piece by piece. */
  lines(): Iterable<FileLine> {
    return fileLines(this.#pieces());
  }

  /** The bytes from `start`, `length` of them or up to the end. */
  read(start: number, length: number): Buffer {
    this.#refuseClosed();
    const bytes = Buffer.alloc(length);
    let filled = 0;
    for (; filled < length; ) {
      const count = readSync(this.#file, bytes, filled, length - filled, start + filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }

  /** Cuts off what comes after the first `size` bytes. */
  truncate(size: number): void {
    ftruncateSync(this.#file, size);
    this.#size = size;
  }

  /** Flushes and closes. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.durable();
    } finally {
      closeSync(this.#file);
    }
  }

  *#pieces(): Generator<Buffer, void, undefined> {
    for (let start = 0; start < this.#size; start += pieceSize) {
      yield this.read(start, Math.min(pieceSize, this.#size - start));
    }
  }

  /** By then the system may have given the number of the file to another one. */
  #refuseClosed(): void {
    if (this.#isClosed) throw new StopError("storage", `${this.path} is closed, because its run has ended`);
  }

  #flushNow(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      fdatasync(this.#file, (error) => (error === null ? resolve() : reject(unwritable(this.path, error))));
    }).finally(() => {
      this.#flush = undefined;
    });
  }
}

/** What becomes of a run whose files cannot be written: it stops, because going on would lose what is paid for. */
export function unwritable(path: string, cause: unknown): StopError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: "no space is left on the device. Free some space",
    EDQUOT: "the disk quota is used up. Free some space",
    EROFS: "the file system is read-only. Make it writable, or use another folder with `run.dir` (`run: null` keeps nothing)",
    EACCES: "permission was denied. Make it writable, or use another folder with `run.dir` (`run: null` keeps nothing)",
  };
  const reason = reasons[code ?? ""] ?? `${message}. Fix that`;
  return new StopError("storage", `Could not write ${path}: ${reason}, then run the same command again to resume`, { cause });
}

/** A whole line and where it stands. */
export interface FileLine {
  /** Without its line feed. */
  readonly bytes: Buffer;
  /** Where it begins, in bytes from the start of the file. */
  readonly start: number;
  /** Where the next one begins. */
  readonly next: number;
}

/** The whole lines of a file that comes in pieces. What follows the last line feed is left out. */
export function* fileLines(pieces: Iterable<Buffer>): Generator<FileLine, void, undefined> {
  let position = 0;
  let rest: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    // What is left over has no line feed.
    let end = piece.indexOf(lineFeed);
    if (end >= 0) end += rest.length;
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (; end >= 0; end = bytes.indexOf(lineFeed, start)) {
      yield { bytes: bytes.subarray(start, end), start: position + start, next: position + end + 1 };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    position += start;
  }
}

const lineFeed = 0x0a;

/** A line: its object, or none when it is damaged. The last one may be torn because it is being written: that is no damage. */
export interface JsonLine {
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Every whole line of a file, in order, streamed; nothing when there is no such file.
 *
 * @param isWanted spares lines from being parsed: they are given without their value
 */
export async function* readJsonLines(
  path: string,
  isWanted: (text: string) => boolean = () => true,
): AsyncGenerator<JsonLine, void, undefined> {
  let unfinished = "";
  try {
    for await (const piece of createReadStream(path, { encoding: "utf8" })) {
      const lines = (unfinished + (piece as string)).split("\n");
      unfinished = lines.pop() as string;
      for (const text of lines) {
        if (text !== "") yield { text, value: isWanted(text) ? parseJsonObject(text) : undefined };
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
