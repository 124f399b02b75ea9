/**
 * `PaidCalls`: what a run has paid for, from its record of calls. The journal also has answers that cost nothing: those of a cache, of an earlier
 * process, and of an identical call in flight.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { parseJsonObject } from "../data/json.ts";
import type { PriceList } from "../llm/spend/prices.ts";
import type { Spend } from "./api.ts";
import { SpendTally } from "./spend-tally.ts";

const pieceSize = 4 * 2 ** 20;
const lineFeed = 0x0a;
const answeredStart = Buffer.from('{"call":"answered",');
/** The reply, the longest of its fields, and all that comes after it. */
const replyField = ',"content":';

/** Follows a record of calls. */
export class PaidCalls {
  readonly #path: string;
  readonly #prices: PriceList;
  #tally: SpendTally;
  #offset = 0;
  #inode = 0;

  constructor(path: string, prices: PriceList) {
    this.#path = path;
    this.#prices = prices;
    this.#tally = new SpendTally(prices);
  }

  /** Dollars; `null` where a price is not known. */
  get usd(): number | null {
    return this.#tally.usd(this.#prices);
  }

  /** As the page shows it. */
  view(): Spend {
    return this.#tally.view(this.#prices);
  }

  /** Reads what is new. @returns whether anything was paid */
  async refresh(): Promise<boolean> {
    const file = await open(this.#path, "r").catch(() => undefined);
    if (file === undefined) return false;
    try {
      const { ino, size } = await file.stat();
      const isSame = ino === this.#inode && size >= this.#offset;
      if (!isSame) {
        this.#inode = ino;
        this.#offset = 0;
        this.#tally = new SpendTally(this.#prices);
      }
      const before = this.#tally.calls;
      await this.#read(file);
      return !isSame || this.#tally.calls > before;
    } finally {
      await file.close();
    }
  }

  async #read(file: FileHandle): Promise<void> {
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceSize);
      const { bytesRead } = await file.read(piece, 0, pieceSize, this.#offset + rest.length);
      if (bytesRead === 0) return;
      const bytes = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = bytes.indexOf(lineFeed, rest.length); end >= 0; end = bytes.indexOf(lineFeed, start)) {
        this.#take(bytes.subarray(start, end));
        start = end + 1;
      }
      rest = bytes.subarray(start);
      this.#offset += start;
    }
  }

  /** Only what was answered by a provider was paid for. */
  #take(line: Buffer): void {
    if (!line.subarray(0, answeredStart.length).equals(answeredStart)) return;
    const long = line.indexOf(replyField);
    const head = long < 0 ? undefined : parseJsonObject(`${line.toString("utf8", 0, long)}}`);
    const call = head ?? parseJsonObject(line.toString("utf8"));
    if (call !== undefined) this.#tally.addCall(call);
  }
}
