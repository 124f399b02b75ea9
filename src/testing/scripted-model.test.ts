/**
 * The scripted model, called by the AI SDK as any other model is.
 *
 * @module
 */
import { generateText, streamText } from "ai";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfigurationError } from "../errors.ts";
import { cloneModule } from "../graph/clone.ts";
import { httpError } from "./provider-errors.ts";
import { type Script, scriptedModel } from "./scripted-model.ts";

let console_: ReturnType<typeof vi.spyOn>[] = [];
beforeEach(() => {
  console_ = [vi.spyOn(console, "warn"), vi.spyOn(console, "info"), vi.spyOn(console, "error")];
});
afterEach(() => {
  for (const spy of console_) expect(spy).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

describe("scriptedModel", () => {
  it.each<{ name: string; script: Script; expected: string[] }>([
    { name: "one reply for all calls", script: "a", expected: ["a", "a", "a"] },
    { name: "a list", script: ["a", { text: "b" }, "c", "d"], expected: ["a", "b", "c"] },
    { name: "a function", script: ({ index, prompt }) => `${prompt} ${index}`, expected: ["Hello 0", "Hello 1", "Hello 2"] },
    { name: "a function that takes its time", script: async ({ index }) => ({ text: `${index}` }), expected: ["0", "1", "2"] },
  ])("answers from $name", async ({ script, expected }) => {
    const model = scriptedModel(script);
    const texts: string[] = [];
    for (let call = 0; call < 3; call++) texts.push((await generateText({ model, prompt: "Hello" })).text);
    expect(texts).toEqual(expected);
  });

  it("keeps what it was asked as plain text", async () => {
    const model = scriptedModel("ok");
    await generateText({
      model,
      system: "Be brief.",
      temperature: 0.5,
      maxOutputTokens: 10,
      messages: [
        { role: "user", content: "One" },
        { role: "assistant", content: "Two" },
        {
          role: "user",
          content: [
            { type: "text", text: "Three " },
            { type: "image", image: "data:image/png;base64,AA==" },
          ],
        },
      ],
    });
    expect(model.calls).toEqual([
      {
        index: 0,
        system: "Be brief.",
        prompt: "Three [file]",
        messages: [
          { role: "user", content: "One" },
          { role: "assistant", content: "Two" },
          { role: "user", content: "Three [file]" },
        ],
        temperature: 0.5,
        maxOutputTokens: 10,
        signal: undefined,
      },
    ]);
  });

  it("says what was used and why it ended", async () => {
    const model = scriptedModel({ text: "a", usage: { inputTokens: 3, outputTokens: 4 }, finishReason: "length" });
    const { usage, finishReason } = await generateText({ model, prompt: "?" });
    expect([usage.inputTokens, usage.outputTokens, usage.totalTokens, finishReason]).toEqual([3, 4, 7, "length"]);
    const silent = await generateText({ model: scriptedModel("a"), prompt: "?" });
    expect([silent.usage.inputTokens, silent.finishReason]).toEqual([undefined, "stop"]);
  });

  it("streams", async () => {
    const model = scriptedModel({ text: "one two  three\n", usage: { inputTokens: 1, outputTokens: 3 } });
    const { textStream, usage, finishReason } = streamText({ model, prompt: "?" });
    const pieces: string[] = [];
    for await (const piece of textStream) pieces.push(piece);
    expect(pieces).toEqual(["one ", "two  ", "three\n"]);
    expect([(await usage).totalTokens, await finishReason]).toEqual([4, "stop"]);
  });

  it("has no reply beyond the end of its list, or repeats the last", async () => {
    const model = scriptedModel(["a"], { id: "short" });
    await generateText({ model, prompt: "?" });
    const beyond = generateText({ model, prompt: "?" });
    await expect(beyond).rejects.toThrow(ConfigurationError);
    await expect(beyond).rejects.toThrow("Expected at most 1 calls of scripted/short, one for each reply, got call number 2");
    const patient = scriptedModel(["a", "b"], { onExhausted: "repeat-last" });
    const texts = await Promise.all(["", "", "", ""].map(async () => (await generateText({ model: patient, prompt: "?" })).text));
    expect(texts).toEqual(["a", "b", "b", "b"]);
  });

  it("plays errors, which the AI SDK treats as real ones", async () => {
    const model = scriptedModel(({ index }) => {
      if (index === 0) throw httpError(429, "Slow down", { "retry-after-ms": "1" });
      return "at last";
    });
    expect((await generateText({ model, prompt: "?" })).text).toBe("at last");
    expect(model.calls).toHaveLength(2);
  });

  it("heeds an abort", async () => {
    const controller = new AbortController();
    const model = scriptedModel(() => {
      controller.abort(new Error("enough"));
      return "too late";
    });
    await expect(generateText({ model, prompt: "?", abortSignal: controller.signal })).rejects.toThrow("enough");
    expect(model.calls[0]?.signal?.aborted).toBe(true);
  });

  it("is shared by copies of what holds it", async () => {
    const model = scriptedModel("x");
    expect(cloneModule({ model }).model).toBe(model);
  });
});

describe("a scripted model for the AI SDK 5", () => {
  it("follows the older specification", async () => {
    const model = scriptedModel({ text: "a b", usage: { inputTokens: 3, outputTokens: 4 } }, { specificationVersion: "v2" });
    const options = { prompt: [{ role: "user", content: [{ type: "text", text: "?" }] }] };
    expect(model.specificationVersion).toBe("v2");
    expect(await model.doGenerate(options)).toEqual({
      content: [{ type: "text", text: "a b" }],
      finishReason: "stop",
      usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
      warnings: [],
    });
  });
});
