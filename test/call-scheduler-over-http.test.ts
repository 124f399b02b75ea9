/**
 * The call scheduler over real sockets: the AI SDK's own provider against a server that refuses, breaks off and hangs.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";
import { exactMatch, generate, model, parameter, TPE, train } from "opto";
import { choices } from "opto/graph";
import { RecordingLogger } from "opto/testing";
import { describe, expect, it } from "vitest";
import { Random } from "../src/data/random.ts";
import { StopError } from "../src/errors.ts";
import type { CallSchedulerOptions } from "../src/llm/pace/call-options.ts";
import { CallScheduler } from "../src/llm/pace/call-scheduler.ts";
import { errorBody, type OpenAIServer, type ServerReply, startOpenAIServer } from "./support/openai-server.ts";

function client(server: OpenAIServer, options: CallSchedulerOptions) {
  const scheduler = new CallScheduler(options);
  const model = createOpenAI({ baseURL: server.baseUrl, apiKey: "sk-test" }).chat("test-model");
  const ask = (prompt: string, signal?: AbortSignal): Promise<string> =>
    scheduler.run({
      model: "openai/test-model",
      label: prompt,
      estimatedTokens: 10,
      signal,
      attempt: async (abortSignal) => {
        const { text, usage, response } = await generateText({ model, prompt, maxRetries: 0, abortSignal });
        return { value: text, tokens: usage.totalTokens ?? 0, headers: response.headers ?? {} };
      },
    });
  return { scheduler, ask };
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("the call scheduler over HTTP", () => {
  it("gets every call answered by a server with few places and many faults", async () => {
    const random = new Random(3, "server");
    let inFlight = 0;
    await using server = await startOpenAIServer(async ({ prompt }): Promise<ServerReply> => {
      const [chance, told] = [random.next(), random.next() < 0.5];
      const slowDown = { status: 429, body: errorBody("Rate limit reached", "rate_limit_exceeded", "requests") };
      if (chance < 0.3) return told ? { ...slowDown, headers: { "retry-after-ms": "30" } } : slowDown;
      if (chance < 0.32) return { hang: true };
      if (inFlight >= 8) return slowDown;
      inFlight += 1;
      await wait(15);
      inFlight -= 1;
      if (chance < 0.37) return { status: 200, body: '{"id":' };
      if (chance < 0.42) return { reset: chance < 0.395 ? true : "mid-body" };
      return `Answer to ${prompt}`;
    });
    // A machine that is busy with other tests is slow as well: what it answers late is asked for again.
    const { scheduler, ask } = client(server, {
      timeoutMs: 1000,
      retry: { maxRetries: 20, initialDelayMs: 10, maxDelayMs: 200 },
      seed: 3,
    });
    const prompts = Array.from({ length: 200 }, (_, index) => `question ${index}`);
    const texts = await Promise.all(prompts.map((prompt) => ask(prompt)));
    expect(texts).toEqual(prompts.map((prompt) => `Answer to ${prompt}`));
    expect(scheduler.lanes()).toMatchObject([{ model: "openai/test-model", inFlight: 0, waiting: 0 }]);
    expect(server.requests.length).toBeLessThan(1000);
  });

  it("stops for an exhausted quota after one request", async () => {
    const body = errorBody("You exceeded your current quota", "insufficient_quota", "insufficient_quota");
    await using server = await startOpenAIServer(() => ({ status: 429, body }));
    const error = await client(server, {})
      .ask("?")
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StopError);
    expect(error).toMatchObject({ reason: "quota", message: expect.stringContaining("You exceeded your current quota") });
    expect(server.requests).toHaveLength(1);
  });

  it("ends a call in flight with the reason of its signal, and goes on with others", async () => {
    await using server = await startOpenAIServer(({ prompt }) => (prompt === "hang" ? { hang: true } : "Fine."));
    const { scheduler, ask } = client(server, { limits: { openai: { concurrency: 1 } } });
    const controller = new AbortController();
    const hanging = ask("hang", controller.signal).catch((caught: unknown) => caught);
    const next = ask("next");
    while (server.requests.length === 0) await wait(5);
    const reason = new Error("Enough");
    controller.abort(reason);
    expect(await hanging).toBe(reason);
    expect(await next).toBe("Fine.");
    expect(scheduler.lanes()).toMatchObject([{ inFlight: 0, waiting: 0 }]);
  });
});

describe("a run whose model refuses calls for a while", () => {
  it("reports what it waits for, and that the model answers again", async () => {
    await using server = await startOpenAIServer(({ index }) =>
      index === 0 ? { status: 429, body: errorBody("Rate limit reached for requests"), headers: { "retry-after": "20" } } : "yes",
    );
    let now = Date.parse("2026-01-01");
    const clock = { now: () => now, monotonic: () => now };
    // The delay passes immediately; the time limit of an attempt does not.
    const sleep = async (ms: number): Promise<void> => {
      if (ms > 60_000) await new Promise(() => {});
      now += ms;
    };
    const llm = createOpenAI({ baseURL: server.baseUrl, apiKey: "sk-test" }).chat("m");
    const agent = model({ p: parameter("Say it.", { domain: choices(["Say it.", "Say it once."]) }) }, ({ p }, x: string) =>
      generate({ model: llm, system: p, prompt: x }),
    );
    const logger = new RecordingLogger();
    await train({
      agent,
      trainDataset: [{ input: "x", info: "yes" }],
      guide: exactMatch(),
      optimizer: new TPE(agent),
      calls: { clock, sleep },
      run: null,
      logger: [logger],
    });
    const waits = logger.events.filter(({ type }) => type.startsWith("model-wait"));
    expect(waits).toMatchObject([
      { type: "model-waiting", model: "openai/m", calls: 1, reason: expect.stringContaining("Rate limit reached") },
      { type: "model-wait-end", model: "openai/m", isAnswered: true },
    ]);
  });
});
