/**
 * Calls of the OpenAI Agents SDK: its requests and replies as opto counts and shows them.
 *
 * @module
 */
import { isPlainObject, type JsonValue, textOf } from "../data/json.ts";
import type { CallTexts } from "../llm/call-texts.ts";
import type { Message } from "../llm/model-request.ts";
import { type Members, membersOf } from "./agent-kind.ts";
import { asPlainJson, type NativeAnswer, type NativeCall } from "./native-call.ts";

/** What a model of the SDK is asked; its `ModelRequest`. */
export interface OpenAIModelRequest {
  readonly systemInstructions?: string | undefined;
  readonly input: string | readonly object[];
  readonly tools: readonly object[];
  readonly handoffs?: readonly object[] | undefined;
  readonly modelSettings?: object | undefined;
  readonly outputType?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** What it answers; its `ModelResponse`. */
export interface OpenAIModelReply {
  readonly usage: object;
  readonly output: readonly object[];
  readonly responseId?: string | undefined;
}

/** A model of the SDK. */
export interface OpenAIModel {
  getResponse(request: OpenAIModelRequest): Promise<OpenAIModelReply>;
  getStreamedResponse(request: OpenAIModelRequest): AsyncIterable<object>;
}

/** The request with the texts of the candidate. */
export function swapOpenAIRequest(request: OpenAIModelRequest, texts: CallTexts): OpenAIModelRequest {
  const { systemInstructions, input, tools } = request;
  return {
    ...request,
    ...(systemInstructions === undefined ? {} : { systemInstructions: texts.message("system", systemInstructions) }),
    input: typeof input === "string" ? input : input.map((item) => swapItem(item, texts)),
    tools: texts.tools(tools),
  };
}

/** The call of a model that answers a request. */
export function openAICall(model: OpenAIModel, name: string, request: OpenAIModelRequest): NativeCall<OpenAIModelReply> {
  const { signal: _signal, ...asked } = request;
  const { tracing: _tracing, ...identifying } = asked as Members;
  return {
    provider: "openai",
    modelId: name,
    options: {
      prompt: messagesOf(request),
      tools: [...request.tools, ...(request.handoffs ?? [])].map(toolOf),
      request: asPlainJson(identifying),
    },
    ask: (signal) => model.getResponse({ ...request, signal }),
    describe: answerOf,
    write: ({ usage, output, responseId }) => asPlainJson({ usage, output, responseId }),
    read: (written) => written as unknown as OpenAIModelReply,
    fromText: (text) => ({ output: [assistantMessage(text)], usage: noUsage }),
  };
}

/** A message of the agent, as the SDK has it in inputs and outputs. */
export function assistantMessage(text: string): object {
  return { type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text }] };
}

const noUsage = { requests: 1, inputTokens: 0, outputTokens: 0, totalTokens: 0, inputTokensDetails: [], outputTokensDetails: [] };

function swapItem(item: object, texts: CallTexts): object {
  const { role, content } = membersOf(item);
  if (typeof content === "string") return { ...item, content: texts.message(String(role), content) };
  if (!Array.isArray(content)) return item;
  const parts = content.map((part) => {
    const { text } = membersOf(part);
    return typeof text === "string" ? { ...membersOf(part), text: texts.message(String(role), text) } : part;
  });
  return { ...item, content: parts };
}

function messagesOf({ systemInstructions, input }: OpenAIModelRequest): Message[] {
  const system: Message[] = systemInstructions === undefined ? [] : [{ role: "system", content: systemInstructions }];
  if (typeof input === "string") return [...system, { role: "user", content: [{ type: "text", text: input }] }];
  const names = new Map<unknown, unknown>();
  return [...system, ...input.map((item) => messageOf(membersOf(item), names))];
}

function messageOf(item: Members, names: Map<unknown, unknown>): Message {
  const { type, role, content, callId } = item;
  if (type === "function_call") {
    names.set(callId, item.name);
    const part = { type: "tool-call", toolCallId: callId, toolName: item.name, input: parsed(item.arguments) };
    return { role: "assistant", content: [part] };
  }
  if (type === "function_call_result") {
    const output = { type: "text", value: textsIn(item.output) };
    const part = { type: "tool-result", toolCallId: callId, toolName: names.get(callId) ?? item.name, output };
    return { role: "tool", content: [part] };
  }
  if (role === "system") return { role: "system", content: textsIn(content) };
  const text = role === undefined ? textOf(item) : textsIn(content);
  return { role: role === "user" ? "user" : "assistant", content: [{ type: "text", text }] };
}

/** The texts of a content: itself, or those of its parts. */
function textsIn(content: unknown): string {
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? content : [content];
  return parts.map((part) => (typeof membersOf(part).text === "string" ? membersOf(part).text : textOf(part))).join("\n");
}

function toolOf(tool: object): object {
  const { name, toolName, description, toolDescription, parameters, inputJsonSchema } = membersOf(tool);
  return {
    type: "function",
    name: name ?? toolName,
    description: description ?? toolDescription,
    inputSchema: parameters ?? inputJsonSchema ?? {},
  };
}

function answerOf({ output, usage }: OpenAIModelReply): NativeAnswer {
  const items = output.map(membersOf);
  const toolCalls = items.flatMap(({ type, callId, name, arguments: input }) =>
    type === "function_call" ? [{ id: String(callId), name: String(name), input: String(input) }] : [],
  );
  const text = items.flatMap(({ role, content }) => (role === "assistant" ? [textsIn(content)] : [])).join("\n");
  const { inputTokens, outputTokens, inputTokensDetails, outputTokensDetails } = membersOf(usage);
  return {
    text,
    toolCalls,
    finishReason: toolCalls.length > 0 ? "tool-calls" : "stop",
    inputTokens: numberOf(inputTokens),
    outputTokens: numberOf(outputTokens),
    cachedInputTokens: detail(inputTokensDetails, "cached_tokens"),
    reasoningTokens: detail(outputTokensDetails, "reasoning_tokens"),
  };
}

/** Details are a list, one for each request, or of one request. */
function detail(details: unknown, name: string): number | undefined {
  return numberOf(membersOf([details].flat()[0])[name]);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function parsed(input: unknown): JsonValue {
  try {
    const value = JSON.parse(String(input)) as JsonValue;
    return isPlainObject(value) ? (value as JsonValue) : String(input);
  } catch {
    return String(input);
  }
}
