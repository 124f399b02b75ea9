/**
 * Calls that go to the model directly, beside the same calls by way of the AI SDK's `generateText`: what the model is asked, and what comes of it.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText } from "ai";
import { afterEach, describe, expect, it, vi } from "vitest";
import { errorBody, type ServerReply, startOpenAIServer } from "../../test/support/openai-server.ts";
import { fastFetch } from "./http/fast-fetch.ts";
import { callModel } from "./index.ts";
import type { LanguageModel } from "./language-model.ts";
import { modelPrompt } from "./model-prompt.ts";
import type { ModelRequest } from "./model-request.ts";
import { usageOf } from "./spend/reply-usage.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

type Options = Record<string, unknown>;

/** A model that keeps what it is asked, and answers what it is given. */
function mock(version: "v2" | "v3" | "v4", result: object = {}, more: object = {}) {
  const asked: Options[] = [];
  const isFlat = version === "v2";
  const usual = {
    content: [{ type: "text", text: "Lima" }],
    finishReason: isFlat ? "stop" : { unified: "stop", raw: "end" },
    usage: isFlat
      ? { inputTokens: 3, outputTokens: 2, totalTokens: 5 }
      : { inputTokens: { total: 3 }, outputTokens: { total: 2 } },
    warnings: [],
  };
  const model = {
    specificationVersion: version,
    provider: "mock.chat",
    modelId: "m",
    supportedUrls: { "image/*": [/^https:\/\/seen\.test\/.*$/] },
    ...more,
    async doGenerate(options: Options) {
      asked.push(options);
      return { ...usual, ...result };
    },
  };
  return { model: model as unknown as LanguageModel, asked };
}

/** What is asked, as JSON has it: a field that is not there is as good as one that is undefined. */
function plain(options: Options | undefined): unknown {
  const { abortSignal: _signal, headers, ...rest } = options ?? {};
  const { "user-agent": _agent, ...own } = (headers ?? {}) as Record<string, string>;
  const shown = (_key: string, value: unknown): unknown =>
    value instanceof Uint8Array ? `bytes ${Buffer.from(value).toString("hex")}` : value;
  return JSON.parse(JSON.stringify({ ...rest, headers: own }, shown));
}

async function throughAi(model: LanguageModel, { system, ...settings }: ModelRequest) {
  const asked = { ...settings, model, system: system || undefined, maxRetries: 0, allowSystemInMessages: true };
  return generateText(asked as unknown as Parameters<typeof generateText>[0]);
}

const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]);
const call = { type: "tool-call", toolCallId: "1", toolName: "look", input: { a: 1 } };
const result = { type: "tool-result", toolCallId: "1", toolName: "look", output: { type: "text", value: "seen" } };
const user = { role: "user" as const, content: "Go on." };

const requests: readonly (readonly [string, ModelRequest])[] = [
  ["a prompt", { prompt: "?" }],
  ["instructions", { system: "One word.", prompt: "?" }],
  ["no instructions", { system: "", prompt: "?" }],
  [
    "all settings",
    {
      prompt: "?",
      temperature: 0,
      topP: 0.5,
      topK: 3,
      presencePenalty: 1,
      frequencyPenalty: -1,
      seed: 4,
      maxOutputTokens: 9,
      stopSequences: ["x"],
      headers: { "X-A": "1", b: undefined },
      providerOptions: { openai: { user: "u" } },
    },
  ],
  ["a conversation", { messages: [{ role: "system", content: "s" }, user, { role: "assistant", content: "a" }, user] }],
  [
    "texts in parts",
    {
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "a", providerOptions: { p: { b: 1 } } },
            { type: "text", text: "" },
          ],
        },
      ],
    },
  ],
  [
    "options of a message",
    { messages: [{ ...user, providerOptions: { anthropic: { cacheControl: { type: "ephemeral" } } } } as never] },
  ],
  ["an image in bytes", { messages: [{ role: "user", content: [{ type: "image", image: png }] }] }],
  [
    "an image of another type",
    { messages: [{ role: "user", content: [{ type: "image", image: png, mediaType: "image/gif" }] }] },
  ],
  ["an image of no known type", { messages: [{ role: "user", content: [{ type: "image", image: new Uint8Array([1, 2]) }] }] }],
  [
    "an image in base64",
    { messages: [{ role: "user", content: [{ type: "image", image: Buffer.from(png).toString("base64") }] }] },
  ],
  [
    "an image in its address",
    { messages: [{ role: "user", content: [{ type: "image", image: "data:image/png;base64,AAAA" }] }] },
  ],
  [
    "an image at an address",
    { messages: [{ role: "user", content: [{ type: "image", image: new URL("https://seen.test/a.png") }] }] },
  ],
  [
    "an address not as it is read",
    { messages: [{ role: "user", content: [{ type: "image", image: "https://seen.test/a b.png" }] }] },
  ],
  [
    "a file",
    {
      messages: [
        {
          role: "user",
          content: [{ type: "file", data: new Uint8Array([37, 80]), mediaType: "application/pdf", filename: "a.pdf" }],
        },
      ],
    },
  ],
  [
    "a file in a buffer",
    { messages: [{ role: "user", content: [{ type: "file", data: png.buffer, mediaType: "text/plain" }] }] },
  ],
  [
    "thoughts and files of the model",
    {
      messages: [
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "hm", providerOptions: { p: { signature: "s" } } },
            { type: "text", text: "" },
            { type: "file", data: "AAAA", mediaType: "image/png" },
            { type: "text", text: "so" },
          ],
        },
        user,
      ],
    },
  ],
  [
    "calls of tools and their results",
    {
      messages: [
        user,
        { role: "assistant", content: [call, { ...call, toolCallId: "2", providerExecuted: true }] },
        { role: "tool", content: [result] },
        { role: "tool", content: [{ ...result, toolCallId: "2", output: { type: "json", value: { b: [1] } } }] },
        user,
      ],
    },
  ],
];

const wrong: readonly (readonly [string, ModelRequest])[] = [
  ["a temperature that is none", { prompt: "?", temperature: "hot" as never }],
  ["a part of a token", { prompt: "?", maxOutputTokens: 1.5 }],
  ["no tokens", { prompt: "?", maxOutputTokens: 0 }],
  ["a seed that is no whole number", { prompt: "?", seed: 0.5 }],
  ["a role that is none", { messages: [{ role: "judge" as never, content: "?" }] }],
  ["a part that is none", { messages: [{ role: "user", content: [{ type: "nothing" }] }] }],
  ["a text that is none", { messages: [{ role: "user", content: [{ type: "text", text: 5 }] }] }],
  ["a file without a type", { messages: [{ role: "user", content: [{ type: "file", data: new Uint8Array([1, 2]) }] }] }],
  ["a call without a result", { messages: [user, { role: "assistant", content: [call] }, user] }],
  ["a call at the end", { messages: [user, { role: "assistant", content: [call] }] }],
];

describe.each(["v2", "v3", "v4"] as const)("a model of specification %s", (version) => {
  it.each(requests)("is asked directly, like by the AI SDK: %s", async (_title, request) => {
    const direct = mock(version);
    await callModel({ ...request, model: direct.model });
    expect(await modelPrompt(request, direct.model)).toBeDefined();
    expect(direct.asked).toHaveLength(1);
    // The installed AI SDK writes the specification before for files of v4, and knows no others.
    if (version === "v4") return expect(files(direct.asked[0])).toEqual(files(direct.asked[0]).filter(isTagged));
    vi.stubGlobal("AI_SDK_LOG_WARNINGS", false);
    const indirect = mock(version);
    await throughAi(indirect.model, request);
    expect(plain(direct.asked[0])).toEqual(plain(indirect.asked[0]));
  });

  it.each(wrong)("is not asked %s, and the AI SDK says why", async (_title, request) => {
    const direct = mock(version);
    expect(await modelPrompt(request, direct.model).catch(() => undefined)).toSatisfy(
      (prompt) => prompt === undefined || request.prompt !== undefined,
    );
    const said = await callModel({ ...request, model: direct.model }).catch((error: Error) => error);
    if (version === "v4") return expect(said).toMatchObject({ code: "configuration" });
    vi.stubGlobal("AI_SDK_LOG_WARNINGS", false);
    const usual = await throughAi(mock(version).model, request).catch((error: Error) => error);
    expect(causeOf(said)).toEqual(causeOf(usual));
    expect(direct.asked).toEqual([]);
  });
});

function files(options: Options | undefined): { readonly data: unknown }[] {
  const prompt = (options?.prompt ?? []) as { readonly content: string | { readonly type: string; readonly data: unknown }[] }[];
  return prompt.flatMap(({ content }) => (typeof content === "string" ? [] : content)).filter(({ type }) => type === "file");
}

function isTagged({ data }: { readonly data: unknown }): boolean {
  const { type, data: bytes, url } = data as { readonly type: string; readonly data?: unknown; readonly url?: unknown };
  return type === "data" ? bytes instanceof Uint8Array || typeof bytes === "string" : type === "url" && url instanceof URL;
}

describe("what only the AI SDK prepares", () => {
  const output = { type: "content", value: [{ type: "media", data: "AAAA", mediaType: "image/png" }] };
  const request: ModelRequest = {
    messages: [user, { role: "assistant", content: [call] }, { role: "tool", content: [{ ...result, output }] }],
    temperature: 0,
  };

  it("is asked by way of it, with the same answer", async () => {
    const [prepared, usual] = [mock("v3"), mock("v3")];
    expect(await modelPrompt(request, prepared.model)).toBeUndefined();
    const { text, finishReason, usage } = await callModel({ ...request, model: prepared.model });
    await throughAi(usual.model, request);
    expect({ text, finishReason, usage }).toEqual({
      text: "Lima",
      finishReason: "stop",
      usage: { inputTokens: 3, outputTokens: 2 },
    });
    expect(plain(prepared.asked[0])).toEqual(plain(usual.asked[0]));
  });

  it("is a file that the model does not read from its address", async () => {
    const messages = (image: string): ModelRequest["messages"] => [{ role: "user", content: [{ type: "image", image }] }];
    const { model } = mock("v3");
    expect(await modelPrompt({ messages: messages("https://other.test/a.png") }, model)).toBeUndefined();
    expect(await modelPrompt({ messages: messages("https://seen.test/a.png") }, model)).toBeDefined();
  });
});

describe("an answer", () => {
  it.each<[string, object]>([
    [
      "in several parts",
      {
        content: [
          { type: "text", text: "a" },
          { type: "source", id: "1" },
          { type: "text", text: "b" },
        ],
      },
    ],
    [
      "with thoughts",
      {
        content: [
          { type: "reasoning", text: "hm" },
          { type: "text", text: "so" },
        ],
      },
    ],
    [
      "with a file",
      {
        content: [
          { type: "file", mediaType: "image/png", data: "AAAA" },
          { type: "text", text: "so" },
        ],
      },
    ],
    ["without a text", { content: [], finishReason: { unified: "content-filter", raw: "x" } }],
    ["that was cut off", { finishReason: { unified: "length", raw: "max" } }],
    [
      "with a call of a tool that there is not",
      { content: [{ type: "tool-call", toolCallId: "1", toolName: "no", input: "{}" }] },
    ],
    ["without counts", { usage: { inputTokens: {}, outputTokens: {} } }],
  ])("%s is read like by the AI SDK", async (_title, answer) => {
    const reply = await callModel({ model: mock("v3", answer).model, prompt: "?" });
    const usual = await throughAi(mock("v3", answer).model, { prompt: "?" });
    expect([reply.text, reply.finishReason]).toEqual([usual.text, usual.finishReason]);
    const { inputTokens, outputTokens } = usual.usage;
    if (inputTokens !== undefined) expect(reply.usage).toEqual({ inputTokens, outputTokens });
    else expect(reply.usage).toMatchObject({ estimated: true });
  });

  it("has its warnings shown once, or as the program wants it", async () => {
    const warnings = [
      { type: "unsupported", feature: "topK", details: "It has none." },
      { type: "unsupported", feature: "responseFormat" },
      { type: "other", message: "Old model." },
    ];
    const { model } = mock("v3", { warnings }, { modelId: "warning" });
    const lines: unknown[] = [];
    vi.spyOn(console, "warn").mockImplementation((line) => void lines.push(line));
    await callModel({ model, prompt: "?" });
    await callModel({ model, prompt: "??" });
    expect(lines).toEqual([
      'Warning of mock.chat (warning): "topK" is not supported. It has none.',
      "Warning of mock.chat (warning): Old model.",
    ]);
    const logger = vi.fn();
    vi.stubGlobal("AI_SDK_LOG_WARNINGS", logger);
    await callModel({ model, prompt: "???" });
    expect(logger).toHaveBeenCalledExactlyOnceWith({
      warnings: [warnings[0], warnings[2]],
      provider: "mock.chat",
      model: "warning",
    });
  });
});

describe("over HTTP", () => {
  const replies: readonly (readonly [string, ServerReply])[] = [
    ["a text", { text: "Lima", usage: { inputTokens: 7, outputTokens: 2 } }],
    ["an empty text", ""],
    ["the end of its tokens", { text: "Li", finishReason: "length" }],
    ["a filter", { text: "", finishReason: "content_filter" }],
    ["a call of a tool", { text: "", toolCalls: [{ name: "look", input: { a: 1 } }] }],
    ...[400, 401, 403, 404, 409, 413, 422, 429, 500, 503, 529].map((status): [string, ServerReply] => [
      `status ${status}`,
      { status, body: errorBody(`Number ${status}`) },
    ]),
    ["an error that is no JSON", { status: 502, body: "<html>Bad gateway</html>" }],
    ["no JSON", { status: 200, body: "half a reply {" }],
    ["JSON of something else", { status: 200, body: { hello: 1 } }],
    ["a connection that ends", { reset: true }],
    ["a body that ends", { reset: "mid-body" }],
  ];
  const providers = {
    "openai-compatible": (baseURL: string, fetch: typeof globalThis.fetch | undefined) =>
      createOpenAICompatible({ name: "mine", baseURL, apiKey: "k", ...(fetch && { fetch }) })("m"),
    openai: (baseURL: string, fetch: typeof globalThis.fetch | undefined) =>
      createOpenAI({ baseURL, apiKey: "k", ...(fetch && { fetch }) }).chat("m"),
  };

  it.each(Object.keys(providers) as (keyof typeof providers)[])("all of it is as before: %s", async (name) => {
    const make = providers[name];
    for (const [title, reply] of replies) {
      await using server = await startOpenAIServer(() => reply);
      const request: ModelRequest = { system: "One word.", prompt: "Peru?", temperature: 0, maxRetries: 0 };
      const fast = await callModel({ ...request, model: make(server.baseUrl, fastFetch) }).catch((error: Error) => error);
      const slow = await callModel({ ...request, model: make(server.baseUrl, undefined) }).catch((error: Error) => error);
      const usual = await throughAi(make(server.baseUrl, undefined), request).catch((error: Error) => error);
      expect(shown(fast), title).toEqual(shown(slow));
      expect(server.requests.map(({ body }) => body)).toEqual(
        [0, 1, 2].slice(0, server.requests.length).map(() => server.requests[0]?.body),
      );
      if (usual instanceof Error) {
        expect(causeOf(fast), title).toMatchObject(causeOf(usual));
        continue;
      }
      const { text, finishReason, usage } = usual;
      const estimates = { inputTokens: 0, outputTokens: 0 };
      expect(fast, title).toMatchObject({ text, finishReason });
      if (typeof reply === "object" && "usage" in reply)
        expect(fast).toMatchObject({ usage: usageOf({ usage }, "mine", estimates) });
    }
  });
});

function shown(outcome: unknown): unknown {
  if (!(outcome instanceof Error)) return outcome;
  const message = outcome.message.replace(/over [\d.]+ s/, "over some time");
  return { name: outcome.name, message, code: (outcome as { code?: unknown }).code, ...causeOf(outcome) };
}

/** What a provider's error says, which may have been wrapped. */
function causeOf(outcome: unknown): { readonly [field: string]: unknown } {
  let error = outcome as Error & { readonly statusCode?: unknown; readonly isRetryable?: unknown; readonly cause?: Error };
  while (!error.name.startsWith("AI_") && error.cause instanceof Error) error = error.cause as typeof error;
  const { name, statusCode, isRetryable } = error;
  return { cause: name, statusCode, isRetryable };
}
