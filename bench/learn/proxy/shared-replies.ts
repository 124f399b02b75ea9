/**
 * Replies that all cells of a table share: what is asked at temperature 0 is asked once.
 *
 * @module
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import type { Backend, BackendReply, ChatRequest } from "./backend.ts";
import { callKey } from "./call-key.ts";

/** One line of the record. */
export interface SharedReply {
  readonly key: string;
  /** Milliseconds that it took when it was asked. */
  readonly ms: number;
  /** Missing in a record that was published. */
  readonly request?: ChatRequest | undefined;
  readonly reply: unknown;
}

/** A reply with how it was come by. */
export interface ObtainedReply {
  readonly reply: BackendReply;
  /** Whether somebody had asked before. */
  readonly isAgain: boolean;
}

/** How replies are kept. */
export interface SharedRepliesOptions {
  /** JSON lines. @default nothing is kept after the program */
  readonly file?: string | undefined;
  /** @default false */
  readonly isReadOnly?: boolean | undefined;
}

/**
 * Keeps replies with status 200 by what was asked: names of models do not matter, since all of these requests go to the same one. Who asks what is being
 * asked already waits for that reply.
 */
export class SharedReplies {
  readonly #file: string | undefined;
  readonly #replies = new Map<string, SharedReply>();
  readonly #asking = new Map<string, Promise<BackendReply>>();

  constructor({ file, isReadOnly = false }: SharedRepliesOptions = {}) {
    this.#file = file;
    if (file === undefined) return;
    for (const line of wholeLines(file, isReadOnly)) {
      const { key, ms, reply } = JSON.parse(line) as SharedReply;
      this.#replies.set(key, { key, ms, reply });
    }
  }

  /** What is on record. */
  get all(): readonly SharedReply[] {
    return [...this.#replies.values()];
  }

  find(key: string): SharedReply | undefined {
    return this.#replies.get(key);
  }

  /** The reply on record, or else that of the backend. @param request as the backend gets it */
  async obtain(request: ChatRequest, backend: Backend, signal: AbortSignal): Promise<ObtainedReply> {
    const key = sharedKey(request);
    for (;;) {
      const known = this.#replies.get(key);
      if (known !== undefined) return { reply: { status: 200, body: known.reply }, isAgain: true };
      const other = this.#asking.get(key);
      if (other === undefined) break;
      // Where its asker has gone, or was refused, this one asks again.
      await other.catch(() => undefined);
      signal.throwIfAborted();
    }
    const asked = this.#ask(key, request, backend, signal);
    this.#asking.set(key, asked);
    try {
      return { reply: await asked, isAgain: false };
    } finally {
      this.#asking.delete(key);
    }
  }

  async #ask(key: string, request: ChatRequest, backend: Backend, signal: AbortSignal): Promise<BackendReply> {
    const started = performance.now();
    const { status, body } = await backend.answer(request, signal);
    if (status === 200) this.#keep({ key, ms: Math.round(performance.now() - started), request, reply: body });
    return { status, body };
  }

  /** Requests are long, and only read by people. */
  #keep({ request, ...kept }: SharedReply): void {
    this.#replies.set(kept.key, kept);
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    appendFileSync(this.#file, `${JSON.stringify({ ...kept, request })}\n`);
  }
}

/** The name of what is asked: 16 hexadecimal digits. */
export function sharedKey(request: ChatRequest): string {
  return callKey({ ...request, model: "" }).slice(0, 16);
}

/** The lines of a record; a last one that was torn is cut off. */
export function wholeLines(file: string, isReadOnly: boolean): string[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (!isReadOnly && whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
  return whole.split("\n").filter((line) => line !== "");
}
