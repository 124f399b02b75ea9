/**
 * `trackedChatModel`: a chat model of LangChain whose calls have the texts of the candidate and pass opto's gate, with requests and replies as opto
 * counts and shows them.
 *
 * @module
 */

import { isPlainObject, type JsonValue, ownValue, textOf } from "../data/json.ts";
import { loadPackage } from "../data/load-package.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { CallTexts } from "../llm/call-texts.ts";
import type { Message } from "../llm/model-request.ts";
import { TextSwap } from "../llm/text-swap.ts";
import { callMethod, hasMethods, type Members, membersOf } from "./agent-kind.ts";
import { asPlainJson, type NativeAnswer, type NativeCall, nativeCall } from "./native-call.ts";

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

/** What a chat model makes of messages; LangChain's `ChatResult`. */
interface ChatResult {
  readonly generations: readonly { readonly text: string; readonly message: object; readonly generationInfo?: unknown }[];
  readonly llmOutput?: unknown;
}

/** What a chat model is asked. */
interface ChatRequest {
  readonly messages: readonly object[];
  /** As `bindTools` of this model has formatted them. */
  readonly tools: unknown;
}

/** The request with the texts of the candidate. */
function swapChatRequest({ messages, tools }: ChatRequest, texts: CallTexts): ChatRequest {
  return { messages: messages.map((message) => swapMessage(message, texts)), tools: texts.tools(tools) };
}

/** Messages are objects of classes: another text makes another object of the same class. */
function swapMessage(message: object, texts: CallTexts): object {
  const { content } = membersOf(message);
  const kind = typeOf(message);
  if (kind === "tool") return message;
  const role = ownValue(roles, kind) ?? "user";
  const swap = (text: string): string => texts.message(role, text);
  const swapped = swapContent(content, swap);
  const isSame = JSON.stringify(swapped) === JSON.stringify(content);
  return isSame ? message : withContent(message, swapped);
}

function swapContent(content: unknown, swap: (text: string) => string): unknown {
  if (typeof content === "string") return swap(content);
  return Array.isArray(content) ? content.map((part) => swapPart(part, swap)) : content;
}

function swapPart(part: unknown, swap: (text: string) => string): unknown {
  const { text } = membersOf(part);
  return typeof text === "string" ? { ...membersOf(part), text: swap(text) } : part;
}

/** The call of a model that answers a request. @param rest what `_generate` is given besides */
function chatCall(model: object, request: ChatRequest, options: object, rest: readonly unknown[]): NativeCall<ChatResult> {
  const { messages, tools } = request;
  const given = tools === undefined ? options : { ...options, tools };
  return {
    ...nameOf(model),
    options: {
      prompt: messages.map(messageOf),
      ...(Array.isArray(tools) ? { tools: tools.map(toolOf) } : {}),
      request: identifying(model, messages, given),
    },
    ask: (signal) => callMethod(model, "_generate", messages, { ...given, signal }, ...rest) as Promise<ChatResult>,
    describe: answerOf,
    write: ({ generations, llmOutput }) => {
      const kept = generations.map(({ text, message, generationInfo }) => ({ text, generationInfo, message: fieldsOf(message) }));
      return asPlainJson({ generations: kept, llmOutput });
    },
    read: (written) => resultOf(written as unknown as ChatResult),
    fromText: (text) => resultOf({ generations: [{ text, message: { content: text } }] }),
  };
}

/** LangChain's own message of the agent, from its fields. */
async function resultOf({ generations, llmOutput }: ChatResult): Promise<ChatResult> {
  const { AIMessage } = (await loadPackage("@langchain/core/messages", "Reading a reply from records")) as unknown as {
    readonly AIMessage: new (fields: object) => object;
  };
  return { generations: generations.map((one) => ({ ...one, message: new AIMessage(one.message) })), llmOutput: llmOutput ?? {} };
}

/** What a message of the agent is made of. */
function fieldsOf(message: object): object {
  const { content, tool_calls, invalid_tool_calls, additional_kwargs, response_metadata, usage_metadata, id, name } =
    membersOf(message);
  return { content, tool_calls, invalid_tool_calls, additional_kwargs, response_metadata, usage_metadata, id, name };
}

/** What makes one call another: messages without the ids that LangChain draws, and options that are data. */
function identifying(model: object, messages: readonly object[], options: object): JsonValue {
  const kept = messages.map((message) => {
    const { content, tool_calls, tool_call_id, name, additional_kwargs } = membersOf(message);
    return { type: typeOf(message), content, tool_calls, tool_call_id, name, additional_kwargs };
  });
  if (hasMethods(model, "invocationParams")) {
    return asPlainJson({ messages: kept, sent: callMethod(model, "invocationParams", options) });
  }
  const { callKeys } = membersOf(model);
  const known = Array.isArray(callKeys) ? callKeys : ["tools", "tool_choice", "stop"];
  const settings = Object.entries(options).filter(([key, value]) => known.includes(key) && !ofTheRun.has(key) && isData(value));
  return asPlainJson({ messages: kept, settings: Object.fromEntries(settings) });
}

/** Options that belong to this run of a program. */
const ofTheRun: ReadonlySet<string> = new Set(["signal", "promptIndex", "callbacks", "metadata", "tags", "timeout"]);

function isData(value: unknown): boolean {
  return (
    typeof value !== "function" && (typeof value !== "object" || value === null || Array.isArray(value) || isPlainObject(value))
  );
}

/** `{ provider, modelId }`: LangChain's own names for tracing, where a model has them. */
function nameOf(model: object): { readonly provider: string; readonly modelId: string } {
  const params = hasMethods(model, "getLsParams") ? membersOf(callMethod(model, "getLsParams", {})) : {};
  const { model: own, modelName } = membersOf(model);
  const modelId = [params.ls_model_name, own, modelName].find((one) => typeof one === "string" && one !== "");
  const provider = typeof params.ls_provider === "string" ? params.ls_provider : String(callMethod(model, "_llmType"));
  return { provider: provider.toLowerCase(), modelId: typeof modelId === "string" ? modelId : "model" };
}

function typeOf(message: object): string {
  if (hasMethods(message, "getType")) return String(callMethod(message, "getType"));
  return hasMethods(message, "_getType") ? String(callMethod(message, "_getType")) : "";
}

const roles: Readonly<Record<string, Message["role"]>> = { system: "system", human: "user", ai: "assistant", tool: "tool" };

function messageOf(message: object): Message {
  const { content, tool_calls, tool_call_id, name } = membersOf(message);
  const role = ownValue(roles, typeOf(message)) ?? "user";
  const text = contentText(content);
  if (role === "system") return { role, content: text };
  if (role === "tool") {
    return {
      role,
      content: [{ type: "tool-result", toolCallId: tool_call_id, toolName: name, output: { type: "text", value: text } }],
    };
  }
  const calls = toolCallsOf(tool_calls).map(({ id, name: toolName, args }) => ({
    type: "tool-call",
    toolCallId: id,
    toolName,
    input: args,
  }));
  return { role, content: [...(text === "" && calls.length > 0 ? [] : [{ type: "text", text }]), ...calls] };
}

/** The text of a content: itself, or its parts in words. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => (typeof membersOf(part).text === "string" ? membersOf(part).text : "")).join("");
}

function toolCallsOf(calls: unknown): readonly Members[] {
  return Array.isArray(calls) ? calls.map(membersOf) : [];
}

function toolOf(tool: unknown): object {
  const { function: inner, ...flat } = membersOf(tool);
  const { name, description, parameters, input_schema } = inner === undefined ? flat : membersOf(inner);
  return { type: "function", name, description, inputSchema: parameters ?? input_schema ?? {} };
}

function answerOf({ generations }: ChatResult): NativeAnswer {
  const { content, tool_calls, usage_metadata, response_metadata } = membersOf(generations[0]?.message);
  const { input_tokens, output_tokens, input_token_details, output_token_details } = membersOf(usage_metadata);
  const toolCalls = toolCallsOf(tool_calls).map(({ id, name, args }) => ({
    id: String(id),
    name: String(name),
    input: textOf(args),
  }));
  const { finish_reason: told } = membersOf(response_metadata ?? generations[0]?.generationInfo);
  return {
    text: contentText(content),
    toolCalls,
    finishReason: toolCalls.length > 0 ? "tool-calls" : (ownValue(finishReasons, String(told)) ?? "stop"),
    inputTokens: numberOf(input_tokens),
    outputTokens: numberOf(output_tokens),
    cachedInputTokens: numberOf(membersOf(input_token_details).cache_read),
    reasoningTokens: numberOf(membersOf(output_token_details).reasoning),
  };
}

/** What OpenAI and Anthropic call an answer that is not whole. */
const finishReasons: Readonly<Record<string, string>> = {
  length: "length",
  max_tokens: "length",
  content_filter: "content-filter",
};

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** As LangChain itself makes a message of another. */
function withContent(message: object, content: unknown): object {
  const fields = Object.entries(fieldsOf(message)).filter(([, value]) => value !== undefined);
  const { constructor: Message } = message as { readonly constructor: new (given: object) => object };
  return new Message({ ...Object.fromEntries(fields), content });
}
