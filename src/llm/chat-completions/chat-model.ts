/**
 * `chatModel`: a model of any server that speaks the chat-completions protocol.
 *
 * @module
 */
import { fingerprint } from "../../data/fingerprint.ts";
import { anything, functionLike, type OptionTable, someText, trueOrFalse } from "../../data/option-table.ts";
import { checkTable, checkValue } from "../../data/options.ts";
import { JsonEndpoint, type JsonResponse } from "../http/json-endpoint.ts";
import { installedVersion } from "../installed-version.ts";
import type { LanguageModel, NamedLanguageModel } from "../language-model.ts";
import { type ChatBody, type ChatCall, chatBody } from "./chat-body.ts";
import { type AboutCall, cutOff, errorIn, noCompletion, parsed, refusal, unreached } from "./chat-failure.ts";
import { openPieces, partsOf } from "./chat-pieces.ts";
import { aboutCompletion, resultOf } from "./chat-result.ts";
import type { Completion } from "./completion.ts";
import { readCompletion } from "./read-completion.ts";
import { inVersion2, inVersion2All } from "./result-version.ts";
import { streamError } from "./stream-error.ts";
import { isEventStream, streamedResult } from "./streamed-result.ts";

/** Where a model is, and how it is asked. */
export interface ChatModelOptions {
  /** Address of the server, which usually ends in `/v1`. */
  readonly baseURL: string;
  /** Sent as `Authorization: Bearer …`. @default none is sent */
  readonly apiKey?: string | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The first part of the model's name, `"provider/model"`, by which limits, prices and `providerOptions` know it. @default "openai" */
  readonly provider?: string | undefined;
  /** Whether the server is known to keep replies to a JSON Schema. @default it is found out where one is wanted */
  readonly structuredOutput?: boolean | undefined;
  /** Sends the requests. @default `fastFetch` without what is not needed */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

const table: OptionTable<ChatModelOptions> = {
  baseURL: someText,
  apiKey: someText,
  headers: anything,
  provider: someText,
  structuredOutput: trueOrFalse,
  fetch: functionLike("(input, init) => Promise<Response>"),
};

/**
 * A model of a server that speaks the chat-completions protocol: vLLM, llama.cpp, Ollama, LM Studio, gateways. No package of the AI SDK is needed
 * for it. `"openai/…"` is such a model where `OPENAI_BASE_URL` is set.
 *
 * Requests and replies are those of `createOpenAI({ baseURL }).chat(…)` of `@ai-sdk/openai`. `providerOptions` under `openai` have its names; others are sent as
 * fields of the body, so that a server's own settings (`grammar`, `chat_template_kwargs`, `top_k`) reach it.
 *
 * @param model as the server calls it
 * @throws InvalidArgumentError for an unknown option, or one that is not what it must be
 * @example
 * const model = chatModel("qwen3-8b", { baseURL: "http://127.0.0.1:8080/v1" });
 * await generate({ model, prompt: "Name a colour.", providerOptions: { openai: { grammar: 'root ::= "red" | "blue"' } } });
 */
export function chatModel(model: string, options: ChatModelOptions): NamedLanguageModel {
  checkValue(model, someText, "the model of chatModel");
  checkTable(options, table, "chatModel");
  checkValue(options.baseURL, someText, "`baseURL` of chatModel");
  return new ChatModel(model, options) as unknown as NamedLanguageModel;
}

type Fields = Readonly<Record<string, unknown>>;

/** A class, so that copies of an agent share the model. */
class ChatModel implements LanguageModel {
  readonly specificationVersion: "v2" | "v3" = installedVersion();
  readonly provider: string;
  readonly modelId: string;
  readonly supportedUrls: Readonly<Record<string, RegExp[]>> = { "image/*": [/^https?:\/\/.*$/] };
  readonly supportsStructuredOutputs: boolean | undefined;
  readonly baseURL: string;
  readonly #name: string;
  readonly #url: string;
  readonly #endpoint: JsonEndpoint;

  constructor(model: string, { baseURL, apiKey, headers = {}, provider = "openai", structuredOutput, fetch }: ChatModelOptions) {
    const key = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    this.modelId = model;
    this.provider = `${provider}.chat`;
    this.supportsStructuredOutputs = structuredOutput;
    this.baseURL = baseURL.replace(/\/$/, "");
    this.#name = provider;
    this.#url = completionsOf(baseURL);
    const usual = { "content-type": "application/json", "user-agent": "opto", ...key };
    this.#endpoint = new JsonEndpoint(this.#url, { ...usual, ...inSmallLetters(headers) }, fetch);
  }

  /** Called by opto and by the AI SDK: the whole reply. */
  async doGenerate(call: ChatCall): Promise<Fields> {
    const { body, warnings } = chatBody(call, this.modelId, this.#name);
    const about = { url: this.#url, requestBodyValues: body };
    let response: JsonResponse | undefined;
    let text: string;
    try {
      response = await this.#post(body, call);
      if (!isGood(response)) throw await refusal(response, about);
      text = await response.text();
    } catch (error) {
      if (response === undefined) throw unreached(error, about);
      throw isGood(response) ? cutOff(error, response, about) : error;
    }
    const read = isEventStream(text)
      ? await streamedResult({ text, response, about, makeId: (completion, index) => idOf(completion, body, index) })
      : wholeResult(completionIn(text, response, about), body);
    const result: Fields = { ...read, request: { body }, response: { ...read.response, headers: response.headers }, warnings };
    return this.specificationVersion === "v2" ? inVersion2(result) : result;
  }

  /** Called by the AI SDK: the reply in parts. */
  async doStream(call: ChatCall): Promise<object> {
    const { body: asked, warnings } = chatBody(call, this.modelId, this.#name);
    const body = { ...asked, stream: true, stream_options: { include_usage: true } };
    const about = { url: this.#url, requestBodyValues: body };
    const response = await this.#opened(body, call, about);
    const pieces = await openPieces(response, about);
    const makeId = (index: number): string => idOf(pieces.about, body, index);
    const parts = partsOf(pieces, { warnings, makeId, withRaw: call.includeRawChunks === true });
    const stream = ReadableStream.from(this.specificationVersion === "v2" ? inVersion2All(parts) : parts);
    return { stream, request: { body }, response: { headers: response.headers } };
  }

  #post(body: ChatBody, { abortSignal, headers }: ChatCall): Promise<JsonResponse> {
    return this.#endpoint.post(JSON.stringify(body), abortSignal, headers === undefined ? undefined : inSmallLetters(headers));
  }

  /** @throws an `APICallError` of the AI SDK when there is no response, or one with an error status */
  async #opened(body: ChatBody, call: ChatCall, about: AboutCall): Promise<JsonResponse> {
    const response = await this.#post(body, call).catch((error: unknown) => {
      throw unreached(error, about);
    });
    if (!isGood(response)) throw await refusal(response, about);
    return response;
  }
}

/** The result of a completion, with what it says of itself as `response`. */
function wholeResult(completion: Completion, body: ChatBody): Fields & { readonly response: object } {
  const result = resultOf(completion, (index) => idOf(completion, body, index));
  return { ...result, response: { ...aboutCompletion(completion), body: completion } };
}

function isGood({ status }: JsonResponse): boolean {
  return status >= 200 && status <= 299;
}

function inSmallLetters(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const small: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && value !== null) small[name.toLowerCase()] = value;
  return small;
}

/** @throws an `APICallError` of the AI SDK for anything else */
function completionIn(text: string, response: JsonResponse, about: AboutCall): Completion {
  const { value, problem } = parsed(text);
  const read = problem === undefined ? readCompletion(value, "message") : { problem };
  if (read.problem !== undefined) throw noCompletion(read.problem, text, response, about);
  const frame = errorIn(value);
  if (frame !== undefined) throw streamError(frame, { ...about, responseHeaders: response.headers });
  return read.completion;
}

/** Where completions are asked for: gateways want a query to stay at the end of their address. */
function completionsOf(baseURL: string): string {
  const [, path = "", query = ""] = /^([^?#]*)(\?[^#]*)?/.exec(baseURL) ?? [];
  return `${path.replace(/(?<!\/)\/+$/, "")}/chat/completions${query}`;
}

/** A name for a call of a tool that the server has left without: the same for the same reply to the same conversation. */
function idOf({ id, created }: Pick<Completion, "id" | "created">, { messages }: ChatBody, index: number): string {
  return `call-${fingerprint([id, created, messages]).slice(0, 12)}-${index}`;
}
