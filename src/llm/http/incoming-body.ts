/**
 * The body of a response while it comes: read whole, as a stream, or not at all.
 *
 * @module
 */
import { nodeStream } from "../../data/load-on-demand.ts";
import type { MaybePromise } from "../../data/maybe-promise.ts";
import { decodeAll, decodersOf, decodeStream } from "./content-decoding.ts";

/** So much is taken from the connection before somebody asks for it, in bytes. */
const mostAhead = 64 * 1024;

/** What a stream holds ready for its reader, in bytes. */
const chunkBytes = 16 * 1024;

/** What the body needs of its connection. */
export interface BodySource {
  /** Sends on what was held up. */
  readonly resume: () => void;
  readonly abort: () => void;
}

/** Takes what comes until somebody reads it, and holds the server up when nobody does. */
export class IncomingBody {
  readonly #source: BodySource;
  #chunks: Buffer[] = [];
  #ahead = 0;
  #isHeld = false;
  #state: "open" | "ended" | "failed" = "open";
  #error: unknown;
  /** Hears of everything that comes. */
  #reader: { readonly push: (chunk: Buffer) => boolean; readonly done: () => void } | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** Whether nothing of it is in the hands of the connection any more. */
  get isComplete(): boolean {
    return this.#state !== "open";
  }

  /** @returns whether more may come */
  push(chunk: Buffer): boolean {
    if (this.#reader !== undefined) {
      this.#isHeld = !this.#reader.push(chunk);
    } else {
      this.#chunks.push(chunk);
      this.#ahead += chunk.length;
      this.#isHeld = this.#ahead > mostAhead;
    }
    return !this.#isHeld;
  }

  end(): void {
    this.#settle("ended", undefined);
  }

  fail(error: unknown): void {
    this.#settle("failed", error);
  }

  #settle(state: "ended" | "failed", error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = state;
    this.#error = error;
    this.#reader?.done();
  }

  /** All of it, decompressed. @throws what ended it early */
  all(contentEncoding: string | null): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        if (this.#state === "failed") reject(this.#error);
        else resolve(this.#whole(contentEncoding));
      };
      if (this.#state !== "open") return done();
      const push = (chunk: Buffer): boolean => {
        this.#chunks.push(chunk);
        return true;
      };
      this.#reader = { push, done };
      this.#resume();
    });
  }

  #whole(contentEncoding: string | null): MaybePromise<Uint8Array> {
    const [only] = this.#chunks;
    const bytes = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks);
    this.#chunks = [];
    const used = decodersOf(contentEncoding);
    if (used.length === 0) return bytes;
    return decodeAll(bytes, used).catch((cause: unknown) => {
      throw new TypeError("terminated", { cause });
    });
  }

  /** The same piece by piece, no faster than it is read. */
  stream(contentEncoding: string | null): ReadableStream<Uint8Array> {
    const used = decodersOf(contentEncoding);
    const raw = this.#rawStream();
    if (used.length === 0) return raw;
    const { Readable } = nodeStream();
    const decoded = Readable.toWeb(decodeStream(Readable.fromWeb(raw as never), used)) as ReadableStream<Uint8Array>;
    return wordedStream(decoded, (cause) => (this.#state === "failed" ? this.#error : new TypeError("terminated", { cause })));
  }

  #rawStream(): ReadableStream<Uint8Array> {
    return new ReadableStream(
      {
        type: "bytes",
        start: (controller) => {
          // A stream takes over the memory of what it is given, which may be a part of something else.
          const push = (chunk: Buffer): boolean => {
            if (chunk.length > 0) controller.enqueue(new Uint8Array(chunk));
            return (controller.desiredSize ?? 0) > 0;
          };
          const done = (): void => {
            if (this.#state === "failed") controller.error(this.#error);
            else endStream(controller);
          };
          for (const chunk of this.#chunks.splice(0)) push(chunk);
          this.#reader = { push, done };
          if (this.#state !== "open") done();
        },
        pull: () => this.#resume(),
        cancel: () => this.#abort(),
      },
      { highWaterMark: chunkBytes },
    );
  }

  /**
   * Nobody wants it: what somebody reads is left alone. A rest that is known to be short is let run out, which keeps the connection;
   * any other may come for as long as the server pleases, so that its request is ended.
   *
   * @param announcedBytes how large the body is. @default not known
   */
  discard(announcedBytes?: number): void {
    if (this.#reader !== undefined) return;
    if (announcedBytes !== undefined && announcedBytes <= mostAhead) {
      this.#drop();
      this.#resume();
    } else {
      this.#abort();
    }
  }

  /** A server may do costly work for what is still to come. */
  #abort(): void {
    this.#drop();
    if (this.#state === "open") this.#source.abort();
  }

  #drop(): void {
    this.#chunks = [];
    this.#reader = { push: () => true, done: () => {} };
  }

  #resume(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#source.resume();
  }
}

function endStream(controller: ReadableByteStreamController): void {
  controller.close();
  // Whoever waits with memory of its own for more is answered by this.
  controller.byobRequest?.respond(0);
}

/** A stream that fails with other errors. */
function wordedStream(stream: ReadableStream<Uint8Array>, worded: (error: unknown) => unknown): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    type: "bytes",
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read();
        if (done) endStream(controller);
        else controller.enqueue(new Uint8Array(value));
      } catch (error) {
        throw worded(error);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
