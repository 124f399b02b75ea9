/**
 * A file of records that are found again by their key.
 *
 * @module
 */
import { hash } from "node:crypto";
import { type JsonValue, parseJsonObject } from "../data/json.ts";
import { AppendFile } from "./append-file.ts";

/** One line of the file: what is told of it, and perhaps content that is found by the key. */
export interface RecordLine {
  readonly key: string;
  readonly content?: JsonValue;
  /** The first 32 digits of the SHA-256 of key and content. */
  readonly sha256?: string;
  /** Whether what was recorded under the key before is not to be found any more. */
  readonly discarded?: boolean;
  readonly [field: string]: JsonValue | undefined;
}

/**
 * Appends records, one line each. Only where they stand is kept in memory. A last line that a crash has torn is cut off; a
 * record that is damaged counts as none.
 */
export class RecordFile {
  readonly #file: AppendFile;
  readonly #places = new Map<string, { readonly start: number; readonly length: number }>();
  readonly #discarded = new Set<string>();
  #damaged = 0;

  /**
   * @param onLine hears every whole line that stands in the file already
   * @param options with `readOnly` the file is left as it is: another process may be writing it
   */
  constructor(
    path: string,
    onLine: (line: RecordLine) => void = () => {},
    { readOnly = false }: { readonly readOnly?: boolean } = {},
  ) {
    this.#file = new AppendFile(path, { readOnly });
    let whole = 0;
    for (const { bytes, start, next } of this.#file.lines()) {
      const line = parseLine(bytes.toString("utf8"));
      if (line === undefined) this.#damaged++;
      else {
        onLine(line);
        if (line.discarded === true) this.#discarded.add(line.key);
        if (line.content !== undefined) this.#setPlace(line.key, { start, length: next - start });
      }
      whole = next;
    }
    if (!readOnly && whole < this.#file.size) this.#file.truncate(whole);
  }

  /** Lines that could not be read. */
  get damaged(): number {
    return this.#damaged;
  }

  /** Whether the content under a key was discarded, and none has been recorded since. */
  isDiscarded(key: string): boolean {
    return this.#discarded.has(key);
  }

  /** The content that was recorded last under a key, also when it was discarded. */
  find(key: string): JsonValue | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const line = parseLine(this.#file.read(place.start, place.length).toString("utf8"));
    if (line?.content !== undefined && line.sha256 === checksum(key, line.content)) return line.content;
    this.#damaged++;
    this.#places.delete(key);
    return undefined;
  }

  /** Writes a line without content. It survives a crash of the program at once. */
  note(line: RecordLine): void {
    if (line.discarded === true) this.#discarded.add(line.key);
    this.#file.append(`${JSON.stringify(line)}\n`);
  }

  /**
   * Writes a record; resolves when it would survive a loss of power.
   *
   * @throws StopError when it cannot be written
   */
  async record(line: RecordLine, content: JsonValue): Promise<void> {
    const text = `${JSON.stringify({ ...line, content, sha256: checksum(line.key, content) })}\n`;
    const start = this.#file.append(text);
    await this.#file.durable();
    this.#setPlace(line.key, { start, length: Buffer.byteLength(text) });
  }

  #setPlace(key: string, place: { readonly start: number; readonly length: number }): void {
    this.#places.set(key, place);
    this.#discarded.delete(key);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

function checksum(key: string, content: JsonValue): string {
  return hash("sha256", `${key}${JSON.stringify(content)}`).slice(0, 32);
}

function parseLine(text: string): RecordLine | undefined {
  const line = parseJsonObject(text);
  return typeof line?.key === "string" ? (line as unknown as RecordLine) : undefined;
}
