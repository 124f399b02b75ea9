/**
 * The last lines of a terminal, redrawn in place while ordinary lines scroll past above them.
 *
 * @module
 */
import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import type { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import stringWidth from "fast-string-truncated-width";

/** A terminal to draw on: `process.stdout`, `process.stderr`, or what looks like one. */
export interface TerminalStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Bytes written so far, by anybody. */
  readonly bytesWritten?: number;
}

/** The width of a terminal; `undefined` where it is not known. Terminals without a window report 0. */
export function terminalColumns({ columns }: { readonly columns?: number | undefined }): number | undefined {
  return columns !== undefined && columns > 0 ? columns : undefined;
}

/**
 * Between two calls the cursor stands at the start of the line below the region and is never hidden, so a program that
 * dies leaves a usable terminal.
 *
 * When somebody else has written meanwhile, the place of the region is unknown: it is left where it is and drawn anew
 * below, so foreign text is never erased.
 */
export class LiveRegion {
  readonly #stream: TerminalStream;
  #lines: readonly string[] = [];
  #bytes = 0;

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  /** Whether anything is drawn. */
  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Replaces the region; every line must be narrower than the terminal. */
  draw(lines: readonly string[]): void {
    this.#write("", lines);
  }

  /** Writes lines that stay, above the region. */
  print(text: string): void {
    this.#write(`${text}\n`, this.#lines);
  }

  /** Takes the region away. */
  clear(): void {
    if (!this.isEmpty) this.#write("", []);
  }

  #write(text: string, lines: readonly string[]): void {
    const stream = this.#stream;
    if (!stream.writable) return;
    // When the reader of a pipe goes away, the run goes on, as it does with console.log.
    const onWritten = (error?: Error | null): void => {
      if (error != null) stream.once("error", () => {});
    };
    // One write for all of it, so that no half-drawn state is ever seen.
    stream.cork();
    const height = this.#height();
    if (height > 0) {
      cursorTo(stream, 0);
      moveCursor(stream, 0, -height);
      clearScreenDown(stream, onWritten);
    }
    const region = lines.map((line) => `${line}\n`).join("");
    if (text !== "" || region !== "") stream.write(text + region, onWritten);
    stream.uncork();
    this.#lines = lines;
    this.#bytes = this.#bytesWritten();
  }

  /** Rows that the region takes now: terminals wrap what they show when they become narrower. */
  #height(): number {
    if (this.#bytes !== this.#bytesWritten()) return 0;
    const columns = terminalColumns(this.#stream) ?? Number.POSITIVE_INFINITY;
    return this.#lines.reduce((sum, line) => {
      return sum + Math.max(1, Math.ceil(stringWidth(stripVTControlCharacters(line)).width / columns));
    }, 0);
  }

  /** Standard error mostly shares the terminal, and warnings go there. */
  #bytesWritten(): number {
    const own = this.#stream.bytesWritten ?? 0;
    return this.#stream === (process.stdout as TerminalStream) && process.stderr.isTTY ? own + process.stderr.bytesWritten : own;
  }
}
