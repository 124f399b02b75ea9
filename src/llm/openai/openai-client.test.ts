/**
 * The client in the shape of OpenAI's: what judges of other libraries ask, and what they get.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { ConfigurationError, InvalidArgumentError, OutputParseError } from "../../errors.ts";
import { type AmbientEvent, atPosition } from "../../graph/scope.ts";
import { scriptedModel } from "../../testing/scripted-model.ts";
import type { EmbeddingModel } from "../embedding-model.ts";
import { openAIClient } from "./openai-client.ts";

const messages = [
  { role: "developer", content: "You judge." },
  { role: "user", content: [{ type: "text", text: "Is it right?" }] },
];
const choose = {
  type: "function",
  function: {
    name: "select_choice",
    description: "Selects.",
    parameters: {
      type: "object",
      properties: { reasons: { type: "string" }, choice: { type: "string", enum: ["Y", "N"] } },
      required: ["reasons", "choice"],
    },
  },
};
const verdict = '{"reasons": "Right.", "choice": "Y"}';
const format = { type: "json_schema", json_schema: { name: "score", strict: true, schema: choose.function.parameters } };

describe("chat.completions.create", () => {
  it("answers with a text, by the model of the client", async () => {
    const model = scriptedModel("Yes.");
    const events: AmbientEvent[] = [];
    const reply = await atPosition(
      "validate/0",
      () =>
        openAIClient({ model }).chat.completions.create({ model: "judge", messages, temperature: 0, max_tokens: 9, stop: "x" }),
      { emit: (event) => events.push(event) },
    );
    expect(reply).toMatchObject({
      object: "chat.completion",
      model: "scripted/model",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Yes.", refusal: null } }],
    });
    expect(model.calls[0]).toMatchObject({ system: "You judge.", prompt: "Is it right?", temperature: 0, maxOutputTokens: 9 });
    expect(events).toMatchObject([{ type: "model-call", position: "validate/0/call/0", role: "judge" }]);
  });

  it.each([{ type: "function", function: { name: "select_choice" } }, "required"])(
    "calls the function for %o",
    async (choice) => {
      const client = openAIClient({ model: scriptedModel(`My verdict:\n${verdict}`) });
      const { choices } = await client.chat.completions.create({ messages, tools: [choose], tool_choice: choice });
      const [call] = choices[0]?.message.tool_calls ?? [];
      expect(choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
      expect(call).toMatchObject({ type: "function", function: { name: "select_choice" } });
      expect(JSON.parse(call?.function.arguments ?? "")).toEqual({ reasons: "Right.", choice: "Y" });
    },
  );

  it("calls one of several functions", async () => {
    const model = scriptedModel(`{"name": "select_choice", "arguments": ${verdict}}`);
    const other = { type: "function", function: { name: "skip", parameters: { type: "object", properties: {} } } };
    const body = { messages, tools: [other, choose], tool_choice: "required" };
    const { choices } = await openAIClient({ model }).chat.completions.create(body);
    expect(choices[0]?.message.tool_calls?.[0]?.function.name).toBe("select_choice");
  });

  it.each(["create", "parse"] as const)("returns JSON of a schema, by %s", async (method) => {
    const client = openAIClient({ model: scriptedModel(["no JSON", verdict]) });
    for (const completions of [client.chat.completions, openAIClient({ model: scriptedModel(verdict) }).beta.chat.completions]) {
      const { choices } = await completions[method]({ messages, response_format: format });
      expect(JSON.parse(choices[0]?.message.content ?? "")).toEqual({ reasons: "Right.", choice: "Y" });
      expect(choices[0]?.message.parsed).toEqual(method === "parse" ? { reasons: "Right.", choice: "Y" } : undefined);
    }
  });

  it.each(['{"reasons": "Right.", "choice": "F"}', '{"choice": "Y"}', '{"reasons": 7, "choice": "Y"}'])(
    "asks again about %s, and then has no verdict",
    async (reply) => {
      const model = scriptedModel(reply, { onExhausted: "repeat-last" });
      const body = { messages, tools: [choose], tool_choice: "required" };
      await expect(openAIClient({ model }).chat.completions.create(body)).rejects.toThrow(OutputParseError);
      expect(model.calls).toHaveLength(2);
    },
  );

  it.each([
    [{ messages, stream: true }, /`stream`/],
    [{ messages, n: 3 }, /`n` above 1/],
    [{ messages: [] }, /messages like/],
    [{ messages: [{ role: "tool", content: "7", tool_call_id: "1" }] }, /a message like/],
    [{ messages: [{ role: "user", content: [{ type: "video" }] }] }, /a part of a message/],
    [{ messages, tools: [choose] }, /may, but need not call/],
    [{ messages, tools: [{ type: "web_search" }], tool_choice: "required" }, /a tool like/],
  ])("refuses %o", async (body, message) => {
    const client = openAIClient({ model: scriptedModel("x") });
    await expect(client.chat.completions.create(body)).rejects.toThrow(ConfigurationError);
    await expect(client.chat.completions.create(body)).rejects.toThrow(message);
  });

  it("ends with the signal", async () => {
    const client = openAIClient({ model: scriptedModel("x") });
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(client.chat.completions.create({ messages }, { signal })).rejects.toThrow("stop");
  });
});

describe("responses.create", () => {
  it("answers with a text", async () => {
    const model = scriptedModel("Yes.");
    const reply = await openAIClient({ model }).responses.create({ model: "m", instructions: "Judge.", input: "Right?" });
    expect(reply).toMatchObject({ object: "response", status: "completed", output_text: "Yes." });
    expect(reply.output).toMatchObject([{ type: "message", content: [{ type: "output_text", text: "Yes." }] }]);
    expect(model.calls[0]).toMatchObject({ system: "Judge.", prompt: "Right?" });
  });

  it("calls a function, in the form of tools of this interface", async () => {
    const tools = [{ type: "function", ...choose.function }];
    const body = { input: messages, tools, tool_choice: "required" };
    const { output } = await openAIClient({ model: scriptedModel(verdict) }).responses.create(body);
    expect(output).toMatchObject([
      { type: "function_call", name: "select_choice", arguments: JSON.stringify(JSON.parse(verdict)) },
    ]);
  });

  it("returns JSON of a schema", async () => {
    const text = { format: { type: "json_schema", name: "score", schema: choose.function.parameters } };
    const { output_text } = await openAIClient({ model: scriptedModel(verdict) }).responses.create({ input: "Right?", text });
    expect(JSON.parse(output_text)).toEqual({ reasons: "Right.", choice: "Y" });
  });
});

describe("embeddings.create", () => {
  const embeddingModel = {
    ...{ specificationVersion: "v3", provider: "test", modelId: "small", maxEmbeddingsPerCall: 9 },
    doEmbed: async ({ values }: { readonly values: readonly string[] }) => ({
      embeddings: values.map((value) => [value.length, 0.5]),
      usage: { tokens: 7 },
    }),
  } as unknown as EmbeddingModel;

  it.each([
    ["abc", [[3, 0.5]]],
    [
      ["a", "bc"],
      [
        [1, 0.5],
        [2, 0.5],
      ],
    ],
  ])("embeds %o", async (input, expected) => {
    const reply = await openAIClient({ embeddingModel }).embeddings.create({ model: "m", input });
    expect(reply.data.map(({ embedding }) => embedding)).toEqual(expected);
    expect(reply).toMatchObject({ model: "test/small", usage: { prompt_tokens: 7, total_tokens: 7 } });
  });

  it("says which option it needs", async () => {
    await expect(openAIClient().embeddings.create({ input: "a" })).rejects.toThrow(/Set `embeddingModel`/);
  });
});

it("refuses what is not a model", () => {
  expect(() => openAIClient({ model: {} as never })).toThrow(InvalidArgumentError);
  expect(() => openAIClient({ embeddingModel: {} as never })).toThrow(/an embedding model of the AI SDK/);
  expect(() => openAIClient({ apiKey: "x" } as never)).toThrow(InvalidArgumentError);
});
