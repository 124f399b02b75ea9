/**
 * Structured output: who is asked for it, and what happens when a provider will not have it. Over a real socket.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { errorBody, type ServerReply, type ServerRequest, startOpenAIServer } from "../../../test/support/openai-server.ts";
import { scriptedModel } from "../../testing/scripted-model.ts";
import { callModel } from "../call-model.ts";
import { callKey } from "../calls-in-flight.ts";
import type { ModelLike } from "../language-model.ts";
import { askStructured } from "./ask-structured.ts";
import { offersStructuredOutput, type ResponseFormat } from "./response-format.ts";
import { strictSchema } from "./strict-schema.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const openai = createOpenAI({ apiKey: "unused" });
const compatible = (supportsStructuredOutputs: boolean, baseURL = "http://127.0.0.1:1/v1") =>
  createOpenAICompatible({ name: "mine", baseURL, supportsStructuredOutputs }).chatModel("m");
const colour = { type: "object", properties: { colour: { type: "string" } }, required: ["colour"], additionalProperties: false };
const format: ResponseFormat = { type: "json", name: "answer", schema: colour };

describe("offersStructuredOutput", () => {
  it.each<[string, ModelLike | undefined, boolean]>([
    ["no model", undefined, false],
    ["a name of a provider that is known for it", "openai/gpt-5-mini", true],
    ["another", "anthropic/claude-haiku-4-5", true],
    ["one that is not", "togetherai/some-model", false],
    ["behind the gateway", "gateway/mistral/mistral-small-latest", true],
    ["an object of a known provider", openai("gpt-5-mini"), true],
    ["its chat interface", openai.chat("gpt-5-mini"), true],
    ["its old interface of completions", openai.completion("gpt-3.5-turbo-instruct"), false],
    [
      "the same package before another server",
      createOpenAI({ apiKey: "unused", baseURL: "http://127.0.0.1:1/v1" }).chat("m"),
      false,
    ],
    ["an object that says so", compatible(true), true],
    ["an object that says no", compatible(false), false],
    ["a scripted model", scriptedModel(""), false],
    ["a scripted model that is told to", scriptedModel("", { structuredOutput: true }), true],
  ])("%s", (_title, model, expected) => {
    vi.stubEnv("OPENAI_BASE_URL", undefined);
    vi.stubEnv("OPTO_MODEL", undefined);
    expect(offersStructuredOutput(model)).toBe(expected);
  });

  it("goes by the environment where no model is given, and not for a server of one's own", () => {
    vi.stubEnv("OPTO_MODEL", "openai/gpt-5-mini");
    vi.stubEnv("OPENAI_BASE_URL", undefined);
    expect(offersStructuredOutput(undefined)).toBe(true);
    vi.stubEnv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1");
    expect(offersStructuredOutput(undefined)).toBe(false);
  });
});

describe("a call with a response format", () => {
  const refusal = { status: 400, body: errorBody("Invalid parameter: 'response_format' of type 'json_schema' is not supported") };
  const formatOf = ({ body }: ServerRequest): unknown => body?.response_format;

  async function asked(script: (request: ServerRequest) => ServerReply, times: number, supports = true) {
    await using server = await startOpenAIServer(script);
    const model = compatible(supports, server.baseUrl);
    const replies = [];
    for (let i = 0; i < times; i++) {
      replies.push(await callModel({ model, prompt: "?", responseFormat: format }).catch((error: unknown) => error as Error));
    }
    return { replies, requests: server.requests };
  }

  it("sends the schema to the provider", async () => {
    const { replies, requests } = await asked(() => '{"colour":"red"}', 1);
    expect(replies).toEqual([expect.objectContaining({ text: '{"colour":"red"}' })]);
    expect(replies[0]).not.toHaveProperty("isFormatIgnored");
    expect(formatOf(requests[0] as ServerRequest)).toMatchObject({
      type: "json_schema",
      json_schema: { schema: colour, name: "answer" },
    });
  });

  it("that a provider refuses is made without it, once and for all", async () => {
    const { replies, requests } = await asked((request) => (formatOf(request) ? refusal : "red"), 3);
    for (const reply of replies) expect(reply).toMatchObject({ text: "red", isFormatIgnored: true });
    expect(requests.map((request) => formatOf(request) !== undefined)).toEqual([true, false, false, false]);
  });

  it("is not made again for what has nothing to do with the form", async () => {
    const { replies, requests } = await asked(() => ({ status: 400, body: errorBody("The prompt is too long") }), 2);
    for (const reply of replies) expect(reply).toMatchObject({ statusCode: 400, message: "The prompt is too long" });
    expect(requests.map((request) => formatOf(request) !== undefined)).toEqual([true, true]);
  });

  it("that a provider refuses also without it fails with that", async () => {
    const { replies, requests } = await asked(
      (request) => (formatOf(request) ? refusal : { status: 400, body: errorBody("No.") }),
      1,
    );
    expect(replies[0]).toMatchObject({ statusCode: 400, message: "No." });
    expect(requests).toHaveLength(2);
  });

  it("tells when the provider warns that it left the schema aside, and keeps the warning off the console", async () => {
    const spies = (["warn", "info", "log"] as const).map((method) => vi.spyOn(console, method));
    const { replies, requests } = await asked(() => "red", 1, false);
    expect(replies).toEqual([expect.objectContaining({ text: "red", isFormatIgnored: true })]);
    expect(requests).toHaveLength(1);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  it("reaches a model of the specification before, too", async () => {
    const model = scriptedModel("{}", { specificationVersion: "v2" });
    const silent = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(await callModel({ model, prompt: "?", responseFormat: format })).toMatchObject({ text: "{}" });
    expect(model.calls[0]?.responseFormat).toEqual(format);
    silent.mockRestore();
  });

  it("is another call than one without, or with another schema", () => {
    const request = { prompt: "?" };
    const keys = [request, { ...request, responseFormat: format }, { ...request, responseFormat: { ...format, schema: {} } }];
    expect(new Set(keys.map((each) => callKey("iteration/1", "openai/m", each))).size).toBe(3);
  });
});

describe("askStructured", () => {
  it("asks the provider for the schema where the model is known to keep to it", async () => {
    const schema = z.object({ colour: z.string(), more: z.array(z.object({ share: z.number() })) });
    const model = scriptedModel('{"colour":"red","more":[]}', { structuredOutput: true });
    expect(await askStructured({ model, prompt: "?", schema })).toEqual({ colour: "red", more: [] });
    expect(model.calls[0]?.responseFormat).toMatchObject({
      type: "json",
      schema: { additionalProperties: false, properties: { more: { items: { additionalProperties: false } } } },
    });
  });

  it.each<[string, z.ZodType<unknown>, string]>([
    ["a schema with a field that may be left out", z.object({ a: z.number().optional() }), "{}"],
    ["a schema of no object", z.array(z.number()), "[]"],
    ["an object of any fields", z.record(z.string(), z.number()), "{}"],
    ["the like further inside", z.object({ a: z.array(z.looseObject({})) }), '{"a":[]}'],
  ])("but not for %s", async (_title, schema, reply) => {
    const model = scriptedModel(reply, { structuredOutput: true });
    await askStructured({ model, prompt: "?", schema });
    expect(model.calls[0]?.responseFormat).toBeUndefined();
  });

  it("nor where it is not known", async () => {
    const model = scriptedModel('{"colour":"red"}');
    await askStructured({ model, prompt: "?", schema: z.object({ colour: z.string() }) });
    expect(model.calls[0]?.responseFormat).toBeUndefined();
  });
});

describe("strictSchema", () => {
  it("closes objects wherever they stand", () => {
    const inner = { type: "object", properties: { a: { type: "number" } }, required: ["a"] };
    const outer = {
      type: "object",
      properties: { list: { anyOf: [inner, { type: "null" }] } },
      required: ["list"],
      $defs: { x: inner },
    };
    expect(JSON.stringify(strictSchema(outer)).match(/"additionalProperties":false/g)).toHaveLength(3);
    expect(strictSchema({ ...outer, $defs: { x: { ...inner, required: [] } } })).toBeUndefined();
  });
});
