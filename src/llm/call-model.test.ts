/**
 * The gate: requests, replies, events, aborts and keys, with a scripted model and over a socket.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError } from "ai";
import { afterEach, describe, expect, it, vi } from "vitest";
import { milestone } from "../../test/support/milestone.ts";
import { errorBody, startOpenAIServer } from "../../test/support/openai-server.ts";
import { ConfigurationError, InfrastructureError, InvalidArgumentError } from "../errors.ts";
import { type AmbientEvent, atPosition, currentRun } from "../graph/scope.ts";
import { httpError } from "../testing/provider-errors.ts";
import { type ScriptedReply, scriptedModel } from "../testing/scripted-model.ts";
import { callModel } from "./call-model.ts";
import type { LanguageModel } from "./language-model.ts";
import type { ModelRequest } from "./model-request.ts";

afterEach(() => void vi.unstubAllEnvs());

describe("callModel", () => {
  it("gives text, reason, tokens and the name of the model", async () => {
    const model = scriptedModel(
      { text: "Lima", usage: { inputTokens: 7, outputTokens: 1 }, finishReason: "length" },
      { id: "peru" },
    );
    expect(await callModel({ model, prompt: "Capital?" })).toEqual({
      text: "Lima",
      finishReason: "length",
      usage: { inputTokens: 7, outputTokens: 1 },
      model: "scripted/peru",
    });
    expect((await callModel({ model: scriptedModel("x"), prompt: "?" })).usage).toEqual({
      inputTokens: 13,
      outputTokens: 1,
      estimated: true,
    });
  });

  it("sends the whole request through the provider's package", async () => {
    await using server = await startOpenAIServer(() => "Lima");
    const model = createOpenAI({ baseURL: server.baseUrl, apiKey: "unused" }).chat("test-model");
    const reply = await callModel({
      model,
      system: "One word.",
      messages: [
        { role: "user", content: "Capital of Chile?" },
        { role: "assistant", content: "Santiago" },
        { role: "user", content: [{ type: "text", text: "And of Peru?" }] },
      ],
      temperature: 0.5,
      maxOutputTokens: 9,
      topP: 0.9,
      stopSequences: ["\n"],
      providerOptions: { openai: { user: "somebody" } },
    });
    expect(reply).toEqual({
      text: "Lima",
      finishReason: "stop",
      usage: { inputTokens: 9, outputTokens: 1 },
      model: "openai/test-model",
    });
    expect(server.requests.map(({ body }) => body)).toEqual([
      {
        model: "test-model",
        messages: [
          { role: "system", content: "One word." },
          { role: "user", content: "Capital of Chile?" },
          { role: "assistant", content: "Santiago" },
          { role: "user", content: "And of Peru?" },
        ],
        temperature: 0.5,
        max_tokens: 9,
        top_p: 0.9,
        stop: ["\n"],
        user: "somebody",
      },
    ]);
  });

  it("allows instructions within a conversation, without a word on the console", async () => {
    const warn = vi.spyOn(console, "warn");
    const model = scriptedModel("ok");
    await callModel({
      model,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hello" },
      ],
    });
    expect(model.calls[0]).toMatchObject({ system: "Be brief.", prompt: "Hello" });
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it.each<{ name: string; request: object; message: RegExp }>([
    {
      name: "nothing to ask",
      request: {},
      message: /either `prompt`.* or `messages`.*got prompt undefined and messages undefined/,
    },
    { name: "both", request: { prompt: "a", messages: [{ role: "user", content: "b" }] }, message: /either `prompt`/ },
    { name: "an empty conversation", request: { messages: [] }, message: /at least one message/ },
    { name: "a prompt that is no text", request: { prompt: 7 }, message: /`prompt`, a string.*got prompt 7 \(number\)/ },
    { name: "an unknown option", request: { prompt: "a", temprature: 1 }, message: /did you mean `temperature`/ },
  ])("refuses $name", async ({ request, message }) => {
    const model = scriptedModel("never");
    const call = callModel({ model, ...request } as ModelRequest);
    await expect(call).rejects.toThrow(InvalidArgumentError);
    await expect(call).rejects.toThrow(message);
    expect(model.calls).toEqual([]);
  });

  it("says what to do about a model too new for the installed AI SDK", async () => {
    const model = Object.assign(Object.create(scriptedModel("x")), { specificationVersion: "v9", modelId: "new" });
    const call = callModel({ model, prompt: "?" });
    await expect(call).rejects.toThrow(ConfigurationError);
    await expect(call).rejects.toThrow(/cannot use scripted\/new, which follows the specification v9\. Update ai, or/);
  });

  it.each(["error", "other"] as const)("a reply that ends with %s", async (finishReason) => {
    const call = callModel({ model: scriptedModel({ text: "Hal", finishReason }), prompt: "?", maxRetries: 0 });
    if (finishReason === "other") expect((await call).text).toBe("Hal");
    else await expect(call).rejects.toThrow(InfrastructureError);
  });
});

describe("the usage of a reply", () => {
  const content = [{ type: "text", text: "four" }];
  const model = (specificationVersion: "v2" | "v3", usage: unknown): LanguageModel => {
    const finishReason = specificationVersion === "v2" ? "stop" : { unified: "stop", raw: "stop" };
    const doGenerate = async () => ({ content, finishReason, usage, warnings: [] });
    return { specificationVersion, provider: "acme", modelId: "m", supportedUrls: {}, doGenerate } as LanguageModel;
  };
  const estimated = { inputTokens: 13, outputTokens: 2, estimated: true };

  it.each([
    ["v2, none", model("v2", undefined), estimated],
    ["v2, an empty one", model("v2", {}), estimated],
    ["v2, not a number", model("v2", { inputTokens: Number.NaN, outputTokens: -1, totalTokens: Number.NaN }), estimated],
    [
      "v2, cached and reasoning tokens beside the others",
      model("v2", { inputTokens: 4, outputTokens: 10, totalTokens: 614, cachedInputTokens: 100, reasoningTokens: 500 }),
      { inputTokens: 104, outputTokens: 510, cachedInputTokens: 100, reasoningTokens: 500 },
    ],
    ["v3, none", model("v3", undefined), estimated],
    ["v3, an empty one", model("v3", {}), estimated],
    ["v3, one of v2", model("v3", { inputTokens: 3, outputTokens: 4, totalTokens: 7 }), { inputTokens: 3, outputTokens: 4 }],
    [
      "v3, cached and reasoning tokens",
      model("v3", {
        inputTokens: { total: 104, noCache: 4, cacheRead: 100, cacheWrite: 0 },
        outputTokens: { total: 510, text: 10, reasoning: 500 },
      }),
      { inputTokens: 104, outputTokens: 510, cachedInputTokens: 100, reasoningTokens: 500 },
    ],
  ])("%s", async (_name, asked, usage) => {
    expect((await callModel({ model: asked, prompt: "?" })).usage).toEqual(usage);
  });
});

describe("in a run, callModel", () => {
  it("numbers calls in the order in which they were made and tells what they used", async () => {
    const events: AmbientEvent[] = [];
    const second = milestone();
    // The first call is answered last.
    const model = scriptedModel(async ({ prompt }): Promise<ScriptedReply> => {
      if (prompt === "first") await second.reached;
      return { text: prompt, usage: { inputTokens: prompt.length, outputTokens: 1 } };
    });
    await atPosition(
      "iteration/3",
      () => Promise.all([callModel({ model, prompt: "first" }), callModel({ model, prompt: "2nd", role: "judge" })]),
      {
        emit: (event) => {
          events.push(event);
          second.reach();
        },
      },
    );
    expect(events).toEqual([
      {
        type: "model-call",
        position: "iteration/3/call/1",
        model: "scripted/model",
        role: "judge",
        finishReason: "stop",
        inputTokens: 3,
        outputTokens: 1,
      },
      {
        type: "model-call",
        position: "iteration/3/call/0",
        model: "scripted/model",
        role: "agent",
        finishReason: "stop",
        inputTokens: 5,
        outputTokens: 1,
      },
    ]);
  });

  it("takes a number also for a call that fails", async () => {
    const model = scriptedModel(({ index }) => {
      if (index === 0) throw httpError(400);
      return "ok";
    });
    const positions: unknown[] = [];
    await atPosition(
      "here",
      async () => {
        await expect(callModel({ model, prompt: "a" })).rejects.toThrow();
        await callModel({ model, prompt: "b" });
        expect(currentRun()?.calls).toBe(2);
      },
      { emit: ({ position }) => positions.push(position) },
    );
    expect(positions).toEqual(["here/call/1"]);
  });
});

describe("an abort of callModel", () => {
  const never = () => new Promise<string>(() => {});

  it.each<{ name: string; reason: unknown }>([
    { name: "an error", reason: new Error("enough") },
    { name: "a text", reason: "enough" },
    { name: "the default", reason: undefined },
  ])("rethrows its reason unchanged: $name", async ({ reason }) => {
    await using server = await startOpenAIServer(() => ({ hang: true }));
    for (const model of [createOpenAI({ baseURL: server.baseUrl, apiKey: "unused" }).chat("m"), scriptedModel(never)]) {
      for (const isAmbient of [true, false]) {
        const controller = new AbortController();
        const { signal } = controller;
        const other = new AbortController().signal;
        const call = atPosition("run", () => callModel({ model, prompt: "?", signal: isAmbient ? other : signal }), {
          signal: isAmbient ? signal : other,
        });
        setTimeout(() => controller.abort(reason), 20);
        expect(await call.catch((error: unknown) => error)).toBe(signal.reason);
      }
    }
  });

  it("that came first makes no call", async () => {
    const model = scriptedModel("never");
    await expect(callModel({ model, prompt: "?", signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
    expect(model.calls).toEqual([]);
  });

  it("that comes while the request is prepared makes no call", async () => {
    const controller = new AbortController();
    const model = scriptedModel(never);
    // What has to be waited for: which addresses the model reads by itself.
    Object.defineProperty(model, "supportedUrls", { value: Promise.resolve({}) });
    const call = callModel({ model, messages: [{ role: "user", content: "?" }], signal: controller.signal });
    controller.abort(new Error("meanwhile"));
    await expect(call).rejects.toThrow("meanwhile");
    expect(model.calls).toEqual([]);
  });

  it("leaves no listener behind when there is none", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    await callModel({ model: scriptedModel("ok"), prompt: "?", signal });
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length);
  });
});

describe("keys", () => {
  const key = "planted-key-0123456789";

  it.each([
    [429, 0],
    [500, 1],
  ])("never show in an error (status %d, after %d retries)", async (status, maxRetries) => {
    vi.stubEnv("OPENAI_API_KEY", key);
    await using server = await startOpenAIServer(({ headers }) => ({
      status,
      body: errorBody(`Not with ${headers.authorization}`),
      headers: { "retry-after-ms": "1", "x-echo": String(headers.authorization) },
    }));
    vi.stubEnv("OPENAI_BASE_URL", server.baseUrl);
    const error = await callModel({ model: "openai/test-model", prompt: "?", maxRetries }).catch((caught: unknown) => caught);
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    expect(error).toBeInstanceOf(InfrastructureError);
    expect(APICallError.isInstance((error as Error).cause)).toBe(true);
    expect(server.requests).toHaveLength(maxRetries + 1);
    expect((error as Error).message).toContain("Not with Bearer [key removed]");
    expect(everything(error)).not.toContain(key);
  });
});

/** All texts that can be reached from a value, also through fields that do not show. */
function everything(value: unknown, seen: Set<unknown> = new Set()): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || seen.has(value)) return "";
  seen.add(value);
  return Reflect.ownKeys(value)
    .map((name) => `${String(name)}=${everything(Reflect.get(value, name), seen)}`)
    .join("\n");
}
