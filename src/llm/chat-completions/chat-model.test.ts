/**
 * The contract of `chatModel`: it asks and answers like the chat model of `@ai-sdk/openai`, over the same exchanges with a server.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError } from "@ai-sdk/provider";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { fastFetch } from "../http/fast-fetch.ts";
import { modelName } from "../language-model.ts";
import { callFailure } from "../pace/call-failure.ts";
import { type ChatModelOptions, chatModel } from "./chat-model.ts";

type Fields = Record<string, unknown>;

interface Model {
  doGenerate(options: object): PromiseLike<Fields>;
  doStream(options: object): PromiseLike<{ readonly stream: ReadableStream<Fields> }>;
}

let respond: (response: ServerResponse, request: IncomingMessage) => void;
let bodies: Fields[] = [];
let headers: IncomingMessage["headers"][] = [];
let baseURL = "";

const server = createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  bodies.push(JSON.parse(text) as Fields);
  headers.push(request.headers);
  respond(response, request);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  bodies = [];
  headers = [];
  respond = (response) => sendJson(response, completion({ content: "Hello" }));
});

function sendJson(response: ServerResponse, body: unknown, status = 200, more: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...more });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

function completion(message: object, more: object = {}): Fields {
  const choices = [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop" }];
  return { id: "chatcmpl-1", object: "chat.completion", created: 1_700_000_000, model: "served", choices, ...more };
}

const packageModel = (id: string): Model => createOpenAI({ baseURL, apiKey: "k", fetch: fastFetch }).chat(id) as unknown as Model;
const ownModel = (id: string, more: Partial<ChatModelOptions> = {}): Model =>
  chatModel(id, { baseURL, apiKey: "k", ...more }) as unknown as Model;

const user = (...content: object[]): Fields => ({ role: "user", content });
const asked = user({ type: "text", text: "Hi" });
const prompt = [asked];
const schema = {
  type: "object",
  properties: { next: { allOf: [{ $ref: "#/$defs/node" }] }, list: { type: "array", items: { anyOf: [{ type: "string" }] } } },
  $defs: { node: { type: "object", additionalProperties: { type: "number" } } },
};
const weather = { type: "function", name: "weather", description: "Tells it.", inputSchema: { type: "object", properties: {} } };
const bytes = new Uint8Array([1, 2, 3]);
const called = { type: "tool-call", toolCallId: "c1", toolName: "weather", input: { city: "Lima" } };
const cached = { openai: { promptCacheBreakpoint: { mode: "explicit" } } };

/** What a model throws or says it leaves aside, and what it sends. */
async function asksFor(model: Model, options: object): Promise<unknown> {
  bodies = [];
  try {
    const { warnings } = await model.doGenerate(options);
    const sorted = (warnings as object[]).map((warning) => JSON.stringify(warning)).toSorted();
    return { body: bodies, warnings: sorted };
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message: message.replace(/options:.*/s, "options") };
  }
}

describe("a request of chatModel is that of @ai-sdk/openai", () => {
  it.each<[string, object]>([
    ["with a system message", { prompt: [{ role: "system", content: "Be brief." }, asked] }],
    ["with several texts", { prompt: [user({ type: "text", text: "a" }, { type: "text", text: "b" })] }],
    ["with an image of bytes", { prompt: [user({ type: "file", mediaType: "image/*", data: bytes })] }],
    ["with an image in Base64", { prompt: [user({ type: "file", mediaType: "image/png", data: "AQID" })] }],
    [
      "with the address of an image, in detail",
      {
        prompt: [
          user({
            type: "file",
            mediaType: "image/*",
            data: new URL("http://h/i.png"),
            providerOptions: { openai: { imageDetail: "low" } },
          }),
        ],
      },
    ],
    ["with audio", { prompt: [user({ type: "file", mediaType: "audio/wav", data: bytes })] }],
    ["with other audio", { prompt: [user({ type: "file", mediaType: "audio/mpeg", data: "AQID" })] }],
    ["with audio of a kind that has no word", { prompt: [user({ type: "file", mediaType: "audio/ogg", data: bytes })] }],
    ["with the address of audio", { prompt: [user({ type: "file", mediaType: "audio/wav", data: new URL("http://h/a") })] }],
    ["with a document", { prompt: [user({ type: "file", mediaType: "application/pdf", data: bytes })] }],
    [
      "with a named document",
      { prompt: [user({ type: "file", mediaType: "application/pdf", data: "AQID", filename: "a.pdf" })] },
    ],
    ["with a document of the server", { prompt: [user({ type: "file", mediaType: "application/pdf", data: "file-1" })] }],
    [
      "with the address of a document",
      { prompt: [user({ type: "file", mediaType: "application/pdf", data: new URL("http://h/a") })] },
    ],
    ["with another file", { prompt: [user({ type: "file", mediaType: "text/csv", data: bytes })] }],
    [
      "with calls of tools and their results",
      {
        prompt: [
          asked,
          { role: "assistant", content: [{ type: "reasoning", text: "hm" }, { type: "text", text: "I look." }, called] },
          {
            role: "tool",
            content: [{ type: "tool-result", toolCallId: "c1", toolName: "weather", output: { type: "json", value: { t: 1n } } }],
          },
        ],
      },
    ],
    [
      "with results of every kind",
      {
        prompt: [
          asked,
          { role: "assistant", content: [called] },
          {
            role: "tool",
            content: [
              { type: "tool-result", toolCallId: "c1", output: { type: "text", value: "a" } },
              { type: "tool-result", toolCallId: "c2", output: { type: "error-text", value: "b" } },
              { type: "tool-result", toolCallId: "c3", output: { type: "error-json", value: [1] } },
              { type: "tool-result", toolCallId: "c4", output: { type: "execution-denied" } },
              { type: "tool-result", toolCallId: "c5", output: { type: "execution-denied", reason: "no" } },
              { type: "tool-result", toolCallId: "c6", output: { type: "content", value: [{ type: "text", text: "x" }] } },
              { type: "tool-approval-response", approvalId: "a" },
            ],
          },
        ],
      },
    ],
    ...["[1]", "{", '{"a":1}', '"x"', 7, null].map((input): [string, object] => [
      `with ${JSON.stringify(input)} as arguments`,
      { prompt: [asked, { role: "assistant", content: [{ ...called, input }] }] },
    ]),
    [
      "with places to cache",
      {
        prompt: [
          { role: "system", content: "s", providerOptions: cached },
          user(
            { type: "text", text: "u", providerOptions: cached },
            { type: "file", mediaType: "image/png", data: "AQID", providerOptions: cached },
          ),
          {
            role: "assistant",
            content: [{ type: "text", text: "a" }, { type: "text", text: "b", providerOptions: cached }, called],
          },
          {
            role: "tool",
            content: [{ type: "tool-result", toolCallId: "c1", output: { type: "text", value: "r", providerOptions: cached } }],
          },
        ],
      },
    ],
    [
      "with all settings",
      {
        prompt,
        temperature: 0,
        topP: 0.5,
        topK: 3,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        stopSequences: ["x"],
        seed: 7,
        maxOutputTokens: 5,
      },
    ],
    ["with JSON of any form", { prompt, responseFormat: { type: "json" } }],
    ["with JSON of a schema", { prompt, responseFormat: { type: "json", schema, name: "answer", description: "d" } }],
    [
      "with a schema that is a reference",
      {
        prompt,
        responseFormat: { type: "json", schema: { allOf: [{ $ref: "#/$defs/a~1b" }], $defs: { "a/b": { type: "object" } } } },
      },
    ],
    [
      "with a schema that is not strict",
      { prompt, responseFormat: { type: "json", schema }, providerOptions: { openai: { strictJsonSchema: false } } },
    ],
    ["with text as its form", { prompt, responseFormat: { type: "text" } }],
    ["with tools", { prompt, tools: [weather, { ...weather, name: "strict", strict: true }] }],
    ["with no tools", { prompt, tools: [] }],
    ["with a tool of another provider", { prompt, tools: [{ type: "provider", id: "x.y", name: "y", args: {} }, weather] }],
    ...["auto", "none", "required"].map((type): [string, object] => [
      `with the choice ${type}`,
      { prompt, tools: [weather], toolChoice: { type } },
    ]),
    ["with a chosen tool", { prompt, tools: [weather], toolChoice: { type: "tool", toolName: "weather" } }],
    [
      "with all options of the provider",
      {
        prompt,
        providerOptions: {
          openai: {
            ...{ logitBias: { 50: -1 }, logprobs: 3, user: "u", parallelToolCalls: false, reasoningEffort: "low", store: true },
            ...{ maxCompletionTokens: 4, metadata: { a: "b" }, prediction: { type: "content" }, serviceTier: "auto" },
            ...{ textVerbosity: "low", promptCacheKey: "k", promptCacheRetention: "24h", safetyIdentifier: "s" },
            ...{ promptCacheOptions: { mode: "explicit", ttl: "30m" } },
          },
        },
      },
    ],
    ["with logprobs", { prompt, providerOptions: { openai: { logprobs: true } } }],
    ["without logprobs", { prompt, providerOptions: { openai: { logprobs: false } } }],
    [
      "with instructions as developer",
      { prompt: [{ role: "system", content: "s" }, asked], providerOptions: { openai: { systemMessageMode: "developer" } } },
    ],
    [
      "with instructions left out",
      { prompt: [{ role: "system", content: "s" }, asked], providerOptions: { openai: { systemMessageMode: "remove" } } },
    ],
    ["with options of other providers", { prompt, providerOptions: { anthropic: { thinking: {} } } }],
    ["with an option of a wrong type", { prompt, providerOptions: { openai: { store: "yes" } } }],
    ["with an option of a wrong word", { prompt, providerOptions: { openai: { reasoningEffort: "much" } } }],
    ["with an option of OpenAI's other protocol", { prompt, providerOptions: { openai: { previousResponseId: "r" } } }],
  ])("%s", async (_, options) => {
    const expected = await asksFor(packageModel("local"), options);
    expect(await asksFor(ownModel("local"), options)).toEqual(expected);
  });

  const settings = { temperature: 0, topP: 1, frequencyPenalty: 1, presencePenalty: 1, maxOutputTokens: 3 };
  const openai = { logitBias: { 1: 1 }, logprobs: 2, promptCacheRetention: "24h" };
  const models = ["o1", "o3-mini", "gpt-4o", "gpt-4o-mini-search-preview", "gpt-5", "gpt-5-chat-latest", "gpt-5.1", "gpt-5-nano"];
  it.each([...models, "gpt-6-sol", "gpt-6.1-sol", "gpt-oss-20b", "o3x"])("for %s", async (id) => {
    for (const own of [{}, { reasoningEffort: "none" }, { reasoningEffort: "minimal" }, { forceReasoning: true }]) {
      for (const serviceTier of ["flex", "priority", "fast", "default"]) {
        const options = {
          ...settings,
          prompt: [{ role: "system", content: "s" }, asked],
          providerOptions: { openai: { ...openai, ...own, serviceTier } },
        };
        const expected = await asksFor(packageModel(id), options);
        expect(await asksFor(ownModel(id), options)).toEqual(expected);
      }
    }
  });
});

describe("a request of chatModel", () => {
  it("has the options that no one here knows as fields of its body", async () => {
    const given = {
      openai: { grammar: "root ::= x", model: "other" },
      mine: { chat_template_kwargs: { enable_thinking: false } },
    };
    await ownModel("local", { provider: "mine" }).doGenerate({ prompt, providerOptions: given });
    expect(bodies[0]).toMatchObject({ grammar: "root ::= x", chat_template_kwargs: { enable_thinking: false }, model: "local" });
  });

  it("has the key, the headers of the model, and over them those of the call", async () => {
    const model = ownModel("local", { headers: { "X-A": "1", "X-B": "1" } });
    await model.doGenerate({ prompt, headers: { "x-b": "2", "x-c": undefined } });
    expect(headers[0]).toMatchObject({ authorization: "Bearer k", "x-a": "1", "x-b": "2", "content-type": "application/json" });
    await (chatModel("local", { baseURL }) as unknown as Model).doGenerate({ prompt });
    expect(headers[1]).not.toHaveProperty("authorization");
  });

  it("goes through a fetch that has taken the place of the built-in one, and through one that is given", async () => {
    const seen: string[] = [];
    const { fetch } = globalThis;
    vi.stubGlobal("fetch", (input: string, init: RequestInit) => [seen.push("replaced"), fetch(input, init)][1]);
    try {
      expect(await ownModel("local").doGenerate({ prompt })).toMatchObject({ content: [{ type: "text", text: "Hello" }] });
    } finally {
      vi.unstubAllGlobals();
    }
    const given: typeof fetch = (input, init) => [seen.push("given"), fetch(input, init)][1] as Promise<Response>;
    expect(await ownModel("local", { fetch: given }).doGenerate({ prompt })).toMatchObject({ finishReason: { unified: "stop" } });
    expect(seen).toEqual(["replaced", "given"]);
  });
});

/** What a model answers or throws, as far as opto reads it. */
async function answerOf(model: Model, options: object = { prompt }): Promise<unknown> {
  try {
    const { content, finishReason, usage, response, providerMetadata } = await model.doGenerate(options);
    const { id, modelId, timestamp, headers: given } = response as Fields;
    return { content, finishReason, usage, providerMetadata, id, modelId, timestamp, headers: stable(given) };
  } catch (error) {
    return shapeOf(error);
  }
}

function stable(given: unknown): object {
  return Object.fromEntries(Object.entries((given ?? {}) as object).filter(([name]) => name !== "date"));
}

function shapeOf(error: unknown): object {
  const { name, message, statusCode, isRetryable, responseBody, data, url, requestBodyValues, responseHeaders } =
    error as Fields & Error;
  const { kind, problem, setting, retryAfterMs } = callFailure(error, 0);
  const isCall = APICallError.isInstance(error);
  const judged = { kind, problem, setting, retryAfterMs, isCall, headers: stable(responseHeaders) };
  const said = { name, message, statusCode, isRetryable, responseBody, url, ...judged };
  return { ...said, data: JSON.stringify(data), asked: JSON.stringify(requestBodyValues) };
}

const usage = {
  prompt_tokens: 10,
  completion_tokens: 20,
  total_tokens: 30,
  prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
  completion_tokens_details: { reasoning_tokens: 5, accepted_prediction_tokens: 1, rejected_prediction_tokens: 2 },
};
const logprob = { token: "a", logprob: -1, top_logprobs: [] };
const toolCalls = [{ id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Lima"}' } }];
const choice = (more: object): object => ({ choices: [{ index: 0, message: { content: "x" }, finish_reason: "stop", ...more }] });
const refused = { error: { message: "Wrong model", type: "invalid_request_error", param: "model", code: "model_not_found" } };

describe("an answer of chatModel is that of @ai-sdk/openai", () => {
  it.each<[string, unknown, number?, Record<string, string>?]>([
    ["with usage", completion({ content: "Hello" }, { usage })],
    ["with usage in part", completion({ content: "Hello" }, { usage: { prompt_tokens: 3, completion_tokens: null } })],
    ["without usage", completion({ content: "Hello" }, { usage: null })],
    ["without a text", completion({ content: null })],
    ["with an empty text", completion({ content: "" })],
    ["with a refusal", completion({ content: null, refusal: "No." })],
    ["with a text and a refusal", completion({ content: "Well", refusal: "No." })],
    ["as speech", completion({ content: null, audio: { transcript: "Said." } })],
    ["with calls of tools", completion({ content: null, tool_calls: toolCalls }, {})],
    ["with logprobs", completion({ content: "a" }, choice({ logprobs: { content: [logprob], refusal: null } }))],
    ["with logprobs of a refusal", completion({ content: "a" }, choice({ logprobs: { refusal: [logprob] } }))],
    ["without logprobs", completion({ content: "a" }, choice({ logprobs: null }))],
    ...["length", "content_filter", "tool_calls", "function_call", "eos", null, "constructor"].map(
      (finish_reason): [string, unknown] => [
        `that ends with ${finish_reason}`,
        completion({ content: "a" }, choice({ finish_reason })),
      ],
    ),
    ["that says nothing of itself", { choices: [{ index: 0, message: { content: "x" } }] }],
    ["with a time of 0", completion({ content: "x" }, { created: 0 })],
    ["with no choices", completion({}, { choices: [] })],
    ["with headers", completion({ content: "x" }), 200, { "x-ratelimit-remaining-requests": "0", "X-Two": "a" }],
    ["that is an error with status 200", refused],
    ["that is a web page", "<!doctype html><title>x</title>", 200],
    ["that is empty", "", 200],
    ["that is cut off", '{"choices":[', 200],
    ["that is a list", [], 200],
    ["with a list as its content", completion({ content: [{ type: "text" }] })],
    ["with calls that are none", completion({ tool_calls: [{}] })],
    ["with an error 400", refused, 400],
    ["with an error 401", { error: { message: "Incorrect API key provided", code: "invalid_api_key" } }, 401],
    ["with an error 404", refused, 404],
    ["with an error 429", { error: { message: "Slow down", code: "rate_limit_exceeded" } }, 429, { "retry-after": "2" }],
    ["with an error 402", { error: { message: "Pay", code: 402 } }, 402],
    ["with an error 500", { error: { message: "Oops" } }, 500],
    ["with an error 503 that is a page", "<html><body>busy</body></html>", 503],
    ["with an error 500 without words", "", 500],
    ["with an error of another form", { detail: "Not Found" }, 404],
    ["with an error that is a text", { error: "model not found" }, 404],
    [
      "with a limit of the length",
      { error: { message: "maximum context length is 10 tokens", code: "context_length_exceeded" } },
      400,
    ],
  ])("%s", async (_, body, status, more) => {
    respond = (response) => sendJson(response, body, status, more);
    const expected = await answerOf(packageModel("local"));
    expect(await answerOf(ownModel("local"))).toEqual(expected);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["when the connection is reset", (response) => response.socket?.resetAndDestroy()],
    [
      "when it is reset in the middle",
      (response) => {
        response.writeHead(200, { "content-length": "100" }).write('{"id":', () => response.socket?.resetAndDestroy());
      },
    ],
    [
      "when an error is cut off",
      (response) => {
        response.writeHead(500, { "content-length": "100" }).write('{"id":', () => response.socket?.resetAndDestroy());
      },
    ],
    ["that is moved elsewhere", (response) => response.writeHead(307, { location: "http://user:pass@127.0.0.1/" }).end()],
    [
      "that is compressed",
      (response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(JSON.stringify(completion({ content: "zip" })))),
    ],
    ["that is compressed badly", (response) => response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip")],
  ])("%s", async (_, reply) => {
    respond = reply;
    const expected = await answerOf(packageModel("local"));
    expect(await answerOf(ownModel("local"))).toEqual(expected);
  });

  it("at an address where nothing listens, and at one that is none", async () => {
    for (const address of ["http://127.0.0.1:1/v1", "http://127.0.0.1:9999999/v1", "nowhere", "http://a:b@127.0.0.1/v1"]) {
      const expected = await answerOf(
        createOpenAI({ baseURL: address, apiKey: "k", fetch: fastFetch }).chat("x") as unknown as Model,
      );
      expect(await answerOf(ownModel("x", { baseURL: address }))).toEqual(expected);
    }
  });

  it("with a key that cannot be sent", async () => {
    const apiKey = "k\nk";
    const expected = await answerOf(createOpenAI({ baseURL, apiKey, fetch: fastFetch }).chat("x") as unknown as Model);
    expect(await answerOf(ownModel("x", { apiKey }))).toEqual(expected);
    expect(expected).toMatchObject({ problem: "key" });
  });
});

const said = (text: string): object => ({ type: "text", text });
const thought = (text: string, field: string): object => ({
  type: "reasoning",
  text,
  providerMetadata: { openai: { thoughtField: field } },
});

describe("chatModel", () => {
  it.each([new Error("mine"), new DOMException("late", "TimeoutError"), undefined])(
    "throws the reason of an abort, %s, before and during a response, and ends the request",
    async (reason) => {
      for (const begins of [false, true]) {
        const gone = new Promise<void>((resolve) => {
          respond = (response) => {
            response.on("close", () => resolve());
            if (begins) response.writeHead(200).write('{"id":');
            setTimeout(() => controller.abort(reason), 20);
          };
        });
        const controller = new AbortController();
        const thrown = await ownModel("x")
          .doGenerate({ prompt, abortSignal: controller.signal })
          .then(undefined, (error: unknown) => error);
        if (!begins || (reason !== undefined && reason.name !== "Error")) expect(thrown).toBe(controller.signal.reason);
        await gone;
      }
    },
  );

  it("gives calls of tools without an id one that is the same for the same reply", async () => {
    const calls = [
      { type: "function", function: { name: "a", arguments: "{}" } },
      { ...toolCalls[0], id: null },
    ];
    respond = (response) => sendJson(response, completion({ tool_calls: calls }));
    const idsOf = async (): Promise<unknown[]> =>
      ((await ownModel("x").doGenerate({ prompt })).content as Fields[]).map(({ toolCallId }) => toolCallId);
    const ids = await idsOf();
    expect(new Set(ids).size).toBe(2);
    expect(await idsOf()).toEqual(ids);
  });

  it("reads replies without numbers of choices and kinds of calls", async () => {
    const message = { content: "x", tool_calls: [{ id: "c", function: { name: "a", arguments: "{}" } }] };
    respond = (response) => sendJson(response, { choices: [{ message, finish_reason: "tool_calls" }] });
    expect(await ownModel("x").doGenerate({ prompt })).toMatchObject({
      content: [{ text: "x" }, { toolName: "a", toolCallId: "c" }],
    });
  });

  it.each<[string, object, object]>([
    ["with a list of texts", { content: [{ type: "text", text: "a" }, { type: "reference" }, "b"] }, { content: [said("ab")] }],
    [
      "with thoughts in the list",
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          { type: "text", text: "a" },
        ],
      },
      { content: [thought("hm", "reasoning_content"), said("a")] },
    ],
    ["with the object that was asked for", { content: { a: 1 } }, { content: [said('{"a":1}')] }],
    ["with thoughts", { content: "a", reasoning_content: "hm" }, { content: [thought("hm", "reasoning_content"), said("a")] }],
    ["with thoughts under their other name", { content: null, reasoning: "hm" }, { content: [thought("hm", "reasoning")] }],
    [
      "with arguments that are objects, or none, and ids that are blank or used",
      {
        tool_calls: [
          { id: "", function: { name: "a", arguments: { x: 1 } } },
          { id: "c", function: { name: "b" } },
          { id: "c", function: { name: "b", arguments: "{}" } },
        ],
      },
      {
        content: [
          { toolName: "a", input: '{"x":1}', toolCallId: expect.stringMatching(/^call-\w+-0$/) },
          { toolName: "b", input: "", toolCallId: "c" },
          { toolName: "b", input: "{}", toolCallId: expect.stringMatching(/^call-\w+-2$/) },
        ],
      },
    ],
    [
      "with citations of every kind",
      {
        content: "a",
        annotations: [
          { type: "file", file: {} },
          { type: "url_citation", url_citation: { url: "http://h/" } },
        ],
      },
      { content: [said("a"), { type: "source", url: "http://h/", title: "http://h/" }] },
    ],
  ])("reads a reply %s", async (_, message, expected) => {
    respond = (response) => sendJson(response, completion(message));
    expect(await ownModel("x").doGenerate({ prompt })).toMatchObject(expected);
  });

  it("reads counts that are texts, and a reply that says of itself what nobody can read", async () => {
    const about = { id: 7, created: "now", model: {}, usage: { prompt_tokens: "3", completion_tokens: "2", cost: "free" } };
    respond = (response) => sendJson(response, completion({ content: "a", refusal: false, audio: "none" }, about));
    const read = { content: [said("a")], usage: { inputTokens: { total: 3 }, outputTokens: { total: 2 } } };
    expect(await ownModel("x").doGenerate({ prompt })).toMatchObject(read);
  });

  it.each<[string, object, object]>([
    ["beside its choices", { error: { message: "No", code: 429 } }, { message: "No", statusCode: 429, isRetryable: true }],
    ["in its choice", choice({ error: { message: "Died", code: 502 } }), { message: "Died", statusCode: 502 }],
  ])("throws the error that a reply has %s", async (_, more, expected) => {
    respond = (response) => sendJson(response, completion({ content: "" }, more));
    const thrown = ownModel("x").doGenerate({ prompt });
    await expect(thrown).rejects.toMatchObject({ name: "AI_APICallError", ...expected });
  });

  it("tells a reply that was cut short from a whole one", async () => {
    for (const [finish_reason, unified] of Object.entries({ error: "error", abort: "error", model_length: "length" })) {
      respond = (response) => sendJson(response, completion({ content: "a" }, choice({ finish_reason })));
      expect(await ownModel("x").doGenerate({ prompt })).toMatchObject({ finishReason: { unified, raw: finish_reason } });
    }
  });

  it("gives what was thought before a call of a tool back in the field that it came in", async () => {
    for (const field of ["reasoning", "reasoning_content"]) {
      bodies = [];
      const first = completion({ content: null, [field]: "hm", tool_calls: toolCalls });
      respond = (response) => sendJson(response, bodies.length === 1 ? first : completion({ content: "Sunny", [field]: "so" }));
      const look = tool({ inputSchema: z.object({ city: z.string() }), execute: () => "sun" });
      const result = await generateText({
        model: chatModel("local", { baseURL }),
        prompt: "?",
        tools: { weather: look },
        stopWhen: stepCountIs(3),
      });
      expect([result.text, result.reasoningText]).toEqual(["Sunny", "so"]);
      expect(bodies[1]?.messages).toContainEqual({
        role: "assistant",
        content: null,
        [field]: "hm",
        tool_calls: expect.anything(),
      });
    }
  });

  it("keeps the query of an address at its end", async () => {
    const paths: unknown[] = [];
    respond = (response, { url }) => [paths.push(url), sendJson(response, completion({ content: "a" }))];
    for (const end of ["", "/", "//", "?api-version=1", "/?a=b/#c"]) {
      await ownModel("x", { baseURL: `${baseURL}${end}` }).doGenerate({ prompt });
    }
    const path = "/v1/chat/completions";
    expect(paths).toEqual([path, path, path, `${path}?api-version=1`, `${path}?a=b/`]);
  });

  it("has its name of the provider and the model, and refuses unknown options", () => {
    expect(modelName(chatModel("qwen", { baseURL }))).toBe("openai/qwen");
    expect(modelName(chatModel("qwen", { baseURL, provider: "local" }))).toBe("local/qwen");
    expect(() => chatModel("qwen", { baseURL, baseUrl: "x" } as never)).toThrow(/baseUrl/);
    expect(() => chatModel("qwen", {} as never)).toThrow(
      "Expected `baseURL` of chatModel to be a non-empty string, got undefined",
    );
    expect(() => chatModel("", { baseURL })).toThrow(/Expected the model of chatModel to be a non-empty string/);
  });
});

function events(...data: unknown[]): string {
  return [...data, "[DONE]"].map((item) => `data: ${typeof item === "string" ? item : JSON.stringify(item)}\n\n`).join("");
}

function piece(delta: object | null, more: object = {}, finish_reason: string | null = null): object {
  const choices = [{ index: 0, delta, finish_reason, ...more }];
  return { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_700_000_000, model: "served", choices };
}

/** All parts of a stream, or what is thrown; ids that are made up have their number in the stream. */
async function partsOf(model: Model, options: object = { prompt }): Promise<unknown> {
  try {
    const parts: Fields[] = [];
    for await (const part of (await model.doStream(options)).stream) parts.push(part.type === "error" ? { type: "error" } : part);
    return parts;
  } catch (error) {
    return shapeOf(error);
  }
}

const callPiece = (given: object): object => piece({ tool_calls: [given] });

describe("a stream of chatModel is that of @ai-sdk/openai", () => {
  it.each<[string, string, object?]>([
    [
      "of texts",
      events(
        piece({ role: "assistant", content: "" }),
        piece({ content: "Hel" }),
        piece({ content: "lo" }),
        piece({}, {}, "stop"),
      ),
    ],
    ["with usage at its end", events(piece({ content: "x" }, {}, "stop"), { choices: [], usage })],
    ["with a refusal", events(piece({ refusal: "No" }), piece({ refusal: "." }, {}, "stop"))],
    [
      "with logprobs",
      events(piece({ content: "a" }, { logprobs: { content: [logprob] } }), piece(null, { logprobs: null }, "length")),
    ],
    [
      "of calls of tools",
      events(
        callPiece({ index: 0, id: "c1", type: "function", function: { name: "a", arguments: "" } }),
        callPiece({ index: 0, function: { arguments: '{"x"' } }),
        callPiece({ index: 1, id: "c2", type: "function", function: { name: "b", arguments: '{"y":1}' } }),
        callPiece({ index: 0, function: { arguments: ":1}" } }),
        piece({}, {}, "tool_calls"),
      ),
    ],
    [
      "of calls that all have the number 0",
      events(
        callPiece({ index: 0, id: "c1", type: "function", function: { name: "a", arguments: '{"x":1}' } }),
        callPiece({ index: 0, id: "c2", type: "function", function: { name: "a", arguments: '{"x":2}' } }),
        callPiece({ index: 0, id: "c3", type: "function", function: { name: "b", arguments: "{}" } }),
      ),
    ],
    [
      "of a call that goes on under blank names",
      events(
        callPiece({ index: 0, id: "c1", type: "function", function: { name: "a", arguments: "{" } }),
        callPiece({ index: 0, id: "", function: { name: "", arguments: "}" } }),
        callPiece({ index: 5, id: "", function: { name: "", arguments: "" } }),
      ),
    ],
    ["of a call without a name", events(callPiece({ index: 0, id: "c1", function: { arguments: "{" } }))],
    ["with the pieces themselves", events(piece({ content: "x" })), { prompt, includeRawChunks: true }],
    ["that begins with an error", events({ error: { message: "Overloaded", type: "overloaded_error", code: null } })],
    ["that begins with an error with a number", events({ error: { message: "Slow", code: "429" } })],
    ["that begins with an empty quota", events({ error: { message: "Pay", code: "insufficient_quota" } })],
    ["that ends with an error", events(piece({ content: "x" }), { error: { message: "Overloaded", code: 503 } })],
    ["with a piece that is no JSON", events(piece({ content: "x" }), "{oops", piece({ content: "y" }, {}, "stop"))],
    ["that is nothing but no JSON", events("{oops")],
    ["of nothing", ""],
    [
      "with comments and other ends of lines",
      `: hi\r\nevent: x\r\ndata: ${JSON.stringify(piece({ content: "ü" }))}\r\n\r\nid: 3\ndata:[DONE]\n\n`,
    ],
  ])("%s", async (_, text, options) => {
    respond = (response) => response.writeHead(200, { "content-type": "text/event-stream" }).end(text);
    const expected = await partsOf(packageModel("local"), options);
    expect(await partsOf(ownModel("local"), options)).toEqual(expected);
    expect(bodies[1]).toEqual(bodies[0]);
  });

  it("when it is refused, and when it is cut off", async () => {
    for (const reply of [
      (response: ServerResponse) => sendJson(response, refused, 404),
      (response: ServerResponse) =>
        void response
          .writeHead(200)
          .write(events(piece({ content: "x" })).slice(0, -20), () => response.socket?.resetAndDestroy()),
    ]) {
      respond = reply;
      const expected = await partsOf(packageModel("local"));
      expect(await partsOf(ownModel("local"))).toEqual(expected);
    }
  });

  it("in pieces of one byte", async () => {
    const text = Buffer.from(events(piece({ content: "Grüße 🎈" }), piece({}, {}, "stop")));
    respond = async (response) => {
      response.writeHead(200);
      for (const byte of text) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    };
    const expected = await partsOf(packageModel("local"));
    expect(await partsOf(ownModel("local"))).toEqual(expected);
  });

  it("and ends its request when it is not read to the end", async () => {
    const gone = new Promise<void>((resolve) => {
      respond = (response) => {
        const timer = setInterval(() => response.write(events(piece({ content: "x" })).split("data: [DONE]")[0]), 5);
        response.writeHead(200).on("close", () => [clearInterval(timer), resolve()]);
      };
    });
    for await (const part of (await ownModel("x").doStream({ prompt })).stream) if (part.type === "text-delta") break;
    await gone;
  });
});

describe("a stream of chatModel", () => {
  it("has thoughts as parts of their own", async () => {
    const pieces = [piece({ reasoning: "h" }), piece({ content: "", reasoning: "m" }), piece({ content: "a" })];
    respond = (response) => response.writeHead(200).end(events(...pieces, piece({ reasoning: "!" }, {}, "stop")));
    const parts = (await partsOf(ownModel("x"))) as Fields[];
    expect(parts.slice(2, -1).map(({ type, id, delta }) => [type, id, ...(delta === undefined ? [] : [delta])])).toEqual([
      ["reasoning-start", "thought-0"],
      ["reasoning-delta", "thought-0", "h"],
      ["reasoning-delta", "thought-0", "m"],
      ["reasoning-end", "thought-0"],
      ["text-start", "0"],
      ["text-delta", "0", "a"],
      ["reasoning-start", "thought-1"],
      ["reasoning-delta", "thought-1", "!"],
      ["reasoning-end", "thought-1"],
      ["text-end", "0"],
    ]);
  });

  it("ends with the error that comes beside its last piece", async () => {
    const last = { ...piece({ content: "" }, {}, "error"), error: { message: "Died", code: 502 } };
    respond = (response) => response.writeHead(200).end(events(piece({ content: "a" }), last));
    const parts = (await partsOf(ownModel("x"))) as Fields[];
    expect(parts).toContainEqual({ type: "error" });
    expect(parts.at(-1)).toMatchObject({ finishReason: { unified: "error" } });
  });
});

describe("the AI SDK over chatModel", () => {
  it("runs its loop of tools", async () => {
    respond = (response) =>
      sendJson(response, completion(bodies.length === 1 ? { tool_calls: toolCalls } : { content: "Sunny" }));
    const look = tool({ inputSchema: z.object({ city: z.string() }), execute: ({ city }) => `${city}: sun` });
    const model = chatModel("local", { baseURL });
    const { text, steps } = await generateText({ model, prompt: "Weather?", tools: { weather: look }, stopWhen: stepCountIs(3) });
    expect([text, steps.length]).toEqual(["Sunny", 2]);
    expect(bodies[1]?.messages).toContainEqual({ role: "tool", tool_call_id: "c1", content: "Lima: sun" });
  });

  it("streams", async () => {
    respond = (response) =>
      response.writeHead(200).end(events(piece({ content: "a" }), piece({ content: "b" }, {}, "stop"), { choices: [], usage }));
    const result = streamText({ model: chatModel("local", { baseURL }), prompt: "Hi" });
    expect(await result.text).toBe("ab");
    expect((await result.usage).outputTokens).toBe(20);
  });
});
