/**
 * `TextSwap`: texts of a program that other texts take the place of in the calls of its tracked models.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { DirectOptions, Message } from "./model-request.ts";

/** What is replaced, and by what. */
export interface SwappedText {
  /** The texts that the program may have: asked for at every call, so that a program may read its text anew. */
  readonly originals: () => readonly string[];
  readonly value: string;
  /** Called where a call has had one of the originals. */
  readonly onFound?: (() => void) | undefined;
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

  /** Whether a call has had one of the originals so far. */
  hasFound(text: SwappedText): boolean {
    return this.#found.has(text);
  }

  /** Runs a program, whose calls then have the values in the place of the originals. */
  within<R>(work: () => R): R {
    return storage.run(this, work);
  }

  /**
   * The options of a call with the values in them. What takes the place of a text is not looked through again. In messages of the user, who
   * may write the same words, only those texts are looked for that no system message has.
   */
  apply<Options extends DirectOptions>(options: Options): Options {
    this.#calls += 1;
    const forms = formsOf(this.#texts);
    const instructed = new Set<SwappedText>();
    const system = options.prompt.map((message) => withForms(message, "system", forms, instructed));
    const asked = new Set<SwappedText>();
    const open = forms.filter(({ swap }) => !instructed.has(swap));
    const prompt = system.map((message) => withForms(message, "user", open, asked));
    for (const swap of [...instructed, ...asked]) {
      this.#found.add(swap);
      swap.onFound?.();
    }
    return { ...options, prompt };
  }
}

/** One way in which a text may be written. */
interface Form {
  readonly swap: SwappedText;
  readonly written: string;
}

/** The longest first: one text may be a part of another. */
function formsOf(texts: readonly SwappedText[]): Form[] {
  return texts
    .flatMap((swap) => {
      // A file may have other line ends than the value that was read from it.
      const written = swap.originals().flatMap((text) => [text, text.replaceAll("\n", "\r\n")]);
      return [...new Set(written)].map((text) => ({ swap, written: text }));
    })
    .sort((a, b) => b.written.length - a.written.length);
}

function withForms(message: Message, role: Message["role"], forms: readonly Form[], found: Set<SwappedText>): Message {
  if (message.role !== role || forms.length === 0) return message;
  const { content } = message;
  if (typeof content === "string") return { ...message, content: replaced(content, forms, found) };
  const parts = content.map((part) => {
    const { type, text } = part as { readonly type?: unknown; readonly text?: unknown };
    return type === "text" && typeof text === "string" ? { ...part, text: replaced(text, forms, found) } : part;
  });
  return { ...message, content: parts };
}

function replaced(text: string, forms: readonly Form[], found: Set<SwappedText>): string {
  for (const { swap, written } of forms) {
    const at = text.indexOf(written);
    if (at < 0) continue;
    found.add(swap);
    const [before, after] = [text.slice(0, at), text.slice(at + written.length)];
    return replaced(before, forms, found) + swap.value + replaced(after, forms, found);
  }
  return text;
}

const storage = new AsyncLocalStorage<TextSwap>();

/** The options of a call, with the texts replaced that the running program replaces. */
export function swapTexts<Options extends DirectOptions>(options: Options): Options {
  return storage.getStore()?.apply(options) ?? options;
}
