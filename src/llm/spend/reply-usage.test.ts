import { describe, expect, it } from "vitest";
import { type ReportedUsage, usageOf } from "./reply-usage.ts";

const estimates = { inputTokens: 100, outputTokens: 20 };
const v3 = (input: object, output: object = { total: 10 }, raw?: object) => ({
  usage: { inputTokens: input, outputTokens: output, ...(raw === undefined ? {} : { raw }) },
});

type Row = readonly [name: string, reported: ReportedUsage, counted: object, provider?: string];
const table: readonly Row[] = [
  // Specification v2
  ["v2", { usage: { inputTokens: 12, outputTokens: 3, totalTokens: 15 } }, { inputTokens: 12, outputTokens: 3 }],
  [
    "v2, cached tokens as a part of the input",
    { usage: { inputTokens: 12, outputTokens: 3, totalTokens: 15, cachedInputTokens: 8 } },
    { inputTokens: 12, outputTokens: 3, cachedInputTokens: 8 },
  ],
  [
    "v2, more cached tokens than input",
    { usage: { inputTokens: 4, outputTokens: 10, totalTokens: 14, cachedInputTokens: 10_000 } },
    { inputTokens: 10_004, outputTokens: 10, cachedInputTokens: 10_000 },
  ],
  [
    "v2, cached tokens beside the input by the total",
    { usage: { inputTokens: 400, outputTokens: 10, totalTokens: 510, cachedInputTokens: 100 } },
    { inputTokens: 500, outputTokens: 10, cachedInputTokens: 100 },
  ],
  [
    "v2 of Anthropic, whose total leaves the cache out",
    {
      usage: { inputTokens: 400, outputTokens: 10, totalTokens: 410, cachedInputTokens: 100 },
      providerMetadata: { anthropic: { cacheCreationInputTokens: 50 } },
    },
    { inputTokens: 550, outputTokens: 10, cachedInputTokens: 100, cacheWriteTokens: 50 },
    "anthropic.messages",
  ],
  [
    "v2 of Bedrock",
    {
      usage: { inputTokens: 400, outputTokens: 10, totalTokens: 410, cachedInputTokens: 100 },
      providerMetadata: { bedrock: { usage: { cacheWriteInputTokens: 50 } } },
    },
    { inputTokens: 550, outputTokens: 10, cachedInputTokens: 100, cacheWriteTokens: 50 },
    "amazon-bedrock",
  ],
  [
    "v2, reasoning as a part of the output",
    { usage: { inputTokens: 4, outputTokens: 510, totalTokens: 514, reasoningTokens: 500 } },
    { inputTokens: 4, outputTokens: 510, reasoningTokens: 500 },
  ],
  [
    "v2, reasoning beside the output by the total",
    { usage: { inputTokens: 4, outputTokens: 600, totalTokens: 1_104, reasoningTokens: 500 } },
    { inputTokens: 4, outputTokens: 1_100, reasoningTokens: 500 },
  ],
  [
    "v2, both beside the sums",
    { usage: { inputTokens: 40, outputTokens: 60, totalTokens: 150, cachedInputTokens: 20, reasoningTokens: 30 } },
    { inputTokens: 60, outputTokens: 90, cachedInputTokens: 20, reasoningTokens: 30 },
  ],
  [
    "v2, reasoning alone beside the sums, with fewer tokens cached",
    { usage: { inputTokens: 40, outputTokens: 60, totalTokens: 130, cachedInputTokens: 20, reasoningTokens: 30 } },
    { inputTokens: 40, outputTokens: 90, cachedInputTokens: 20, reasoningTokens: 30 },
  ],
  [
    "v2, a total with something that is not named",
    { usage: { inputTokens: 40, outputTokens: 60, totalTokens: 130 } },
    { inputTokens: 40, outputTokens: 90 },
  ],
  [
    "v2, a total that is too small",
    { usage: { inputTokens: 40, outputTokens: 60, totalTokens: 7 } },
    { inputTokens: 40, outputTokens: 60 },
  ],
  // v3 and v4
  ["v3", v3({ total: 12, noCache: 12, cacheRead: 0, cacheWrite: 0 }), { inputTokens: 12, outputTokens: 10 }],
  [
    "v3, with caches and reasoning",
    v3({ total: 10_014, noCache: 4, cacheRead: 10_000, cacheWrite: 10 }, { total: 510, text: 10, reasoning: 500 }),
    { inputTokens: 10_014, outputTokens: 510, cachedInputTokens: 10_000, cacheWriteTokens: 10, reasoningTokens: 500 },
  ],
  [
    "v3, parts alone",
    v3({ noCache: 4, cacheRead: 100 }, { text: 10, reasoning: 5 }),
    { inputTokens: 104, outputTokens: 15, cachedInputTokens: 100, reasoningTokens: 5 },
  ],
  [
    "v3, totals that leave the parts out",
    v3({ total: 4, noCache: 4, cacheRead: 100 }, { total: 10, text: 10, reasoning: 5 }),
    { inputTokens: 104, outputTokens: 15, cachedInputTokens: 100, reasoningTokens: 5 },
  ],
  [
    "v3, a server that leaves reasoning out of the output and keeps it in its total",
    v3({ total: 4 }, { total: 10, text: 10, reasoning: 0 }, { total_tokens: 54 }),
    { inputTokens: 4, outputTokens: 50 },
  ],
  // What cannot be used
  ["nothing", {}, { inputTokens: 100, outputTokens: 20, estimated: true }],
  ["null", { usage: null }, { inputTokens: 100, outputTokens: 20, estimated: true }],
  ["text", { usage: { inputTokens: "12", outputTokens: "3" } }, { inputTokens: 100, outputTokens: 20, estimated: true }],
  [
    "zero",
    { usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 } },
    { inputTokens: 100, outputTokens: 20, estimated: true },
  ],
  [
    "NaN",
    { usage: { inputTokens: Number.NaN, outputTokens: 5, totalTokens: Number.NaN } },
    { inputTokens: 100, outputTokens: 5, estimated: true },
  ],
  [
    "negative",
    { usage: { inputTokens: -1, outputTokens: -2, totalTokens: -3 } },
    { inputTokens: 100, outputTokens: 20, estimated: true },
  ],
  ["infinite", v3({ total: Infinity }, { total: -Infinity }), { inputTokens: 100, outputTokens: 20, estimated: true }],
  [
    "more than can be counted",
    { usage: { inputTokens: 1e300, outputTokens: 1 } },
    { inputTokens: 100, outputTokens: 1, estimated: true },
  ],
  ["a total alone", { usage: { totalTokens: 77 } }, { inputTokens: 57, outputTokens: 20, estimated: true }],
  ["a larger total alone", { usage: { totalTokens: 170 } }, { inputTokens: 100, outputTokens: 70, estimated: true }],
  ["a total and one part", { usage: { outputTokens: 7, totalTokens: 77 } }, { inputTokens: 70, outputTokens: 7 }],
  ["a total and the other part", { usage: { inputTokens: 70, totalTokens: 77 } }, { inputTokens: 70, outputTokens: 7 }],
  ["fractions", { usage: { inputTokens: 1.5, outputTokens: 2.5 } }, { inputTokens: 2, outputTokens: 3 }],
];

const rows = table.map(([name, reported, counted, provider = "acme"]) => [name, reported, counted, provider] as const);

describe("usageOf", () => {
  it.each(rows)("counts %s", (_name, reported, counted, provider) => {
    expect(usageOf(reported, provider, estimates)).toEqual(counted);
  });

  it("leaves a reply without a text at no output", () => {
    expect(usageOf({ usage: { inputTokens: 5, outputTokens: 0 } }, "acme", { inputTokens: 9, outputTokens: 0 })).toEqual({
      inputTokens: 5,
      outputTokens: 0,
    });
  });

  it.each(rows)("counts what it has counted as it is: %s", (_name, reported, _counted, provider) => {
    const { estimated: _, cacheWriteTokens: __, ...usage } = usageOf(reported, provider, estimates);
    expect(usageOf({ usage }, "acme", estimates)).toEqual(usage);
  });
});
