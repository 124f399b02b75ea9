/**
 * What is no model is refused wherever a model is accepted, with what a model is.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { describe, expect, it } from "vitest";
import { evaluate, LLMJudge, model, OPRO, OptoPrime, OptoPrimeMulti, parameter, TextGrad, train } from "../index.ts";
import { callModel, generate } from "./index.ts";
import type { LanguageModel } from "./language-model.ts";

const openai = createOpenAI({ apiKey: "x" });
const wrong: readonly [name: string, given: unknown, got: RegExp][] = [
  ["the provider in place of its model", openai, /got function.*Call the provider with a model name, like \w+\("gpt-5-mini"\)/],
  ["an object", {}, /got \{\}/],
  ["a number", 5, /got 5/],
  ["null", null, /got null/],
  ["an embedding model", openai.embedding("e"), /got /],
  ["a class", class Mine {}, /got /],
];
const expected = /"provider\/model" or a language model of the AI SDK/;

describe.each(wrong)("%s", (_name, given, got) => {
  const wrongModel = given as LanguageModel;
  const prompt = parameter("Say it.", { name: "prompt" });

  it.each<[string, () => unknown]>([
    ["OptoPrime", () => new OptoPrime([prompt], { model: wrongModel })],
    ["OPRO", () => new OPRO([prompt], { model: wrongModel })],
    ["TextGrad", () => new TextGrad([prompt], { model: wrongModel })],
    ["OptoPrimeMulti", () => new OptoPrimeMulti([prompt], { model: wrongModel })],
    ["OptoPrimeMulti, models", () => new OptoPrimeMulti([prompt], { technique: "multiLLM", models: [wrongModel] })],
    ["LLMJudge", () => new LLMJudge({ model: wrongModel })],
  ])("is refused at once by %s", (_where, make) => {
    expect(make).toThrow(expected);
    expect(make).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  });

  it("is refused by every call, as a wrong set-up", async () => {
    for (const ask of [() => callModel({ model: wrongModel, prompt: "x" }), () => generate({ model: wrongModel, prompt: "x" })]) {
      const error = await ask().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: "configuration", message: expect.stringMatching(expected) });
      expect((error as Error).message).toMatch(got);
    }
  });

  it("within an agent ends the evaluation and the run, and is not scored as the agent's failure", async () => {
    const agent = model({ prompt: parameter("Say it.") }, ({ prompt: system }, question: string) =>
      generate({ model: wrongModel, system, prompt: question }),
    );
    const guide = (): number => 1;
    await expect(evaluate(agent, guide, ["a", "b"], [0, 0])).rejects.toThrow(expected);
    const optimizer = new OptoPrime(agent, { model: "openai/none" });
    const run = train({ agent, trainDataset: [{ input: "a", info: 0 }], guide, optimizer, run: null, logger: [] });
    await expect(run).rejects.toMatchObject({ code: "configuration" });
  });
});
