/**
 * A terminal for tests: a stream that shows what a person would see, and refuses what it does not understand.
 *
 * @module
 */
import { Writable } from "node:stream";

export interface FakeTerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly isTTY?: boolean;
}

/** A control sequence with its parameter and command, or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is made of them
const pieces = /\x1b\[([\d;]*)([A-Za-z])|[\s\S]/gu;

/**
 * Understands line feeds, colours and the cursor movements of `node:readline`. Lines wider than the terminal wrap, and wrap
 * anew when it is resized. Every character is one column wide.
 */
export class FakeTerminal extends Writable {
  readonly isTTY: boolean;
  readonly rows: number;
  columns: number;
  bytesWritten = 0;
  /** All that was written. */
  raw = "";
  /** How many times somebody wrote. */
  writes = 0;
  #lines: string[] = [""];
  #line = 0;
  #offset = 0;

  constructor({ columns = 80, rows = 24, isTTY = true }: FakeTerminalOptions = {}) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
    this.isTTY = isTTY;
  }

  /** What is seen, without the empty line that the cursor stands on. */
  get screen(): string[] {
    return this.#lines.at(-1) === "" ? this.#lines.slice(0, -1) : this.#lines;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#take(String(chunk));
    done();
  }

  override _writev(chunks: { readonly chunk: string | Buffer }[], done: () => void): void {
    this.#take(chunks.map(({ chunk }) => String(chunk)).join(""));
    done();
  }

  #take(text: string): void {
    this.raw += text;
    this.writes++;
    this.bytesWritten += Buffer.byteLength(text);
    for (const [piece, parameter, command] of text.matchAll(pieces)) {
      if (command !== undefined) this.#control(command, parameter ?? "");
      else if (piece === "\n") this.#lineFeed();
      else if (/\p{Cc}/u.test(piece)) throw new Error(`The terminal got the control character ${JSON.stringify(piece)}`);
      else this.#put(piece);
    }
  }

  #control(command: string, parameter: string): void {
    const count = parameter === "" ? 1 : Number(parameter);
    if (command === "m") return;
    if (command === "A") this.#up(count);
    else if (command === "G" && count === 1) this.#offset -= this.#offset % this.columns;
    else if (command === "J" && parameter === "0") this.#clearDown();
    else throw new Error(`The terminal got the sequence ${parameter}${command}, which it does not know`);
  }

  #lineFeed(): void {
    this.#line++;
    this.#offset = 0;
    this.#lines[this.#line] ??= "";
  }

  #put(character: string): void {
    const line = this.#lines[this.#line]!.padEnd(this.#offset);
    this.#lines[this.#line] = line.slice(0, this.#offset) + character + line.slice(this.#offset + 1);
    this.#offset++;
  }

  /** Counts rows as they are wrapped now. */
  #up(count: number): void {
    for (let left = count; left > 0; left--) {
      if (this.#offset >= this.columns) this.#offset -= this.columns;
      else if (this.#line > 0) {
        this.#line--;
        const length = this.#lines[this.#line]!.length;
        this.#offset = Math.max(0, Math.ceil(length / this.columns) - 1) * this.columns + this.#offset;
      }
    }
  }

  #clearDown(): void {
    this.#lines = this.#lines.slice(0, this.#line + 1);
    this.#lines[this.#line] = this.#lines[this.#line]!.slice(0, this.#offset);
  }
}
