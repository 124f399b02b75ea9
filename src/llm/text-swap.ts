/**
 * `TextSwap`: one run of a program or an agent, in whose model calls other texts take the place of its own.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { isInfrastructureError } from "../errors.ts";
import { CallTexts, type MissingText, type SwappedText } from "./call-texts.ts";
import type { DirectOptions, Message } from "./model-request.ts";

/** Which calls have the texts, and what a call without them means. */
export interface SwapRule {
  /** Those of all tracked models, or only those that the framework of an agent makes for it. */
  readonly calls: "tracked" | "agent";
  /** The error that ends a run whose first call lacks a text. @default a program may do without its texts */
  readonly refuse?: ((missing: MissingText) => Error) | undefined;
}

/** One run. Runs that overlap each have their own, by the asynchronous context. */
export class TextSwap {
  readonly #texts: readonly SwappedText[];
  readonly #rule: SwapRule;
  readonly #found = new Set<SwappedText>();
  #calls = 0;
  #refusal: Error | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(texts: readonly SwappedText[], rule: SwapRule) {
    this.#texts = texts;
    this.#rule = rule;
  }

  /** The run that the running code is a part of, if it is about these calls. */
  static current(calls: SwapRule["calls"]): TextSwap | undefined {
    const run = storage.getStore();
    return run !== undefined && run.#rule.calls === calls ? run : undefined;
  }

  /** Model calls so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Whether a call has had this text so far. */
  hasFound(text: SwappedText): boolean {
    return this.#found.has(text);
  }

  /**
   * Runs the program.
   *
   * @throws what the rule refuses the run with
   * @throws what the last `call` threw, as it was before a framework made something else of it
   */
  async within<R>(work: () => R | Promise<R>): Promise<R> {
    let result: R;
    try {
      result = await storage.run(this, work);
    } catch (error) {
      throw this.#refusal ?? (this.#failure === undefined ? error : this.#failure.error);
    }
    if (this.#refusal !== undefined) throw this.#refusal;
    // Some frameworks return what they have when a call fails.
    if (this.#failure !== undefined && isInfrastructureError(this.#failure.error)) throw this.#failure.error;
    return result;
  }

  /** A request with the texts in it. @throws what the rule refuses the run with */
  send<Request>(swap: (texts: CallTexts) => Request): Request {
    const texts = new CallTexts(this.#texts);
    const request = swap(texts);
    const missing = this.#calls++ === 0 ? texts.missing() : undefined;
    if (missing !== undefined) this.#refusal = this.#rule.refuse?.(missing);
    if (this.#refusal !== undefined) throw this.#refusal;
    for (const text of texts.found) {
      this.#found.add(text);
      text.onFound?.();
    }
    return request;
  }

  /** Makes a call for a framework, which may hide its error. @throws what `send` and `ask` throw */
  async call<Request, Reply>(swap: (texts: CallTexts) => Request, ask: (request: Request) => PromiseLike<Reply>): Promise<Reply> {
    const request = this.send(swap);
    try {
      const reply = await ask(request);
      this.#failure = undefined;
      return reply;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}

const storage = new AsyncLocalStorage<TextSwap>();

/** The options of a call of a tracked model, with the texts of the running program. */
export function swapTexts<Options extends DirectOptions>(options: Options): Options {
  return TextSwap.current("tracked")?.send((texts) => withTexts(options, texts)) ?? options;
}

/** The options of a call with the texts in them. */
export function withTexts<Options extends DirectOptions>(options: Options, texts: CallTexts): Options {
  const { prompt, tools } = options;
  const ofRole = (isSystem: boolean, messages: readonly Message[]): Message[] =>
    messages.map((message) => ((message.role === "system") === isSystem ? withMessageTexts(message, texts) : message));
  return {
    ...options,
    prompt: ofRole(false, ofRole(true, prompt)),
    ...(tools === undefined ? {} : { tools: texts.tools(tools) }),
  };
}

function withMessageTexts(message: Message, texts: CallTexts): Message {
  const { role, content } = message;
  if (typeof content === "string") return { ...message, content: texts.message(role, content) };
  const parts = content.map((part) => {
    const { type, text } = part as { readonly type?: unknown; readonly text?: unknown };
    return type === "text" && typeof text === "string" ? { ...part, text: texts.message(role, text) } : part;
  });
  return { ...message, content: parts };
}
