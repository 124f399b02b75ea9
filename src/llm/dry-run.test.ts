/**
 * Dry runs: what is recorded, and that structured replies can be used.
 *
 * @module
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { JsonValue } from "../data/json.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { currentDryRun, DryRunRecorder, placeholderReply, sampleJson, withDryRun } from "./dry-run.ts";
import { askStructured } from "./structured/ask-structured.ts";

afterEach(() => void vi.unstubAllEnvs());

describe("DryRunRecorder", () => {
  it("records what would be asked", () => {
    const recorder = new DryRunRecorder();
    vi.stubEnv("OPTO_MODEL", "own/default");
    expect(recorder.answer({ prompt: "abc" })).toEqual({
      text: placeholderReply,
      finishReason: "stop",
      usage: { inputTokens: 13, outputTokens: null },
      model: "own/default",
    });
    recorder.answer({ model: scriptedModel("x", { id: "m" }), messages: [{ role: "user", content: "abc" }], role: "judge" });
    recorder.answer({ model: "own/other", system: "abc", prompt: "abc", maxOutputTokens: 9 });
    expect(recorder.calls).toEqual([
      { model: "own/default", role: "agent", inputTokens: 13, maxOutputTokens: undefined, isCorrection: false },
      { model: "scripted/m", role: "judge", inputTokens: 13, maxOutputTokens: undefined, isCorrection: false },
      { model: "own/other", role: "agent", inputTokens: 20, maxOutputTokens: 9, isCorrection: false },
    ]);
  });

  it("needs a model to be named, like the call itself", () => {
    expect(() => new DryRunRecorder().answer({ prompt: "?" })).toThrow("No language model is set");
  });

  const fields = z.object({ kind: z.enum(["spam", "ham"]), score: z.number().min(1).max(5), why: z.array(z.string()).min(2) });

  it.each([
    ["an object", fields],
    ["a union", z.union([z.string().min(9), z.number()])],
    ["a recursive type", z.object({ name: z.string(), children: z.array(fields).min(1) })],
    ["what may be null", z.object({ a: z.string().nullable(), b: z.boolean(), c: z.literal(7), d: z.int().gt(3) })],
  ])("answers with %s that fits where that is asked for", async (_, schema) => {
    const recorder = new DryRunRecorder();
    const model = scriptedModel(({ system, messages }) => {
      const conversation = messages.map(({ content }) => ({ role: "user" as const, content }));
      return recorder.answer({ model: "own/m", system, messages: conversation }).text;
    });
    const value = await askStructured<unknown>({ model, prompt: "?", schema });
    expect(schema.safeParse(value).success).toBe(true);
    expect(recorder.calls).toHaveLength(1);
  });

  it("tells a call that asks once more from others", async () => {
    const recorder = new DryRunRecorder();
    const model = scriptedModel(({ system, messages }) => {
      const conversation = messages.map(({ content }) => ({ role: "user" as const, content }));
      return recorder.answer({ model: "own/m", system, messages: conversation }).text;
    });
    const asked = askStructured({ model, prompt: "?", schema: z.string().regex(/^\d+$/) });
    await expect(asked).rejects.toThrow("two unusable replies");
    expect(recorder.calls.map(({ isCorrection }) => isCorrection)).toEqual([false, true]);
  });

  it("is ambient where it is set, and nowhere else", async () => {
    const recorder = new DryRunRecorder();
    expect(await withDryRun(recorder, async () => (await null) ?? currentDryRun())).toBe(recorder);
    expect(currentDryRun()).toBeUndefined();
  });
});

describe("sampleJson", () => {
  it.each<[schema: JsonValue, value: JsonValue]>([
    [{}, {}],
    [true, {}],
    [{ type: ["null", "string"] }, null],
    [{ allOf: [{ type: "object", required: ["a"] }, { properties: { a: { type: "integer", maximum: -2 } } }] }, { a: -2 }],
    [{ $ref: "#/$defs/a~1b", $defs: { "a/b": { const: 1 } } }, 1],
    [{ type: "number", exclusiveMinimum: 0, exclusiveMaximum: 9 }, 1],
    [{ type: "number", minimum: 0.5, maximum: 0.6 }, 0.5],
    [{ type: "object", required: ["x"] }, { x: {} }],
    [{ oneOf: [{ enum: ["b"] }] }, "b"],
  ])("%j: %j", (schema, value) => {
    expect(sampleJson(schema)).toEqual(value);
  });

  it("ends for a schema that contains itself", () => {
    const loop = { type: "object", required: ["next"], properties: { next: { $ref: "#" } } };
    expect(JSON.stringify(sampleJson(loop)).length).toBeLessThan(1_000);
  });
});
