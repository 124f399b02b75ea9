/**
 * Replies as data: what the model is told, what is forgiven, what is asked for again.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { OutputParseError } from "../../errors.ts";
import { httpError } from "../../testing/provider-errors.ts";
import { type ScriptedReply, scriptedModel } from "../../testing/scripted-model.ts";
import { askStructured } from "./ask-structured.ts";

const colour = z.object({ colour: z.string(), share: z.number().min(0).max(1).optional() });

describe("askStructured", () => {
  it("shows the model its schema and gives the data", async () => {
    const model = scriptedModel('{"colour":"red"}');
    const value: { colour: string; share?: number | undefined } = await askStructured({
      model,
      system: "You know colours.",
      prompt: "Name one.",
      schema: colour,
      temperature: 0,
    });
    expect(value).toEqual({ colour: "red" });
    const [call] = model.calls;
    expect(call).toMatchObject({ prompt: "Name one.", temperature: 0 });
    expect(call?.system).toMatch(/^You know colours\.\n\nReply with exactly one JSON value/);
    expect(call?.system).toContain('"properties":{"colour":{"type":"string"}');
  });

  it("shows no schema that its library cannot write down", async () => {
    const schemas: StandardSchemaV1<unknown, unknown>[] = [
      z.object({ when: z.date() }).or(z.number()),
      { "~standard": { version: 1, vendor: "mine", validate: (value) => ({ value }) } },
    ];
    for (const schema of schemas) {
      const model = scriptedModel("5");
      expect(await askStructured({ model, prompt: "?", schema })).toBe(5);
      expect(model.calls[0]?.system).not.toContain("Schema");
    }
  });

  it("gives what the schema makes of the data", async () => {
    const schema = z.object({ n: z.string().transform(Number) });
    expect(await askStructured({ model: scriptedModel('{"n":"12"}'), prompt: "?", schema })).toEqual({ n: 12 });
  });

  it.each<{ name: string; reply: string; schema: StandardSchemaV1<unknown, unknown>; expected: unknown }>([
    { name: "words and a fence", reply: 'Sure!\n```json\n{"colour":"red"}\n```', schema: colour, expected: { colour: "red" } },
    { name: "small mistakes", reply: "{'colour': 'red',}", schema: colour, expected: { colour: "red" } },
    { name: "thoughts", reply: '<think>{"colour":"blue"}?</think>{"colour":"red"}', schema: colour, expected: { colour: "red" } },
    { name: "other brackets", reply: 'As in [1]: {"colour":"red"}', schema: colour, expected: { colour: "red" } },
    { name: "the same twice", reply: '{"colour":"red"}\n{"colour":"red"}', schema: colour, expected: { colour: "red" } },
    {
      name: "a tool call as text",
      reply: '<tool_call>\n{"name":"reply","arguments":{"colour":"red"}}\n</tool_call>',
      schema: colour,
      expected: { colour: "red" },
    },
    {
      name: "a tool call with arguments in a string",
      reply: '{"name":"reply","arguments":"{\\"colour\\":\\"red\\"}"}',
      schema: colour,
      expected: { colour: "red" },
    },
    ...[
      {
        name: "a number in quotation marks",
        reply: '{"n":"-0.5","is":true,"words":"x"}',
        expected: { n: -0.5, is: true, words: "x" },
      },
      {
        name: "a truth value in quotation marks",
        reply: '{"n":1,"is":"True","words":"x"}',
        expected: { n: 1, is: true, words: "x" },
      },
      { name: "all of it, in a list", reply: '[{"n":"7","is":"false","words":"1"}]', expected: { n: 7, is: false, words: "1" } },
    ].map((row) => ({ ...row, schema: z.object({ n: z.number(), is: z.boolean(), words: z.string() }) })),
    { name: "a word without marks", reply: "spam\n", schema: z.enum(["spam", "ham"]), expected: "spam" },
  ])("forgives $name", async ({ reply, schema, expected }) => {
    const model = scriptedModel([reply]);
    expect(await askStructured({ model, prompt: "?", schema })).toEqual(expected);
  });

  it.each([
    ["prose behind it", 'The answer was:\n{"colour":"blue"}\nMine: {"colour":"red"}'],
    ["prose behind a fence", 'The answer:\n```json\n{"colour":"blue"}\n```\nVerdict: {"colour":"red"}.'],
    ["an object that does not fit", 'The answer: {"colour":"blue"}\n\n{"color":"red"}'],
    ["an object around the value", 'The answer: {"colour":"blue"}\n\n{"reply":{"colour":"red"}}'],
  ])("asks again where a value may be quoted: %s", async (_, reply) => {
    const model = scriptedModel([reply, '{"colour":"red"}']);
    expect(await askStructured({ model, prompt: "?", schema: colour })).toEqual({ colour: "red" });
    expect(model.calls).toHaveLength(2);
  });

  it.each<{ name: string; reply: ScriptedReply; problem: RegExp }>([
    { name: "prose", reply: "Red, I think.", problem: /it contains no readable JSON/ },
    { name: "another kind", reply: "7", problem: /it does not fit: .*expected object/ },
    { name: "a wrong value", reply: '{"colour":"red","share":3}', problem: /it does not fit: share: / },
    { name: "a number for a text", reply: '{"colour":7}', problem: /it does not fit: colour: / },
    { name: "a number in words", reply: '{"colour":"red","share":"half"}', problem: /it does not fit: share: / },
    { name: "a wrong number in quotation marks", reply: '{"colour":"red","share":"3"}', problem: /it does not fit: share: / },
    { name: "two different values", reply: '{"colour":"red"} or {"colour":"blue"}', problem: /several JSON values/ },
    {
      name: "a quotation beside a broken value",
      reply: 'They wrote {"colour":"red"}, I say {"colour": "bl"ue"}',
      problem: /several JSON values/,
    },
    { name: "a part", reply: { text: '{"colour":"red"', finishReason: "length" }, problem: /it was cut off/ },
    { name: "nothing", reply: "  ", problem: /it is empty \(finish reason "stop"\)/ },
    { name: "a withheld one", reply: { text: "{}", finishReason: "content-filter" }, problem: /a content filter withheld it/ },
  ])("asks once more after $name", async ({ reply, problem }) => {
    const model = scriptedModel([reply, '{"colour":"green"}']);
    const messages = [
      { role: "user", content: "Name a colour." },
      { role: "assistant", content: "Which?" },
      { role: "user", content: "Any." },
    ] as const;
    expect(await askStructured({ model, messages, schema: colour })).toEqual({ colour: "green" });
    const [first, second] = model.calls;
    expect(second?.system).toBe(first?.system);
    expect(second?.messages.slice(0, 3)).toEqual(messages);
    expect(second?.prompt).toMatch(problem);
    const text = typeof reply === "string" ? reply : reply.text;
    expect(second?.messages.slice(3, -1)).toEqual(text.trim() === "" ? [] : [{ role: "assistant", content: text }]);
  });

  it("gives up after the second reply, with its text", async () => {
    const model = scriptedModel(["no", "no again", '{"colour":"never asked for"}'], { id: "stubborn" });
    const error = await askStructured({ model, prompt: "?", schema: colour }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OutputParseError);
    expect(error).toMatchObject({
      text: "no again",
      message: expect.stringMatching(/scripted\/stubborn.*it contains no readable JSON/),
    });
    expect(model.calls).toHaveLength(2);
  });

  it("does not ask again after a failure of the provider", async () => {
    const model = scriptedModel(() => {
      throw httpError(401, "Who are you?");
    });
    await expect(askStructured({ model, prompt: "?", schema: colour })).rejects.toThrow("Who are you?");
    expect(model.calls).toHaveLength(1);
  });
});
