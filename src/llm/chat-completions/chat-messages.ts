/**
 * A conversation of the AI SDK as messages of the chat-completions protocol.
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";
import { unsupported } from "./sdk-error.ts";

/** A message as it is sent. */
export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly content: unknown;
  readonly [field: string]: unknown;
}

/** A message as the AI SDK has it. */
export interface PromptMessage {
  readonly role: string;
  readonly content: string | readonly Part[];
  readonly providerOptions?: unknown;
}

type Part = Readonly<Record<string, unknown>>;

/**
 * Converts a conversation.
 *
 * @param instructions the role of messages of the system, or that they are left out
 * @throws an `UnsupportedFunctionalityError` of the AI SDK for files that the protocol has no place for
 */
export function chatMessages(prompt: readonly PromptMessage[], instructions: "system" | "developer" | "remove"): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const message of prompt) {
    const { role, content } = message;
    if (role === "system") {
      if (instructions === "remove") continue;
      messages.push({ role: instructions, content: markedText(content as string, breakpointIn(message)) });
    } else if (role === "user") messages.push({ role, content: userContent(content as readonly Part[]) });
    else if (role === "assistant") messages.push(assistantMessage(content as readonly Part[]));
    else if (role === "tool") messages.push(...toolMessages(content as readonly Part[]));
    else throw new Error(`Unsupported role: ${role}`);
  }
  return messages;
}

/** A place in the prompt up to which it is to be cached. */
function breakpointIn({ providerOptions }: { readonly providerOptions?: unknown }): unknown {
  const { openai } = (providerOptions ?? {}) as { readonly openai?: { readonly promptCacheBreakpoint?: unknown } };
  return openai?.promptCacheBreakpoint ?? undefined;
}

function marked(breakpoint: unknown): object {
  return breakpoint === undefined ? {} : { prompt_cache_breakpoint: breakpoint };
}

function markedText(text: string, breakpoint: unknown): unknown {
  return breakpoint === undefined ? text : [{ type: "text", text, ...marked(breakpoint) }];
}

function userContent(parts: readonly Part[]): unknown {
  const [only] = parts;
  if (parts.length === 1 && only?.type === "text" && breakpointIn(only) === undefined) return only.text;
  return parts.map((part, index) => {
    const content = part.type === "text" ? { type: "text", text: part.text } : fileContent(part, index);
    return { ...content, ...marked(breakpointIn(part)) };
  });
}

function fileContent(part: Part, index: number): object {
  const { data, filename } = part;
  const mediaType = String(part.mediaType);
  if (mediaType.startsWith("image/")) return imageContent(part, mediaType);
  if (mediaType.startsWith("audio/")) {
    if (data instanceof URL) throw unsupported("audio file parts with URLs");
    const format = audioFormats[mediaType];
    if (format === undefined) throw unsupported(`audio content parts with media type ${mediaType}`);
    return { type: "input_audio", input_audio: { data: base64(data), format } };
  }
  if (mediaType !== "application/pdf") throw unsupported(`file part media type ${mediaType}`);
  if (data instanceof URL) throw unsupported("PDF file parts with URLs");
  if (typeof data === "string" && data.startsWith("file-")) return { type: "file", file: { file_id: data } };
  const file_data = `data:application/pdf;base64,${base64(data)}`;
  return { type: "file", file: { filename: filename ?? `part-${index}.pdf`, file_data } };
}

const audioFormats: Readonly<Record<string, string>> = { "audio/wav": "wav", "audio/mp3": "mp3", "audio/mpeg": "mp3" };

function imageContent({ data, providerOptions }: Part, mediaType: string): object {
  const type = mediaType === "image/*" ? "image/jpeg" : mediaType;
  const url = data instanceof URL ? data.toString() : `data:${type};base64,${base64(data)}`;
  const { openai } = (providerOptions ?? {}) as { readonly openai?: { readonly imageDetail?: unknown } };
  return { type: "image_url", image_url: { url, detail: openai?.imageDetail } };
}

/** Bytes may also come as Base64. */
function base64(data: unknown): string {
  if (!(data instanceof Uint8Array)) return data as string;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
}

function assistantMessage(parts: readonly Part[]): ChatMessage {
  const texts = parts.filter(({ type }) => type === "text");
  const calls = parts.filter(({ type }) => type === "tool-call");
  const text = texts.map((part) => part.text).join("");
  const isMarked = texts.some((part) => breakpointIn(part) !== undefined);
  const plain = calls.length > 0 ? text || null : text;
  return {
    role: "assistant",
    content: isMarked ? texts.map((part) => ({ type: "text", text: part.text, ...marked(breakpointIn(part)) })) : plain,
    ...(calls.length === 0 ? {} : { ...thoughtsOf(parts), tool_calls: calls.map(toolCall) }),
  };
}

/** What the same server has thought before it called tools, in its own field: many of its models go on from there. */
function thoughtsOf(parts: readonly Part[]): Readonly<Record<string, string>> {
  const thoughts: Record<string, string> = {};
  for (const { type, text, providerOptions } of parts) {
    const { openai } = (providerOptions ?? {}) as { readonly openai?: { readonly thoughtField?: unknown } };
    const field = openai?.thoughtField;
    if (type !== "reasoning" || (field !== "reasoning_content" && field !== "reasoning")) continue;
    thoughts[field] = `${thoughts[field] ?? ""}${text}`;
  }
  return thoughts;
}

function toolCall({ toolCallId, toolName, input }: Part): object {
  return { id: toolCallId, type: "function", function: { name: toolName, arguments: argumentsOf(input) } };
}

/** Servers parse the arguments of earlier calls, and refuse a request in which they are no object. */
function argumentsOf(input: unknown): string {
  if (typeof input !== "string") return jsonOf(typeof input === "object" && input !== null && !Array.isArray(input) ? input : {});
  try {
    return isPlainObject(JSON.parse(input)) ? input : "{}";
  } catch {
    return "{}";
  }
}

function toolMessages(parts: readonly Part[]): ChatMessage[] {
  return parts
    .filter(({ type }) => type !== "tool-approval-response")
    .map((part) => {
      const output = part.output as { readonly type: string; readonly value?: unknown; readonly reason?: string };
      const inner = output.type === "content" ? (output.value as readonly object[]) : [output];
      const breakpoint = inner.map(breakpointIn).find((found) => found !== undefined) ?? breakpointIn(part);
      return { role: "tool", tool_call_id: part.toolCallId, content: markedText(resultText(output), breakpoint) };
    });
}

function resultText({
  type,
  value,
  reason,
}: {
  readonly type: string;
  readonly value?: unknown;
  readonly reason?: string;
}): string {
  if (type === "text" || type === "error-text") return value as string;
  return type === "execution-denied" ? (reason ?? "Tool call execution denied.") : jsonOf(value);
}

/** As JSON, with large whole numbers as text and a word in place of what is nested in itself. */
function jsonOf(value: unknown): string {
  const path: object[] = [];
  return JSON.stringify(value, function (this: unknown, _key, inner: unknown) {
    if (typeof inner === "bigint") return inner.toString();
    if (typeof inner !== "object" || inner === null) return inner;
    while (path.length > 0 && path.at(-1) !== this) path.pop();
    if (path.includes(inner)) return "[Circular]";
    path.push(inner);
    return inner;
  });
}
