/**
 * A call of a model as the page shows it: its messages as texts, whatever form they came in.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";
import { nanosPerDollar, type PriceList } from "../llm/spend/prices.ts";
import type { CallRecord } from "../runs/trace-record.ts";
import type { MessageView, ModelCallView, ToolCallView } from "./api.ts";

/** A call that was kept in full. */
export function callView(record: CallRecord, prices: PriceList): ModelCallView {
  const { position, role, model, at, ms, messages, reply, parts, finishReason, error } = record;
  const usage = isPlainObject(record.usage) ? record.usage : {};
  const tokens = (name: string): number | null => {
    const value = usage[name];
    return typeof value === "number" ? value : null;
  };
  const [inputTokens, outputTokens] = [tokens("inputTokens"), tokens("outputTokens")];
  const [cachedInputTokens, cacheWriteTokens] = [tokens("cachedInputTokens"), tokens("cacheWriteTokens")];
  const counts = {
    inputTokens,
    outputTokens,
    cachedInputTokens: cachedInputTokens ?? 0,
    cacheWriteTokens: cacheWriteTokens ?? 0,
  };
  const nanos = reply === undefined ? null : prices.nanos(model, counts);
  return {
    position,
    role,
    model,
    messages: (Array.isArray(messages) ? messages : []).map(messageView),
    reply: reply ?? null,
    toolCalls: toolCallsIn(parts),
    finishReason: finishReason ?? null,
    inputTokens,
    outputTokens,
    cachedInputTokens,
    reasoningTokens: tokens("reasoningTokens"),
    isEstimated: usage.estimated === true,
    usd: nanos === null ? null : nanos / nanosPerDollar,
    at,
    durationMs: ms,
    error: error ?? null,
  };
}

function messageView({ role, content }: CallRecord["messages"][number]): MessageView {
  if (typeof content === "string") return { role, text: content, toolCalls: [] };
  const parts = Array.isArray(content) ? content : [content];
  const texts = parts.flatMap((part) => textIn(part));
  return { role, text: texts.join("\n"), toolCalls: toolCallsIn(content) };
}

function textIn(part: JsonValue): string[] {
  if (typeof part === "string") return [part];
  if (!isPlainObject(part)) return [JSON.stringify(part)];
  const { type, text, mediaType, length } = part;
  if (typeof text === "string") return [text];
  if (type === "tool-call" || type === "tool-result") return [];
  return [typeof length === "number" ? `(${String(type)} ${String(mediaType)}, ${length} bytes)` : JSON.stringify(part)];
}

/** Calls of tools, and what tools returned, in a message or a reply. */
function toolCallsIn(content: JsonValue | undefined): ToolCallView[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((part): ToolCallView[] => {
    if (!isPlainObject(part)) return [];
    const { type, toolCallId, toolName, input, args, output, result } = part as Readonly<Record<string, JsonValue | undefined>>;
    const about = { id: typeof toolCallId === "string" ? toolCallId : null, name: String(toolName) };
    if (type === "tool-call") return [{ ...about, input: parsed(input ?? args ?? null), output: null }];
    return type === "tool-result" ? [{ ...about, input: null, output: output ?? result ?? null }] : [];
  });
}

/** Models write the arguments of tools as JSON, or try to. */
function parsed(input: JsonValue): JsonValue {
  if (typeof input !== "string") return input;
  try {
    return JSON.parse(input) as JsonValue;
  } catch {
    return input;
  }
}
