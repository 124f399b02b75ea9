/**
 * `TextSwap`: texts of a program that other texts take the place of in the calls of its tracked models.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { DirectOptions, Message } from "./model-request.ts";

/** What is replaced, and by what. */
export interface SwappedText {
  readonly original: string;
  readonly value: string;
}

/** The texts that are replaced in one run of a program, and which of them were found. */
export class TextSwap {
  readonly #texts: readonly SwappedText[];
  readonly #found = new Set<SwappedText>();
  #calls = 0;

  constructor(texts: readonly SwappedText[]) {
    this.#texts = texts;
  }

  /** Model calls so far. */
  get calls(): number {
    return this.#calls;
  }

  /** The originals that no call has had so far. */
  get missing(): readonly string[] {
    return this.#texts.filter((text) => !this.#found.has(text)).map(({ original }) => original);
  }

  /** Runs a program, whose calls then have the values in the place of the originals. */
  within<R>(work: () => R): R {
    return storage.run(this, work);
  }

  /** The options of a call with the values in them. What takes the place of a text is not looked through again. */
  apply<Options extends DirectOptions>(options: Options): Options {
    this.#calls += 1;
    return { ...options, prompt: options.prompt.map((message) => this.#message(message)) };
  }

  #message(message: Message): Message {
    const { role, content } = message;
    if (role !== "system" && role !== "user") return message;
    if (typeof content === "string") return { ...message, content: this.#text(content) };
    return { ...message, content: content.map((part) => this.#part(part)) };
  }

  #part(part: object): object {
    const { type, text } = part as { readonly type?: unknown; readonly text?: unknown };
    return type === "text" && typeof text === "string" ? { ...part, text: this.#text(text) } : part;
  }

  #text(text: string): string {
    for (const swap of this.#texts) {
      // A file may have other line ends than the value that was read from it.
      const written = [swap.original, swap.original.replaceAll("\n", "\r\n")].find((form) => text.includes(form));
      if (written === undefined) continue;
      this.#found.add(swap);
      const at = text.indexOf(written);
      return this.#text(text.slice(0, at)) + swap.value + this.#text(text.slice(at + written.length));
    }
    return text;
  }
}

const storage = new AsyncLocalStorage<TextSwap>();

/** The options of a call, with the texts replaced that the running program replaces. */
export function swapTexts<Options extends DirectOptions>(options: Options): Options {
  return storage.getStore()?.apply(options) ?? options;
}
