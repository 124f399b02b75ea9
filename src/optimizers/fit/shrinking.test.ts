/**
 * How much shorter the next prompt is.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { httpError } from "../../testing/provider-errors.ts";
import { leftByReply, promptLimit, shrinking, smallerThan } from "./shrinking.ts";

describe("the next limit", () => {
  it.each([
    // A quarter of the window is left for a reply whose length nobody knows.
    [{ limit: 8_000, prompt: 10_000 }, undefined, Math.floor((9_500 * 6_000) / 10_000)],
    [{ limit: 8_000, prompt: 10_000 }, 1_000, Math.floor((9_500 * 7_000) / 10_000)],
    [{ limit: 8_000, prompt: 7_500, reply: 2_000 }, 2_000, Math.floor((9_500 * 6_000) / 7_500)],
    // Our count is higher than the provider's: in proportion to what it counted.
    [{ limit: 8_000, prompt: 20_000 }, 0, Math.floor((9_500 * 8_000) / 20_000)],
    [{ limit: 8_000 }, 1_000, 7_000],
    [{ limit: 1_000_000 }, undefined, 9_500],
    [{}, undefined, 5_000],
    [{ limit: 8_000, prompt: 100, reply: 9_000 }, undefined, -95_000],
  ])("after %j, with replies of %s tokens, is %i", (overflow, maxOutputTokens, expected) => {
    expect(smallerThan(10_000, overflow, maxOutputTokens)).toBe(expected);
  });

  it("is tried four times, and then the error is thrown", async () => {
    const limits: number[] = [];
    const error = httpError(400, "Your input exceeds the context window of this model.");
    const asking = shrinking({
      maxTokens: 16_000,
      maxOutputTokens: undefined,
      make: (limit) => limit,
      send: async (limit) => {
        limits.push(limit);
        throw error;
      },
      tokensOf: (limit) => limit,
      omittedFrom: () => [],
    });
    await expect(asking).rejects.toBe(error);
    expect(limits).toEqual([16_000, 8_000, 4_000, 2_000, 1_000]);
  });
});

describe("the limit of a prompt", () => {
  it.each([
    [{ maxPromptTokens: 1_000, model: "openai/gpt-4o" }, 1_000],
    [{ model: "openai/gpt-4o" }, 128_000 - 32_000],
    [{ model: "openai/gpt-4", maxOutputTokens: 1_000 }, 8_192 - 1_000],
    [{ model: "openai/gpt-4" }, 8_192 - 2_048],
    [{ model: "scripted/model" }, 32_000],
  ])("with %j is %i", (options, expected) => {
    expect(promptLimit(options)).toBe(expected);
  });

  it("leaves a quarter of a window for the reply, of a large one 32,000 tokens", () => {
    expect([leftByReply(4_096, undefined), leftByReply(1_000_000, undefined), leftByReply(4_096, 96)]).toEqual([
      3_072, 968_000, 4_000,
    ]);
  });
});
