/**
 * Prices: given ones, those of the table, and what has none.
 *
 * @module
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import type { TokenCounts } from "../model-request.ts";
import { checkPrices, nanosPerDollar, PriceList, type Prices, unknownPrice } from "./prices.ts";

const now = Date.UTC(2026, 10, 25);
const million: TokenCounts = { inputTokens: 1e6, outputTokens: 1e6 };

function dollars(model: string, tokens: TokenCounts, prices: Prices = {}): number | null {
  const nanos = new PriceList(prices, now).nanos(model, tokens);
  return nanos === null ? null : nanos / nanosPerDollar;
}

afterEach(() => void vi.unstubAllEnvs());

describe("PriceList", () => {
  it.each<[model: string, dollars: number | null]>([
    ["openai/gpt-5-mini", 2.25],
    ["openai/gpt-5-mini-2025-08-07", 2.25],
    ["anthropic/claude-haiku-4-5", 6],
    ["groq/openai/gpt-oss-20b", 0.375],
    ["xai/grok-4", 18],
    ["google-vertex/gemini-2.5-flash", 2.8],
    ["amazon-bedrock/anthropic.claude-haiku-4-5-20251001-v1:0", 6.6],
    // Not in the table.
    ["openai/gpt-99", null],
    ["scripted/model", null],
    // Names that only look like those of providers.
    ["openai-compatible/gpt-5", null],
    ["my-openai/gpt-5-mini", null],
    ["constructor/gpt-5-mini", null],
    // Also paid by the request.
    ["perplexity/sonar", null],
    ["gpt-5-mini", null],
    ["", null],
  ])("a million tokens in and out of %s: %s", (model, expected) => {
    expect(dollars(model, million)).toBe(expected);
    expect(new PriceList({}, now).knows(model)).toBe(expected !== null);
  });

  it("prices long prompts by their size where a model does", () => {
    expect(dollars("openai/gpt-5.4", { inputTokens: 100_000, outputTokens: 1_000 })).toBe(0.265);
    expect(dollars("openai/gpt-5.4", { inputTokens: 300_000, outputTokens: 1_000 })).toBe(1.5225);
  });

  it("prices what was read from a cache and written to one, where that is known", () => {
    const tokens = { inputTokens: 1_000_000, outputTokens: 0, cachedInputTokens: 500_000, cacheWriteTokens: 100_000 };
    expect(dollars("anthropic/claude-haiku-4-5", tokens)).toBe(0.4 + 0.05 + 0.125);
    const given = { inputPerMillion: 1, outputPerMillion: 1 };
    expect(dollars("own/model", tokens, { "own/model": given })).toBe(1);
    expect(dollars("own/model", tokens, { "own/model": { ...given, cachedInputPerMillion: 0.1 } })).toBe(0.55);
    expect(dollars("own/model", tokens, { "own/model": { ...given, cacheWritePerMillion: 2 } })).toBe(1.1);
  });

  it("takes given prices first", () => {
    const prices = { "openai/gpt-5-mini": { inputPerMillion: 1, outputPerMillion: 3 } };
    expect(dollars("openai/gpt-5-mini", { inputTokens: 10, outputTokens: 20 }, prices)).toBe(0.00007);
    expect(dollars("anthropic/claude-haiku-4-5", million, prices)).toBe(6);
  });

  it.each<[url: string, dollars: number | null]>([
    ["http://localhost:11434/v1", null],
    ["https://llm.example.com/v1", null],
    ["https://api.openai.com/v1", 2.25],
    ["https://openrouter.ai/api/v1", null],
  ])("asks who answers at OPENAI_BASE_URL=%s", (url, expected) => {
    vi.stubEnv("OPENAI_BASE_URL", url);
    expect(dollars("openai/gpt-5-mini", million)).toBe(expected);
    expect(dollars("anthropic/claude-haiku-4-5", million)).toBe(6);
  });

  it("does not guess how many tokens there were, unless they cost nothing", () => {
    const prices = {
      "own/free": { inputPerMillion: 0, outputPerMillion: 0 },
      "own/half": { inputPerMillion: 0, outputPerMillion: 1 },
    };
    expect(dollars("own/free", { inputTokens: null, outputTokens: null }, prices)).toBe(0);
    expect(dollars("own/half", { inputTokens: null, outputTokens: 1e6 }, prices)).toBe(1);
    expect(dollars("own/half", { inputTokens: 1, outputTokens: null }, prices)).toBe(null);
  });
});

describe("checkPrices", () => {
  it.each<[prices: unknown, message: string]>([
    [3, 'Expected `prices` to be an object keyed by "provider/model", got 3'],
    [
      { "gpt-5": { inputPerMillion: 1, outputPerMillion: 1 } },
      'Expected `prices` to name models as "provider/model", got "gpt-5"',
    ],
    [
      { "a/b": { inputPerMillion: 1 } },
      "Expected `outputPerMillion` of the price of a/b to be dollars per million tokens, 0 or more, got undefined",
    ],
    [{ "a/b": { inputPerMillion: -1, outputPerMillion: 1 } }, "0 or more, got -1"],
    [{ "a/b": { inputPerMillion: Number.NaN, outputPerMillion: 1 } }, "got NaN"],
    [{ "a/b": { input: 1, outputPerMillion: 1 } }, "Unknown option `input` of the price of a/b"],
    [{ "a/b": 3 }, "Expected the options of the price of a/b to be an object, got 3"],
  ])("refuses %j", (prices, message) => {
    expect(() => checkPrices(prices as Prices)).toThrow(message);
  });

  it.each<[name: string, baseUrl: string, reason: string]>([
    ["a model of no table", "", "it is in no price table"],
    [
      "a server that OPENAI_BASE_URL names",
      "http://me:secret@127.0.0.1:4999/v1?key=x",
      "OPENAI_BASE_URL names another server (http://127.0.0.1:4999/v1), and no price table covers it",
    ],
  ])("says why the price of %s is not known, and suggests no number of another model", (_name, baseUrl, reason) => {
    vi.stubEnv("OPENAI_BASE_URL", baseUrl);
    const text = unknownPrice("openai/gpt-5");
    expect(text).toBe(
      `${reason}. Give calls: { prices: { "openai/gpt-5": { inputPerMillion: …, outputPerMillion: … } } }, in dollars per million tokens; 0 for a model that costs nothing`,
    );
    expect(text).not.toMatch(/0\.25|\b2\b/);
    vi.unstubAllEnvs();
  });
});
