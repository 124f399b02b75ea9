/**
 * Requests of OpenAI's client as requests of opto: messages, settings, and the form of the reply.
 *
 * @module
 */
import { describeValue, isPlainObject, ownValue } from "../../data/json.ts";
import { ConfigurationError } from "../../errors.ts";
import type { Message, ModelRequest } from "../model-request.ts";
import type { JsonSchema } from "../structured/strict-schema.ts";

/** What a client is given: a body as the API has it. */
export type OpenAIBody = Readonly<Record<string, unknown>>;

/** What the reply is to be: text, JSON, or the call of a function. */
export type ReplyForm =
  | { readonly kind: "text" }
  | { readonly kind: "json"; readonly schema: JsonSchema }
  | { readonly kind: "function"; readonly functions: readonly CalledFunction[] };

/** A function that may be called. */
export interface CalledFunction {
  readonly name: string;
  readonly description: string | undefined;
  readonly parameters: JsonSchema;
}

/** The settings that opto's requests have. What only tells the provider about the caller is left out. */
export function settingsOf(body: OpenAIBody): Pick<ModelRequest, "temperature" | "topP" | "maxOutputTokens" | "stopSequences"> {
  if (body.stream === true) throw unsupported("`stream`");
  if (typeof body.n === "number" && body.n > 1) throw unsupported("`n` above 1");
  const { temperature, top_p, stop } = body;
  const most = body.max_output_tokens ?? body.max_completion_tokens ?? body.max_tokens;
  return {
    ...(typeof temperature === "number" ? { temperature } : {}),
    ...(typeof top_p === "number" ? { topP: top_p } : {}),
    ...(typeof most === "number" ? { maxOutputTokens: most } : {}),
    ...(stop === undefined || stop === null ? {} : { stopSequences: [stop].flat() as string[] }),
  };
}

/** The messages of a chat, or the input of a response: a text or messages. */
export function messagesOf(given: unknown, instructions?: unknown): readonly Message[] {
  const before: Message[] = typeof instructions === "string" ? [{ role: "system", content: instructions }] : [];
  if (typeof given === "string") return [...before, { role: "user", content: given }];
  if (!Array.isArray(given) || given.length === 0) throw unsupported(`messages like ${describeValue(given)}`);
  return [...before, ...given.map(messageOf)];
}

const roles: Readonly<Record<string, Message["role"]>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
};

function messageOf(message: unknown): Message {
  const { role, content, tool_calls } = (isPlainObject(message) ? message : {}) as Readonly<Record<string, unknown>>;
  const known = ownValue(roles, String(role));
  if (known === undefined || (Array.isArray(tool_calls) && tool_calls.length > 0)) {
    throw unsupported(`a message like ${describeValue(message)}`);
  }
  if (typeof content === "string") return { role: known, content };
  if (!Array.isArray(content)) throw unsupported(`a message like ${describeValue(message)}`);
  const parts = content.map(partOf);
  // Instructions are text to every version of the AI SDK.
  if (known !== "system") return { role: known, content: parts };
  return { role: known, content: parts.map(({ text }) => text ?? "").join("\n") };
}

interface Part {
  readonly type: string;
  readonly text?: string;
}

function partOf(part: unknown): Part {
  const { type, text, image_url, input_audio } = (isPlainObject(part) ? part : {}) as Readonly<Record<string, unknown>>;
  if ((type === "text" || type === "input_text" || type === "output_text") && typeof text === "string")
    return { type: "text", text };
  const url = isPlainObject(image_url) ? image_url.url : image_url;
  if ((type === "image_url" || type === "input_image") && typeof url === "string") return { type: "image", image: url } as Part;
  if (type === "input_audio" && isPlainObject(input_audio)) {
    return { type: "file", data: input_audio.data, mediaType: `audio/${String(input_audio.format)}` } as Part;
  }
  throw unsupported(`a part of a message like ${describeValue(part)}`);
}

/** The form of the reply, by the format and the functions that are asked for. */
export function formOf(format: unknown, tools: unknown, choice: unknown): ReplyForm {
  const functions = functionsOf(tools);
  if (functions.length > 0 && choice !== "none") return { kind: "function", functions: chosen(functions, choice) };
  const { type, json_schema, schema } = (isPlainObject(format) ? format : {}) as Readonly<Record<string, unknown>>;
  if (type === "json_object") return { kind: "json", schema: { type: "object" } };
  if (type !== "json_schema") return { kind: "text" };
  // The format of a chat has the schema within, that of a response beside its name.
  const written = isPlainObject(json_schema) ? json_schema.schema : schema;
  if (isPlainObject(written)) return { kind: "json", schema: written as JsonSchema };
  throw unsupported(`a response format like ${describeValue(format)}`);
}

function functionsOf(tools: unknown): readonly CalledFunction[] {
  if (!Array.isArray(tools)) return [];
  return tools.map((tool: unknown) => {
    const outer = isPlainObject(tool) ? tool : {};
    const own = isPlainObject(outer.function) ? outer.function : outer;
    if (outer.type !== "function" || typeof own.name !== "string") throw unsupported(`a tool like ${describeValue(tool)}`);
    const parameters = (isPlainObject(own.parameters) ? own.parameters : { type: "object" }) as JsonSchema;
    return { name: own.name, description: typeof own.description === "string" ? own.description : undefined, parameters };
  });
}

/** The functions of which one has to be called. */
function chosen(functions: readonly CalledFunction[], choice: unknown): readonly CalledFunction[] {
  if (choice === "required") return functions;
  const named = isPlainObject(choice) ? choice : {};
  const { name } = isPlainObject(named.function) ? named.function : named;
  const found = functions.filter((one) => one.name === name);
  if (found.length > 0) return found;
  throw unsupported("functions that a model may, but need not call");
}

function unsupported(what: string): ConfigurationError {
  return new ConfigurationError(
    `openAIClient is for judges and does not support ${what}. Give the library a client of its own, or use another model interface`,
  );
}
