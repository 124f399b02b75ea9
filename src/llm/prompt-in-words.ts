/**
 * The prompt of a direct call as the graph shows it: in the words of `generate`, with nodes where they are known.
 *
 * @module
 */
import { isNode } from "../graph/node.ts";
import type { DirectOptions, Message } from "./model-request.ts";
import type { StepsOf } from "./steps-of.ts";

/** A part of a message in any version of the specification. */
interface Part {
  readonly type: string;
  readonly text?: string;
  readonly mediaType?: unknown;
  readonly data?: unknown;
  readonly toolCallId?: string;
  readonly toolName?: string;
  readonly input?: unknown;
  readonly output?: { readonly type?: string; readonly value?: unknown; readonly reason?: unknown };
}

/** `system`, and `prompt` or `messages`, as far as there are such. Images and files are named, not shown. */
export function promptInWords({ prompt }: DirectOptions, steps: StepsOf): Record<string, unknown> {
  const systems = prompt.flatMap(({ role, content }) => (role === "system" ? [String(content)] : []));
  const system = systems.length === 0 ? {} : { system: steps.origin(systems.join("\n\n"), "system") };
  const others = prompt.filter(({ role }) => role !== "system");
  const [first] = others;
  if (others.length === 1 && first?.role === "user") return { ...system, prompt: contentOf(first, steps, "prompt") };
  return { ...system, ...(others.length === 0 ? {} : { messages: conversation(others, steps) }) };
}

function conversation(messages: readonly Message[], steps: StepsOf): unknown[] {
  return messages.flatMap((message): unknown[] => {
    const { role, content } = message;
    if (role !== "tool" || typeof content === "string") return [{ role, content: contentOf(message, steps) }];
    return (content as readonly Part[]).flatMap((part) => {
      const { type, toolCallId = "", toolName, output = {} } = part;
      if (type !== "tool-result") return [];
      const isError = String(output.type).startsWith("error") || output.type === "execution-denied";
      const value = output.value ?? output.reason ?? null;
      return [{ role, tool: toolName, content: steps.resultOf(toolCallId, { value, isError }) }];
    });
  });
}

function contentOf({ content }: Message, steps: StepsOf, name = "content"): unknown {
  if (typeof content === "string") return steps.origin(content, name);
  const parts = content as readonly Part[];
  const reply = parts
    .flatMap(({ type, toolCallId = "" }) => (type === "tool-call" ? [steps.replyOf(toolCallId)] : []))
    .find(isNode);
  if (reply !== undefined) return reply;
  const texts = parts.filter(({ type }) => type !== "reasoning").map((part) => shown(part));
  if (texts.length === parts.length && texts.every((text) => typeof text === "string")) {
    return steps.origin(texts.join("\n"), name);
  }
  return texts.map((text) => (typeof text === "string" ? steps.origin(text, "content") : text));
}

function shown({ type, text, mediaType, data, toolName, input, output }: Part): unknown {
  if (type === "text") return text ?? "";
  if (type === "tool-call") return { tool: toolName, input };
  if (type === "tool-result") return { tool: toolName, output: output?.value };
  const size = data instanceof Uint8Array ? `, ${data.byteLength} bytes` : "";
  return `(${type}${typeof mediaType === "string" ? ` ${mediaType}` : ""}${size})`;
}
