/**
 * `modelPrompt`: a conversation as a model of the AI SDK takes it, without the AI SDK.
 *
 * @module
 */
import { isPlainObject, ownValue } from "../data/json.ts";
import type { LanguageModel } from "./language-model.ts";
import { contentFor, fileContent, imageType, takesUrl } from "./media.ts";
import type { Message, ModelRequest } from "./model-request.ts";

/** A message in the words of a model: its content is a text for the system, else a list of parts. */
export interface ModelMessage {
  readonly role: Message["role"];
  readonly content: string | readonly object[];
  readonly providerOptions?: unknown;
}

/** The model, and the addresses that it reads by itself. */
interface Reader {
  readonly model: LanguageModel;
  readonly supportedUrls: unknown;
}

/** A part of the content of a message, or anything else that was given as one. */
type Part = Readonly<Record<string, unknown>>;

/**
 * Converts what a request says. `undefined` for what only the AI SDK makes sense of: files that it has to fetch first, results of
 * tools with files in them, approvals of tools, and whatever it would refuse.
 */
export async function modelPrompt(
  { system, prompt, messages }: Pick<ModelRequest, "system" | "prompt" | "messages">,
  model: LanguageModel,
): Promise<readonly ModelMessage[] | undefined> {
  if (messages === undefined) return textPrompt({ system, prompt });
  const start: readonly ModelMessage[] = system ? [{ role: "system", content: system }] : [];
  if (prompt !== undefined || messages.length === 0) return undefined;
  const { supportedUrls } = model as { readonly supportedUrls?: unknown };
  const reader = { model, supportedUrls: await supportedUrls };
  const converted: ModelMessage[] = [...start];
  for (const message of messages) {
    const next = convert(message, reader);
    if (next === undefined) return undefined;
    const last = converted.at(-1);
    if (next.role !== "tool" || last?.role !== "tool") converted.push(next);
    else if (last.providerOptions !== undefined || next.providerOptions !== undefined) return undefined;
    else converted.splice(-1, 1, { ...last, content: [...last.content, ...next.content] as object[] });
  }
  return isAnswered(converted) ? converted : undefined;
}

/** The same for a request without a conversation. */
export function textPrompt({ system, prompt }: Pick<ModelRequest, "system" | "prompt">): readonly ModelMessage[] | undefined {
  if (typeof prompt !== "string") return undefined;
  const asked: ModelMessage = { role: "user", content: [{ type: "text", text: prompt }] };
  return system ? [{ role: "system", content: system }, asked] : [asked];
}

function convert(message: unknown, reader: Reader): ModelMessage | undefined {
  if (!isPlainObject(message)) return undefined;
  const { role, content, providerOptions } = message;
  const convertPart = typeof role === "string" ? ownValue(partsOf, role) : undefined;
  if (!areOptions(providerOptions) || (role !== "system" && convertPart === undefined)) return undefined;
  const about = { role: role as Message["role"], ...optionsIn(message) };
  if (typeof content === "string") {
    if (role === "tool") return undefined;
    return { ...about, content: role === "system" ? content : [{ type: "text", text: content }] };
  }
  if (convertPart === undefined || !Array.isArray(content)) return undefined;
  const parts: object[] = [];
  for (const part of content as readonly unknown[]) {
    if (!isPlainObject(part) || !areOptions(part.providerOptions)) return undefined;
    const converted = convertPart(part, reader);
    if (converted === undefined) return undefined;
    if (converted !== leftOut) parts.push({ ...converted, ...optionsIn(part) });
  }
  // A message of tools without any results would be refused.
  return role === "tool" && parts.length === 0 ? undefined : { ...about, content: parts };
}

/** Providers refuse empty texts. */
const leftOut = {};

/** How the parts of a message are converted, by its role; `undefined` for a part that is left to the AI SDK. */
const partsOf: Readonly<Record<string, (part: Part, reader: Reader) => object | undefined>> = {
  user(part, reader) {
    if (part.type === "text") return typeof part.text === "string" ? textOf(part.text, part.text === "") : undefined;
    return part.type === "image" || part.type === "file" ? fileOf(part, reader) : undefined;
  },
  assistant(part, { model }) {
    const { type, text } = part;
    if (type === "text") {
      return typeof text === "string" ? textOf(text, text === "" && part.providerOptions === undefined) : undefined;
    }
    if (type === "reasoning") return typeof text === "string" ? { type, text } : undefined;
    if (type === "file") return ownFileOf(part, model);
    if (type === "tool-result") return resultOf(part);
    return type === "tool-call" ? callOf(part) : undefined;
  },
  tool: (part) => (part.type === "tool-result" ? resultOf(part) : undefined),
};

function textOf(text: string, isLeftOut: boolean): object {
  return isLeftOut ? leftOut : { type: "text", text };
}

/** An image or another file that the user gives. */
function fileOf(part: Part, { model, supportedUrls }: Reader): object | undefined {
  const { type, filename, mediaType: given } = part;
  if (!isTextOrNone(filename) || !isTextOrNone(given)) return undefined;
  const isImage = type === "image";
  const content = fileContent(isImage ? part.image : part.data);
  if (content === undefined) return undefined;
  const { data } = content;
  const isTagged = model.specificationVersion === "v4";
  const usual = isTagged ? "image" : "image/*";
  const said = content.mediaType ?? given;
  if (data instanceof URL) {
    const known = given ?? (isImage ? "image/*" : undefined);
    if (known === undefined || !takesUrl(data, known, supportedUrls)) return undefined;
  }
  const seen = (isImage || isTagged) && !(data instanceof URL) ? imageType(data) : undefined;
  const mediaType = seen ?? said ?? (isImage ? usual : undefined);
  if (mediaType === undefined) return undefined;
  const name = isImage || filename === undefined ? {} : { filename };
  return { type: "file", mediaType, ...contentFor(model, content), ...name };
}

/** A file that the model has given. */
function ownFileOf({ data, filename, mediaType }: Part, model: LanguageModel): object | undefined {
  const content = fileContent(data);
  if (content === undefined || typeof mediaType !== "string" || !isTextOrNone(filename)) return undefined;
  const name = filename === undefined ? {} : { filename };
  return { type: "file", mediaType: content.mediaType ?? mediaType, ...contentFor(model, content), ...name };
}

function callOf({ type, toolCallId, toolName, input, providerExecuted }: Part): object | undefined {
  if (typeof toolCallId !== "string" || typeof toolName !== "string") return undefined;
  if (providerExecuted !== undefined && typeof providerExecuted !== "boolean") return undefined;
  return { type, toolCallId, toolName, input, ...(providerExecuted === undefined ? {} : { providerExecuted }) };
}

const plainOutputs: ReadonlySet<unknown> = new Set(["text", "error-text", "json", "error-json"]);

function resultOf({ type, toolCallId, toolName, output }: Part): object | undefined {
  if (typeof toolCallId !== "string" || typeof toolName !== "string") return undefined;
  if (!isPlainObject(output) || !plainOutputs.has(output.type) || output.value === undefined) return undefined;
  if (String(output.type).endsWith("text") && typeof output.value !== "string") return undefined;
  return { type, toolCallId, toolName, output };
}

/** Whether every call of a tool has its result before the conversation goes on, as providers want it. */
function isAnswered(messages: readonly ModelMessage[]): boolean {
  const open = new Set<unknown>();
  for (const { role, content } of messages) {
    if ((role === "user" || role === "system") && open.size > 0) return false;
    for (const { type, toolCallId, providerExecuted } of typeof content === "string" ? [] : (content as readonly Part[])) {
      if (type === "tool-call" && providerExecuted !== true) open.add(toolCallId);
      if (role === "tool" && type === "tool-result") open.delete(toolCallId);
    }
  }
  return open.size === 0;
}

function optionsIn({ providerOptions }: Part): { readonly providerOptions?: unknown } {
  return providerOptions === undefined ? {} : { providerOptions };
}

function areOptions(value: unknown): boolean {
  return value === undefined || (isPlainObject(value) && Object.values(value).every(isPlainObject));
}

function isTextOrNone(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}
