/**
 * `trackedChatModel`: a chat model of LangChain whose calls have the texts of the candidate and pass opto's gate.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { TextSwap } from "../llm/text-swap.ts";
import { hasMethods, membersOf } from "./agent-kind.ts";
import { type ChatRequest, type ChatResult, chatCall, swapChatRequest } from "./chat-calls.ts";
import { nativeCall } from "./native-call.ts";

/**
 * The same chat model of LangChain, for graphs that are compiled by hand or by `createReactAgent`: its calls pass opto's gate, and the texts of an agent
 * made by `fromAgent` reach it. `createAgent` needs none; `fromAgent` wraps its model by itself. Replies come whole, not as a stream.
 *
 * Outside of runs and agents it is the model itself.
 *
 * @throws InvalidArgumentError for what is no chat model of LangChain
 * @example
 * const graph = createReactAgent({ llm: trackedChatModel(new ChatOpenAI({ model: "gpt-5-mini", maxRetries: 0 })), tools, prompt });
 */
export function trackedChatModel<Model extends object>(model: Model): Model {
  if (!isChatModel(model)) {
    throw new InvalidArgumentError(
      "Expected a chat model of LangChain, like new ChatOpenAI({ model }), with a method `_generate`",
    );
  }
  if (wrapped.has(model)) return model;
  const changed = (name: string): PropertyDescriptorMap => {
    if (!hasMethods(model, name)) return {};
    // They return another model, or one that refers to this.
    const value = (...args: unknown[]): unknown => {
      const returned = Reflect.apply(membersOf(model)[name] as () => unknown, tracking, args as []);
      return isChatModel(returned) ? trackedChatModel(returned) : returned;
    };
    return { [name]: { value } };
  };
  const tracking = Object.create(model, {
    _generate: {
      value: (messages: readonly object[], options: object, ...rest: unknown[]) => generate(model, messages, options, rest),
    },
    // What comes piece by piece cannot be recorded here.
    disableStreaming: { value: true, writable: true },
    ...changed("bindTools"),
    ...changed("withConfig"),
  }) as Model;
  wrapped.add(tracking);
  return tracking;
}

const wrapped = new WeakSet<object>();

/** Whether something is a chat model of LangChain. */
export function isChatModel(value: unknown): value is object {
  return typeof value === "object" && value !== null && hasMethods(value, "_generate", "_llmType", "invoke");
}

async function generate(
  model: object,
  messages: readonly object[],
  options: object,
  rest: readonly unknown[],
): Promise<ChatResult> {
  const ask = async (request: ChatRequest): Promise<ChatResult> => {
    const { signal } = membersOf(options) as { readonly signal?: AbortSignal };
    return nativeCall(chatCall(model, request, options, rest), signal);
  };
  const request: ChatRequest = { messages, tools: membersOf(options).tools };
  const run = TextSwap.current("agent");
  return run === undefined ? ask(request) : run.call((texts) => swapChatRequest(request, texts), ask);
}
