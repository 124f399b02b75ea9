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
  readonly [field: string]: JsonValue | undefined;
}

/**
 * Appends records, one line each. Only where they stand is kept in memory. A last line that a crash has torn is cut off; a
 * record that is damaged counts as none.
 */
export class RecordFile {
  readonly #file: AppendFile;
  readonly #places = new Map<string, { readonly start: number; readonly length: number }>();
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
        if (line.content !== undefined) this.#places.set(line.key, { start, length: next - start });
      }
      whole = next;
    }
    if (!readOnly && whole < this.#file.size) this.#file.truncate(whole);
  }

  /** Lines that could not be read. */
  get damaged(): number {
    return this.#damaged;
  }

  /** The content that was recorded last under a key. */
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
    this.#places.set(line.key, { start, length: Buffer.byteLength(text) });
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
