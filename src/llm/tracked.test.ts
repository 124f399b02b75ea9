/**
 * A tracked model under the AI SDK's own calls: what passes the gate, what comes back, and what the graph shows of it.
 *
 * @module
 */

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  type LanguageModel as AnyModel,
  generateObject,
  generateText,
  stepCountIs,
  streamText,
  tool,
  wrapLanguageModel,
} from "ai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { errorBody, type ServerReply, type ServerRequest, startOpenAIServer } from "../../test/support/openai-server.ts";
import { InfrastructureError } from "../errors.ts";
import { bundle } from "../graph/bundle.ts";
import { Module } from "../graph/module.ts";
import type { Node } from "../graph/node.ts";
import { parameter } from "../graph/parameter.ts";
import { type AmbientEvent, atPosition, type WorkInProgress } from "../graph/scope.ts";
import { LLMJudge } from "../guides/llm-judge.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { evaluate } from "../trainer/evaluate.ts";
import { generate } from "./generate.ts";
import { type LanguageModel, modelName } from "./language-model.ts";
import { CallScheduler } from "./pace/call-scheduler.ts";
import { tracked } from "./tracked.ts";

const usage = { inputTokens: 7, outputTokens: 3 };
const weather = tool({
  description: "The weather of a city",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, degrees: 21 }),
});
const asksTool = { text: "", toolCalls: [{ name: "weather", input: { city: "Lima" } }], usage };
const inLoop = { tools: { weather }, stopWhen: stepCountIs(5) };
const quick = new CallScheduler({ retry: { initialDelayMs: 1, maxDelayMs: 5 } });

/** Runs code as a run does, and gives what it emitted. */
async function inRun<R>(
  work: () => Promise<R>,
  services: object = { scheduler: quick },
): Promise<{ value: R; events: AmbientEvent[] }> {
  const events: AmbientEvent[] = [];
  const value = await atPosition("run", work, { services, emit: (event) => events.push(event) });
  return { value, events };
}

const calls = (events: readonly AmbientEvent[]) => events.filter(({ type }) => type === "model-call");
const modelAt = ({ baseUrl }: { readonly baseUrl: string }) =>
  createOpenAICompatible({ name: "local", baseURL: baseUrl, includeUsage: true })("test");
const serverOf = (script: (request: ServerRequest) => ServerReply | Promise<ServerReply>) => startOpenAIServer(script);

/** Those who ask, whole and as a stream. */
const ways = {
  generateText: async (model: AnyModel, options: object = {}): Promise<string> =>
    (await generateText({ prompt: "Hello", ...options, model })).text,
  streamText: async (model: AnyModel, options: object = {}): Promise<string> => {
    let text = "";
    for await (const piece of streamText({ prompt: "Hello", onError: () => {}, ...options, model }).textStream) text += piece;
    return text;
  },
} as const;

describe.each(Object.entries(ways))("%s", (_, ask) => {
  it("outside of runs asks the model itself", async () => {
    const model = scriptedModel("Hi there");
    expect(await ask(tracked(model))).toBe("Hi there");
    expect(model.calls).toHaveLength(1);
  });

  it("is reported with position, tokens, and the reason for its end, a step at a time", async () => {
    const model = tracked(scriptedModel([asksTool, { text: "21 degrees", usage }]));
    const { value, events } = await inRun(() => ask(model, inLoop));
    expect(value).toBe("21 degrees");
    expect(calls(events)).toEqual([
      {
        type: "model-call",
        position: "run/call/0",
        model: "scripted/model",
        role: "agent",
        finishReason: "tool-calls",
        ...usage,
      },
      { type: "model-call", position: "run/call/1", model: "scripted/model", role: "agent", finishReason: "stop", ...usage },
    ]);
  });

  it("waits for limits and repeats what fails, whatever `maxRetries` says", async () => {
    const limited = { status: 429, body: errorBody("Slow down"), headers: { "retry-after-ms": "1" } };
    const replies: ServerReply[] = [limited, { status: 500, body: errorBody("Oops") }, "Hi there"];
    await using server = await serverOf(({ index }) => replies[index] ?? "more");
    const { value, events } = await inRun(() => ask(tracked(modelAt(server)), { maxRetries: 0 }));
    expect([value, server.requests.length]).toEqual(["Hi there", 3]);
    expect(events.filter(({ type }) => type === "model-retry")).toHaveLength(2);
  });

  it("does not have its attempts repeated by the AI SDK", async () => {
    await using server = await serverOf(() => ({ status: 503, body: errorBody("Down") }));
    const scheduler = new CallScheduler({ retry: { maxRetries: 2, initialDelayMs: 1 } });
    await inRun(() => ask(tracked(modelAt(server)), { maxRetries: 5 }), { scheduler }).catch(() => {});
    expect(server.requests).toHaveLength(3);
  });

  it("passes settings, tools and formats on unaltered", async () => {
    await using server = await serverOf(() => "Hi there");
    const options = {
      system: "Be kind",
      temperature: 0.3,
      seed: 5,
      stopSequences: ["END"],
      headers: { "x-own": "yes" },
      providerOptions: { local: { reasoningEffort: "low" } },
      ...inLoop,
      toolChoice: "none" as const,
    };
    await ask(modelAt(server), options);
    await inRun(() => ask(tracked(modelAt(server)), options));
    const [plain, gated] = server.requests;
    expect(gated?.body).toEqual(plain?.body);
    expect(gated?.headers["x-own"]).toBe("yes");
  });

  it("ends with the signal of the caller, and with that of the run", async () => {
    await using server = await serverOf(() => ({ hang: true }));
    for (const whose of ["caller", "run"] as const) {
      const aborter = new AbortController();
      const options = whose === "caller" ? { abortSignal: aborter.signal } : {};
      const work = atPosition("run", () => ask(tracked(modelAt(server)), options), {
        ...(whose === "run" ? { signal: aborter.signal } : {}),
        services: { scheduler: quick },
      });
      const asked = server.requests.length;
      await expect.poll(() => server.requests.length).toBe(asked + 1);
      aborter.abort(new DOMException("enough", "AbortError"));
      // As without opto: a stream that its caller aborts just ends.
      await work.then(
        (text) => expect(text).toBe(""),
        (error: unknown) => expect(String(error)).toContain("enough"),
      );
      await server.requests.at(-1)?.gone;
    }
  });
});

describe("a stream", () => {
  it("is passed on while it comes", async () => {
    let release = (): void => {};
    const model: LanguageModel & { doStream(): Promise<object> } = {
      ...scriptedLike(),
      doStream: async () => ({
        stream: new ReadableStream({
          async start(controller) {
            controller.enqueue({ type: "stream-start", warnings: [] });
            controller.enqueue({ type: "text-start", id: "1" });
            controller.enqueue({ type: "text-delta", id: "1", delta: "first " });
            await new Promise<void>((resolve) => {
              release = resolve;
            });
            controller.enqueue({ type: "text-delta", id: "1", delta: "second" });
            controller.enqueue({ type: "text-end", id: "1" });
            controller.enqueue({
              type: "finish",
              finishReason: { unified: "stop", raw: "stop" },
              usage: { inputTokens: {}, outputTokens: {} },
            });
            controller.close();
          },
        }),
      }),
    };
    const { value } = await inRun(async () => {
      const pieces: string[] = [];
      for await (const piece of streamText({ model: tracked(model) as unknown as AnyModel, prompt: "Hi" }).textStream) {
        pieces.push(piece);
        release();
      }
      return pieces;
    });
    expect(value).toEqual(["first ", "second"]);
  });

  it.each(["reset", "hang"] as const)("that breaks off (%s) is an outage of its rollout, asked once", async (ending) => {
    await using server = await serverOf(() => ({ cutAfter: "It is not ", ending }));
    const model = tracked(modelAt(server));
    class Streams extends Module<string, string> {
      forward(question: string): Promise<string> {
        return ways.streamText(model, { prompt: question });
      }
    }
    const scheduler = new CallScheduler({ retry: { initialDelayMs: 1 }, timeoutMs: 500 });
    const work = { open: new Set(), beginCall: () => () => {} } as unknown as WorkInProgress;
    await atPosition("run", () => ways.streamText(model).catch(() => {}), { work, services: { scheduler } });
    expect(work.outage?.error).toBeInstanceOf(InfrastructureError);
    expect(server.requests).toHaveLength(1);
    if (ending === "hang") return;
    const evaluation = evaluate(new Streams(), () => 1, [{ input: "Is it?", info: "" }], { numThreads: 1 });
    await expect(evaluation).rejects.toThrow(InfrastructureError);
    expect(server.requests).toHaveLength(2);
  });

  it.each(["caller", "run"] as const)("is cut by the signal of the %s, also in its middle", async (whose) => {
    await using server = await serverOf(() => ({ cutAfter: "one two ", ending: "hang" }));
    const aborter = new AbortController();
    const { signal } = aborter;
    const reason = new DOMException("enough", "AbortError");
    let read = "";
    const work = async (): Promise<void> => {
      const abortSignal = whose === "caller" ? { abortSignal: signal } : {};
      const { textStream } = streamText({ model: tracked(modelAt(server)), prompt: "Hi", onError: () => {}, ...abortSignal });
      for await (const piece of textStream) {
        read += piece;
        if (read === "one two ") aborter.abort(reason);
      }
    };
    const rollout = { open: new Set(), beginCall: () => () => {} } as unknown as WorkInProgress;
    const services = { scheduler: quick };
    const done = atPosition("run", work, { services, work: rollout, ...(whose === "run" ? { signal } : {}) });
    // As without opto: a stream that its caller aborts just ends.
    if (whose === "caller") await done;
    else await expect(done).rejects.toBe(reason);
    await server.requests[0]?.gone;
    // That an agent has had enough is no outage.
    if (whose === "caller") expect(rollout.outage).toBeUndefined();
    expect([read.trim(), server.requests.length]).toEqual(["one two", 1]);
  });

  it("that fails before it has said anything is asked for again", async () => {
    const replies: ServerReply[] = [{ cutAfter: "" }, "Hi there"];
    await using server = await serverOf(({ index }) => replies[index] ?? "more");
    const { value } = await inRun(() => ways.streamText(tracked(modelAt(server))));
    expect([value, server.requests.length]).toEqual(["Hi there", 2]);
  });
});

describe("a reply", () => {
  const image = new Uint8Array([137, 80, 78, 71]);
  const whole = {
    content: [
      { type: "reasoning", text: "Let me see.", providerMetadata: { p: { signature: "s" } } },
      { type: "text", text: "Here" },
      { type: "file", mediaType: "image/png", data: image },
      { type: "source", sourceType: "url", id: "1", url: "https://example.com" },
    ],
    finishReason: { unified: "stop", raw: "end" },
    usage: { inputTokens: { total: 3 }, outputTokens: { total: 4 } },
    warnings: [{ type: "unsupported", feature: "seed" }],
    providerMetadata: { p: { cached: true } },
    response: { id: "r1", timestamp: new Date(0), modelId: "m", headers: { h: "1" }, body: { b: 1 } },
    request: { body: "sent" },
  };

  it("comes as the model gave it, and out of a record without request and headers", async () => {
    const model = { ...scriptedLike(), doGenerate: async () => whole };
    const kept = new Map<string, string>();
    const records = {
      identify: (position: string, _request: unknown, entry: object) => ({ key: "k", position, ...entry }),
      find: async () => (kept.has("k") ? JSON.parse(kept.get("k") as string) : undefined),
      sent: () => {},
      answered: async (_call: unknown, reply: unknown) => void kept.set("k", JSON.stringify(reply)),
      joined: async () => {},
      discard: () => {},
    };
    const gated = tracked(model) as unknown as { doGenerate(options: object): Promise<object> };
    const options = { prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }] };
    const services = { scheduler: quick, calls: records };
    const { value: live } = await inRun(() => gated.doGenerate(options), services);
    expect(live).toBe(whole);
    const { value: again } = await inRun(() => gated.doGenerate(options), services);
    const { request: _request, response, ...rest } = whole;
    const { headers: _headers, body: _body, ...about } = response;
    expect(again).toEqual({ ...rest, response: about });
  });

  it("can be an object", async () => {
    const model = tracked(scriptedModel('{"city":"Lima"}'));
    const schema = z.object({ city: z.string() });
    const { value, events } = await inRun(() => generateObject({ model, schema, prompt: "Where?" }));
    expect(value.object).toEqual({ city: "Lima" });
    expect(calls(events)).toHaveLength(1);
  });
});

describe("a call is counted once", () => {
  it.each<[string, (model: ReturnType<typeof scriptedModel>) => Promise<unknown>]>([
    ["by generate", (model) => generate({ model: tracked(model), prompt: "Hi" })],
    ["by a judge", (model) => new LLMJudge({ model: tracked(model), criteria: "Good?" }).getFeedback("q", "a", "i", {})],
    ["tracked twice", (model) => ways.generateText(tracked(tracked(model)))],
    [
      "wrapped by the AI SDK",
      (model) => ways.generateText(tracked(wrapLanguageModel({ model: tracked(model), middleware: [] }))),
    ],
    [
      "wrapped, by generate",
      (model) => generate({ model: wrapLanguageModel({ model: tracked(model), middleware: [] }), prompt: "Hi" }),
    ],
  ])("%s", async (_, ask) => {
    const model = scriptedModel('{"feedback": "Fine.", "score": 1}');
    const { events } = await inRun(() => ask(model));
    expect(calls(events)).toHaveLength(1);
    expect(model.calls).toHaveLength(1);
  });
});

it("has the name of its model, also by a string, and refuses what is no model", () => {
  expect(modelName(tracked(scriptedModel("Hi")))).toBe("scripted/model");
  expect(modelName(tracked("openai/gpt-5-mini"))).toBe("openai/gpt-5-mini");
  expect(tracked("openai/gpt-5-mini")).toMatchObject({ provider: "openai", modelId: "gpt-5-mini" });
  expect(() => tracked(3 as never)).toThrow('Expected the model to be "provider/model" or a language model of the AI SDK, got 3');
  expect(() => tracked("openai/x", { role: "agents" as never })).toThrow("Expected `role` to be");
});

describe("the graph", () => {
  const system = parameter("You know the weather of every city.", { name: "system" });
  const style = parameter("Be brief.", { name: "style" });
  const unused = parameter("Nothing of this is sent.", { name: "unused" });

  /** `name = operation(input: name, …)` of a node and all before it. */
  function written(target: Node): string[] {
    const lines: string[] = [];
    const seen = new Set<Node>();
    const visit = (node: Node): void => {
      if (seen.has(node)) return;
      seen.add(node);
      for (const input of node.inputs) visit(input);
      if (node.operation === undefined) return;
      const inputs = node.inputs.map((input, index) => `${node.inputNames[index]}: ${input.name}`);
      lines.push(`${node.operation.name}(${inputs.join(", ")}) = ${JSON.stringify(node.peek())}`);
    };
    visit(target);
    return lines;
  }

  it.each(["generateText", "streamText"] as const)("has the steps of a loop with their tools: %s", async (way) => {
    const model = tracked(scriptedModel([asksTool, "21 degrees"]));
    class Reporter extends Module<string, string> {
      system = system;
      unused = unused;
      forward(city: string): Promise<string> {
        void this.unused.value;
        return ways[way](model, { ...inLoop, system: this.system.value, prompt: `How warm is ${city}?` });
      }
    }
    const { value } = await inRun(() => new Reporter().call("Lima"));
    const call = { toolCalls: [{ tool: "weather", input: { city: "Lima" } }] };
    const messages = [
      { role: "user", content: "How warm is Lima?" },
      { role: "assistant", content: call },
      { role: "tool", tool: "weather", content: { city: "Lima", degrees: 21 } },
    ];
    expect(written(value)).toEqual([
      'compose(input: input) = "How warm is Lima?"',
      `generate(model: model, system: system, prompt: prompt, tools: tools) = ${JSON.stringify(call)}`,
      'compose(input: input) = "How warm is Lima?"',
      'arguments(reply: generate) = {"city":"Lima"}',
      'weather(input: input) = {"city":"Lima","degrees":21}',
      `collect([0].content: content, [1].content: generate, [2].content: weather) = ${JSON.stringify(messages)}`,
      'generate(model: model, system: system, messages: messages, tools: tools) = "21 degrees"',
      'Reporter(input: input, system: system, unused: unused, generate: generate, generate: generate) = "21 degrees"',
    ]);
  });

  it("connects texts that are put together, settings, bundles in tools, and errors of tools", async () => {
    const temperature = parameter(0.5, { name: "temperature" });
    const look = bundle((city: string) => `The weather station of ${city}`, { name: "look" });
    const tools = {
      weather: tool({ inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => look(city).value }),
      fails: tool({
        inputSchema: z.object({}),
        execute: async (): Promise<string> => {
          throw new Error("no such city");
        },
      }),
    };
    const both = {
      text: "",
      toolCalls: [
        { name: "weather", input: { city: "Lima" } },
        { name: "fails", input: {} },
      ],
    };
    const model = tracked(scriptedModel([both, "Sorry"]));
    class Reporter extends Module<string, string> {
      system = system;
      style = style;
      temperature = temperature;
      async forward(question: string): Promise<string> {
        const instructions = `${this.system.value}\n\n${this.style.value}`;
        const request = { tools, stopWhen: stepCountIs(3), system: instructions, temperature: this.temperature.value };
        return ways.generateText(model, { ...request, prompt: question });
      }
    }
    const { value } = await inRun(() => new Reporter().call("Where is it warm?"));
    const lines = written(value).map((line) => line.split(" = ")[0]);
    expect(lines).toContain("compose(system: system, style: style)");
    expect(lines).toContain("generate(model: model, system: system, prompt: input, tools: tools, temperature: temperature)");
    expect(lines).toContain("weather(input: input, look: look)");
    expect(lines).toContain("fails(input: input)");
  });
});

/** A model of the newest specification that `ai` 6 takes, without any answer. */
function scriptedLike(): LanguageModel {
  return {
    specificationVersion: "v3",
    provider: "own",
    modelId: "model",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("not asked")),
  } as LanguageModel;
}
