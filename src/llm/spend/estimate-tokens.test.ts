/**
 * Estimates of tokens: above what tokenizers count in ordinary text.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { estimateInputTokens, estimateTokens } from "./estimate-tokens.ts";

describe("estimateTokens", () => {
  // The second number is what OpenAI's o200k_base counts.
  it.each<[text: string, counted: number, estimated: number]>([
    ["", 0, 0],
    ["The quick brown fox jumps over the lazy dog.", 10, 15],
    ["const total = items.reduce((sum, item) => sum + item.price, 0);", 16, 21],
    ["Überraschung für alle", 5, 9],
    ["こんにちは世界", 2, 7],
    ["🙂🙂", 2, 4],
  ])("%j: %i tokens, estimated %i", (text, counted, estimated) => {
    expect(estimateTokens(text)).toBe(estimated);
    expect(estimated).toBeGreaterThanOrEqual(counted);
  });
});

describe("estimateInputTokens", () => {
  it.each([
    [{ prompt: "abc" }, 13],
    [{ system: "abcdef", prompt: "abc" }, 21],
    [{ system: "", prompt: "" }, 6],
    [{ messages: [{ role: "user" as const, content: "abc" }] }, 13],
    [{ messages: [{ role: "user" as const, content: [{ type: "text", text: "abc" }] }] }, 13],
    [{ messages: [{ role: "user" as const, content: [{ type: "image", image: "x".repeat(1_000_000) }] }] }, 1_512],
    [{ messages: [{ role: "tool" as const, content: [{ type: "tool-result", output: "abc" }] }] }, 25],
  ])("%j: %i", (request, expected) => {
    expect(estimateInputTokens(request)).toBe(expected);
  });
});
