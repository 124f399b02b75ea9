/**
 * `tracedCall`: a direct call as an operation of the graph, found out from what the model is given and what it answers.
 *
 * @module
 */
import { readArguments } from "../graph/arguments.ts";
import type { Operation } from "../graph/graph-node.ts";
import { isNode, record } from "../graph/node.ts";
import { currentScope, noteRead } from "../graph/scope.ts";
import { readParts, readResult, resultOfParts } from "./direct-result.ts";
import type { DirectCall, DirectOptions, Message, ModelReply } from "./model-request.ts";
import { StepsOf } from "./steps-of.ts";

/**
 * Makes a call and records it. Its inputs are the settings and the texts of its prompt, in whose places stand the nodes that they come
 * from: parameters and inputs whose values are found in them, earlier steps of the same loop, and tools, each an operation of its own.
 *
 * @param name of the model
 * @throws what `ask` throws, unchanged
 */
export async function tracedCall(
  name: string,
  { kind, options }: DirectCall,
  ask: () => Promise<ModelReply>,
): Promise<ModelReply> {
  const { frame } = currentScope();
  if (frame === undefined || !frame.isTraced || frame.isOver) return ask();
  const steps = StepsOf.operation(frame);
  const shown = { model: name, ...promptInWords(options, steps), ...settingsIn(options, steps) };
  const { inputs, inputNames } = readArguments([shown], [{ name: "request", kind: "pattern" }]);
  let reply: ModelReply | undefined;
  let calls: readonly ToolCall[] = [];
  const answer = async (): Promise<unknown> => {
    reply = await ask();
    calls = toolCallsIn(reply, kind);
    const { text } = reply;
    if (calls.length === 0) return text;
    const toolCalls = calls.map(({ toolName, input }) => ({ tool: toolName, input }));
    return text === "" ? { toolCalls } : { text, toolCalls };
  };
  const node = await record(callOperation, inputs, inputNames, answer, { catch: false });
  noteRead(frame, node);
  for (const call of calls) steps.called(call.toolCallId, { ...call, node, description: descriptionOf(call.toolName, options) });
  return reply as ModelReply;
}

const callOperation: Operation = {
  name: "generate",
  isModelCall: true,
  description:
    "Asks a language model that follows the instructions in `system`, and returns its reply: a text, or which tools to call.",
};

/** A call of a tool that the program carries out. */
interface ToolCall {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
}

/** What is shown of a call besides its prompt. Headers hold keys. */
const shownSettings = [
  "temperature",
  "topP",
  "topK",
  "presencePenalty",
  "frequencyPenalty",
  "seed",
  "reasoning",
  "maxOutputTokens",
  "stopSequences",
  "toolChoice",
  "providerOptions",
] as const;

function settingsIn(options: DirectOptions, steps: StepsOf): Record<string, unknown> {
  const { tools = [], ...given } = options as DirectOptions & Readonly<Record<string, unknown>>;
  const settings = shownSettings.flatMap((name) => {
    const value = given[name];
    if (value === undefined || isUsual(value)) return [];
    return [[name, steps.origin(value)]];
  });
  const shownTools = tools.map((tool) => {
    const { name, description } = tool as { readonly name?: string; readonly description?: string };
    return description === undefined ? { name } : { name, description: steps.origin(description) };
  });
  return { ...(tools.length === 0 ? {} : { tools: shownTools }), ...Object.fromEntries(settings) };
}

/** What the AI SDK adds by itself. */
function isUsual(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.keys(value).length === 0 || (value as { readonly type?: unknown }).type === "auto";
}

function toolCallsIn(reply: ModelReply, kind: DirectCall["kind"]): ToolCall[] {
  if (reply.result === undefined) return [];
  const result = kind === "stream" ? resultOfParts(readParts(reply, "v3")) : readResult(reply, "v3");
  return result.content.flatMap(({ type, toolCallId, toolName, input, providerExecuted }) => {
    if (type !== "tool-call" || providerExecuted === true) return [];
    return [{ toolCallId: String(toolCallId), toolName: String(toolName), input: parsed(input) }];
  });
}

/** Models write the arguments of tools as JSON, or try to. */
function parsed(input: unknown): unknown {
  if (typeof input !== "string") return input;
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}

function descriptionOf(toolName: string, { tools = [] }: DirectOptions): string {
  const found = (tools as readonly { readonly name?: string; readonly description?: string }[]).find(
    ({ name }) => name === toolName,
  );
  return found?.description ?? "";
}

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
function promptInWords({ prompt }: DirectOptions, steps: StepsOf): Record<string, unknown> {
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
