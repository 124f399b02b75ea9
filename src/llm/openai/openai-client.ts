/**
 * `openAIClient`: an object in the shape of OpenAI's client whose calls pass opto's gate.
 *
 * @module
 */
import { systemClock } from "../../data/clock.ts";
import { isPlainObject, type JsonValue, ownValue } from "../../data/json.ts";
import { checkOptions } from "../../data/options.ts";
import { ConfigurationError, InvalidArgumentError } from "../../errors.ts";
import { callModel } from "../call-model.ts";
import { embed } from "../embed.ts";
import { type EmbeddingModelLike, embeddingModelProblem } from "../embedding-model.ts";
import { modelProblem } from "../language-model.ts";
import type { ModelRequest } from "../model-request.ts";
import { requestedModel } from "../resolve-model.ts";
import { askStructured } from "../structured/ask-structured.ts";
import { fromJsonSchema } from "../structured/schema-problems.ts";
import type { JsonSchema } from "../structured/strict-schema.ts";
import { type CalledFunction, formOf, messagesOf, type OpenAIBody, type ReplyForm, settingsOf } from "./openai-request.ts";

/** Which models answer, and on whose behalf. */
export interface OpenAIClientOptions extends Pick<ModelRequest, "model" | "role" | "maxRetries" | "providerOptions"> {
  /** Answers `embeddings.create`. @default none */
  readonly embeddingModel?: EmbeddingModelLike | undefined;
}

/** Options of one request. */
export interface OpenAIRequestOptions {
  readonly signal?: AbortSignal | null | undefined;
}

/** What of OpenAI's client judges use. */
export interface OpenAIClient {
  readonly chat: { readonly completions: ChatCompletions };
  readonly beta: { readonly chat: { readonly completions: ChatCompletions } };
  readonly responses: Create<ResponseReply>;
  readonly embeddings: Create<EmbeddingReply>;
}

interface Create<Reply> {
  create(body: OpenAIBody, options?: OpenAIRequestOptions): Promise<Reply>;
}

/** `parse` returns the reply with its JSON as `parsed`. */
interface ChatCompletions extends Create<ChatReply> {
  parse(body: OpenAIBody, options?: OpenAIRequestOptions): Promise<ChatReply>;
}

/** A chat completion, as far as it is filled. */
export interface ChatReply {
  readonly id: string;
  readonly object: "chat.completion";
  readonly created: number;
  readonly model: string;
  /** A list that may be changed, as the types of most libraries want it. */
  readonly choices: {
    readonly index: number;
    readonly message: ChatReplyMessage;
    readonly finish_reason: string;
    readonly logprobs: null;
  }[];
}

/** The message of a chat completion. */
export interface ChatReplyMessage {
  readonly role: "assistant";
  readonly content: string | null;
  readonly refusal: null;
  readonly tool_calls?: {
    readonly id: string;
    readonly type: "function";
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
  readonly parsed?: JsonValue | null;
}

/** A response, as far as it is filled. */
export interface ResponseReply {
  readonly id: string;
  readonly object: "response";
  readonly created_at: number;
  readonly model: string;
  readonly status: "completed";
  readonly output_text: string;
  readonly output: readonly object[];
}

/** Embeddings. */
export interface EmbeddingReply {
  readonly object: "list";
  readonly model: string;
  readonly data: { readonly object: "embedding"; readonly index: number; readonly embedding: readonly number[] }[];
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
}

/**
 * A client with the interface of OpenAI's, for the judges of other libraries: their calls are budgeted, limited, retried, recorded, and aborted
 * like opto's own, whichever provider answers. The model that a library asks for is ignored: `model` answers.
 *
 * JSON that follows a schema and function calls are requested as structured replies, so models that support neither can judge, too. A reply that
 * does not fit is requested again; if the second does not fit either, there is no verdict.
 *
 * @typeParam Client the type that the library expects; inferred if the call is written directly as its argument
 * @throws InvalidArgumentError for an unknown option, or something that is not a model
 * @example
 * const guide = fromScorer<string, string, string>((example) =>
 *   Factuality({ ...example, client: openAIClient({ model: "openai/gpt-5-mini" }), model: "judge" }),
 * );
 */
export function openAIClient<Client = OpenAIClient>(options: OpenAIClientOptions = {}): Client {
  checkOptions(options, ["model", "embeddingModel", "role", "maxRetries", "providerOptions"], "openAIClient");
  checkModels(options);
  const { embeddingModel, role = "judge", ...given } = options;
  const ask = (body: OpenAIBody, request: Asked, { signal }: OpenAIRequestOptions = {}): Promise<Answer> =>
    answerTo({ ...given, ...settingsOf(body), messages: request.messages, role, signal: signal ?? undefined }, request.form);

  const chat = async (body: OpenAIBody, how?: OpenAIRequestOptions): Promise<ChatReply> => {
    const form = formOf(body.response_format, body.tools, body.tool_choice);
    return chatReply(await ask(body, { messages: messagesOf(body.messages), form }, how), requestedModel(given.model));
  };
  const parse = async (body: OpenAIBody, how?: OpenAIRequestOptions): Promise<ChatReply> => withParsed(await chat(body, how));
  const responses = async (body: OpenAIBody, how?: OpenAIRequestOptions): Promise<ResponseReply> => {
    const form = formOf(isPlainObject(body.text) ? body.text.format : undefined, body.tools, body.tool_choice);
    const messages = messagesOf(body.input, body.instructions);
    return responseReply(await ask(body, { messages, form }, how), requestedModel(given.model));
  };
  const embeddings = async ({ input }: OpenAIBody, how: OpenAIRequestOptions = {}): Promise<EmbeddingReply> => {
    if (embeddingModel === undefined) {
      throw new ConfigurationError("This scorer compares embeddings. Set `embeddingModel` of openAIClient");
    }
    const texts = [input].flat().map(String);
    const { maxRetries } = given;
    const reply = await embed({ model: embeddingModel, texts, role, maxRetries, signal: how.signal ?? undefined });
    const data = reply.vectors.map((embedding, index) => ({ object: "embedding" as const, index, embedding }));
    const tokens = reply.usage.inputTokens ?? 0;
    return { object: "list", model: reply.model, data, usage: { prompt_tokens: tokens, total_tokens: tokens } };
  };
  const completions = { create: chat, parse };
  const client: OpenAIClient = {
    chat: { completions },
    beta: { chat: { completions } },
    responses: { create: responses },
    embeddings: { create: embeddings },
  };
  return client as Client;
}

/** @throws InvalidArgumentError for what is not a model */
function checkModels({ model, embeddingModel }: OpenAIClientOptions): void {
  const problem = model === undefined ? undefined : modelProblem(model);
  if (problem !== undefined) throw new InvalidArgumentError(`Expected \`model\` of openAIClient to be ${problem}`);
  const embeddingProblem = embeddingModel === undefined ? undefined : embeddingModelProblem(embeddingModel);
  if (embeddingProblem !== undefined) {
    throw new InvalidArgumentError(`Expected \`embeddingModel\` of openAIClient to be ${embeddingProblem}`);
  }
}

interface Asked {
  readonly messages: NonNullable<ModelRequest["messages"]>;
  readonly form: ReplyForm;
}

/** A text, or the call of a function. */
interface Answer {
  readonly text: string | null;
  readonly call?: { readonly name: string; readonly arguments: string } | undefined;
  readonly finishReason: string;
}

async function answerTo(request: ModelRequest, form: ReplyForm): Promise<Answer> {
  if (form.kind === "text") {
    const { text, finishReason } = await callModel(request);
    return { text, finishReason: ownValue(finishReasons, finishReason) ?? finishReason };
  }
  if (form.kind === "json") {
    const value = await askStructured({ ...request, schema: fromJsonSchema(form.schema) });
    return { text: JSON.stringify(value), finishReason: "stop" };
  }
  const [only, ...others] = form.functions;
  const schema = only !== undefined && others.length === 0 ? described(only) : oneOf(form.functions);
  const value = await askStructured({ ...request, schema: fromJsonSchema(schema) });
  const call =
    only !== undefined && others.length === 0
      ? { name: only.name, arguments: value }
      : (value as { readonly name: string; readonly arguments: JsonValue });
  return { text: null, call: { name: call.name, arguments: JSON.stringify(call.arguments) }, finishReason: "tool_calls" };
}

const finishReasons: Readonly<Record<string, string>> = { "content-filter": "content_filter", "tool-calls": "tool_calls" };

function described({ description, parameters }: CalledFunction): JsonSchema {
  return description === undefined || "description" in parameters ? parameters : { ...parameters, description };
}

function oneOf(functions: readonly CalledFunction[]): JsonSchema {
  const alternatives = functions.map((one) => ({
    type: "object",
    properties: { name: { const: one.name }, arguments: described(one) },
    required: ["name", "arguments"],
    additionalProperties: false,
  }));
  return { anyOf: alternatives };
}

function chatReply({ text, call, finishReason }: Answer, model: string): ChatReply {
  const calls = call === undefined ? {} : { tool_calls: [{ id: "call_0", type: "function" as const, function: call }] };
  const message = { role: "assistant" as const, content: text, refusal: null, ...calls };
  const choice = { index: 0, message, finish_reason: finishReason, logprobs: null };
  return { id: "chatcmpl-opto", object: "chat.completion", created: seconds(), model, choices: [choice] };
}

function withParsed(reply: ChatReply): ChatReply {
  return {
    ...reply,
    choices: reply.choices.map((choice) => {
      const { content } = choice.message;
      return { ...choice, message: { ...choice.message, parsed: content === null ? null : (JSON.parse(content) as JsonValue) } };
    }),
  };
}

function responseReply({ text, call }: Answer, model: string): ResponseReply {
  const output =
    call === undefined
      ? {
          type: "message",
          id: "msg_0",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text, annotations: [] }],
        }
      : { type: "function_call", id: "fc_0", call_id: "call_0", status: "completed", ...call };
  const about = { id: "resp-opto", object: "response" as const, created_at: seconds(), model, status: "completed" as const };
  return { ...about, output_text: text ?? "", output: [output] };
}

function seconds(): number {
  return Math.floor(systemClock.now() / 1000);
}
