/**
 * `LineStore`: reads lines of a file again, by where they stand, so that they need not be kept in memory.
 *
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs";
import { parseJsonObject } from "../data/json.ts";

/** Where a line is in its file. */
export interface LineRef {
  readonly offset: number;
  readonly length: number;
}

/** What a line says; empty where it can no longer be read. */
export type Fields = Readonly<Record<string, unknown>>;

const nothing: Fields = Object.freeze({});

/** Reads lines of one file. */
export class LineStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What these lines say, in their order. */
  read(lines: readonly LineRef[]): Fields[] {
    if (lines.length === 0) return [];
    let file: number;
    try {
      file = openSync(this.#path, "r");
    } catch {
      return lines.map(() => nothing);
    }
    try {
      return lines.map(({ offset, length }) => parseJsonObject(textAt(file, offset, length)) ?? nothing);
    } finally {
      closeSync(file);
    }
  }

  /** What one line says. */
  one(line: LineRef | undefined): Fields {
    return line === undefined ? nothing : (this.read([line])[0] as Fields);
  }
}

function textAt(file: number, offset: number, length: number): string {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.toString("utf8", 0, filled);
}
