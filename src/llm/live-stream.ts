/**
 * `LiveStream`: the stream that the caller of a tracked model reads, whether its parts come from a provider or from a record.
 *
 * @module
 */
import { AsyncResource } from "node:async_hooks";
import type { LiveReply } from "./call-services.ts";

/** Gives parts away as they come, and the end when the call has passed all that is behind the gate. */
export class LiveStream implements LiveReply {
  readonly stream: ReadableStream<object>;
  /** Resolves with what is known of the request and the response when the stream begins. */
  readonly begun: Promise<object>;
  // Those who read continue where the call was made, and not where the provider's answer is read.
  readonly #caller = new AsyncResource("opto.stream");
  readonly #begin: (about: object) => void;
  readonly #refuse: (error: unknown) => void;
  #controller: ReadableStreamDefaultController<object> | undefined;
  #isBegun = false;

  constructor() {
    const { promise, resolve, reject } = withResolvers<object>();
    this.begun = promise;
    this.#begin = resolve;
    this.#refuse = reject;
    this.stream = new ReadableStream<object>({
      start: (controller) => {
        this.#controller = controller;
      },
      // The rest is paid for and recorded all the same.
      cancel: () => {
        this.#controller = undefined;
      },
    });
  }

  begin(about: object): void {
    this.#isBegun = true;
    this.#caller.runInAsyncScope(() => this.#begin(about));
  }

  part(part: object): void {
    this.#caller.runInAsyncScope(() => this.#controller?.enqueue(part));
  }

  /** The end of it is given away by `end`. */
  result(): void {}

  /** @param parts all that the answer consists of */
  end(parts: readonly object[]): void {
    const rest = this.#isBegun ? parts.slice(-1) : parts;
    if (!this.#isBegun) this.begin({});
    for (const part of rest) this.part(part);
    this.#caller.runInAsyncScope(() => this.#controller?.close());
  }

  /** Nothing more comes. @param asPart whether the error is given as a part: `ai` 5 waits forever for the end of a stream that fails */
  fail(error: unknown, asPart: boolean): void {
    if (this.#isBegun && asPart) {
      this.end([{ type: "error", error }]);
      return;
    }
    this.#caller.runInAsyncScope(() => {
      if (this.#isBegun) this.#controller?.error(error);
      else this.#refuse(error);
    });
  }
}

function withResolvers<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
} {
  let settle!: { resolve: (value: T) => void; reject: (error: unknown) => void };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}
