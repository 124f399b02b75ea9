/**
 * `CallLine`: the numbers of a `model-call` line, taken from its bytes. A journal may have millions of them, so nothing is made for a line: one object is
 * filled again and again, and a line is compared with the one before.
 *
 * @module
 */
import { BytePattern } from "./byte-pattern.ts";

/** How lines of one model, role, and reason to end go on after the position. */
interface Known<Owner> {
  /** `","model":"openai/gpt-5","role":"agent","finishReason":"stop","inputTokens":`. */
  readonly pattern: BytePattern;
  readonly owner: Owner;
}

/** Up to this many are looked for one after the other; beyond, the search takes longer than reading the line. */
const mostKnown = 100;
const seqStart = new BytePattern('{"seq":');
/** Between the number of an event and its type. */
const betweenLength = ',"time":"2026-11-25T08:30:00.000Z","type":"'.length;
const typeAndPosition = new BytePattern('model-call","position":"');
const iterationStart = new BytePattern("iteration/");
const outputField = new BytePattern(',"outputTokens":');
/** What comes after these, where a line has it. */
const moreFields = (["cachedInputTokens", "cacheWriteTokens", "reasoningTokens"] as const).map((name) => {
  return { name, pattern: new BytePattern(`,"${name}":`) };
});
const estimatedField = new BytePattern(',"estimated":true');
const [quote, zero, nine, closeBrace, lineFeed] = [0x22, 0x30, 0x39, 0x7d, 0x0a];
/** Digits that a number has at most, for it to be exact. */
const mostDigits = 15;

/** Reads lines as this version writes them. @typeParam Owner whose call it is */
export class CallLine<Owner> {
  /** The number of the event. */
  seq = 0;
  /** -1 outside of any. */
  iteration = -1;
  inputTokens = 0;
  outputTokens = 0;
  cachedInputTokens = 0;
  cacheWriteTokens = 0;
  reasoningTokens = 0;
  owner: Owner | undefined;
  readonly #known: Known<Owner>[] = [];
  #last: Known<Owner> | undefined;
  /** Between the number of the iteration and the model. */
  #restLength = 0;
  /** Where the last number that was read ends. */
  #at = 0;

  /** Calls of these belong to an owner. */
  know(model: string, role: string, finishReason: string, owner: Owner): void {
    if (this.#known.length === mostKnown) return;
    const [first, second, third] = [model, role, finishReason].map((text) => JSON.stringify(text));
    const pattern = new BytePattern(`","model":${first},"role":${second},"finishReason":${third},"inputTokens":`);
    this.#known.push({ pattern, owner });
  }

  /**
   * Reads a line.
   *
   * @param view of the bytes
   * @returns where its line feed is; -1 for another line
   */
  read(bytes: Buffer, view: DataView, start: number): number {
    const limit = bytes.length;
    if (!seqStart.isAt(view, start, limit)) return -1;
    this.seq = this.#number(bytes, start + seqStart.length);
    if (this.seq < 0) return -1;
    let at = this.#at + betweenLength;
    if (!typeAndPosition.isAt(view, at, limit)) return -1;
    at += typeAndPosition.length;
    this.iteration = -1;
    if (iterationStart.isAt(view, at, limit)) {
      this.iteration = this.#number(bytes, at + iterationStart.length);
      at = this.#at;
    }
    const known = this.#knownAt(bytes, view, at);
    if (known === undefined) return -1;
    this.owner = known.owner;
    return this.#counts(bytes, view, at + this.#restLength + known.pattern.length);
  }

  /** @returns as for the line */
  #counts(bytes: Buffer, view: DataView, from: number): number {
    this.inputTokens = this.#number(bytes, from);
    if (this.inputTokens < 0 || !outputField.isAt(view, this.#at, bytes.length)) return -1;
    this.outputTokens = this.#number(bytes, this.#at + outputField.length);
    if (this.outputTokens < 0) return -1;
    if (bytes[this.#at] === closeBrace) {
      this.cachedInputTokens = 0;
      this.cacheWriteTokens = 0;
      this.reasoningTokens = 0;
    } else if (!this.#readMore(bytes, view)) return -1;
    return bytes[this.#at] === closeBrace && bytes[this.#at + 1] === lineFeed ? this.#at + 1 : -1;
  }

  /** Most positions are as long as the one before, and most calls of the same model. */
  #knownAt(bytes: Buffer, view: DataView, at: number): Known<Owner> | undefined {
    const last = this.#last;
    if (last?.pattern.isAt(view, at + this.#restLength, bytes.length)) return last;
    let place = at;
    while (place < bytes.length && bytes[place] !== quote) place++;
    this.#restLength = place - at;
    this.#last = this.#known.find(({ pattern }) => pattern.isAt(view, place, bytes.length));
    return this.#last;
  }

  /** @returns whether all of it are numbers */
  #readMore(bytes: Buffer, view: DataView): boolean {
    for (const { name, pattern } of moreFields) {
      const isThere = pattern.isAt(view, this.#at, bytes.length);
      this[name] = isThere ? this.#number(bytes, this.#at + pattern.length) : 0;
      if (this[name] < 0) return false;
    }
    if (estimatedField.isAt(view, this.#at, bytes.length)) this.#at += estimatedField.length;
    return true;
  }

  /** @returns -1 where there is none, or one that may not be exact */
  #number(bytes: Buffer, from: number): number {
    let [at, number] = [from, 0];
    for (let digit = bytes[at] as number; digit >= zero && digit <= nine; digit = bytes[++at] as number) {
      number = number * 10 + digit - zero;
    }
    this.#at = at;
    return at === from || at - from > mostDigits ? -1 : number;
  }
}
