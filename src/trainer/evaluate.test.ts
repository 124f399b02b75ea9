import { describe, expect, it } from "vitest";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { evaluate } from "./evaluate.ts";

const agent = model({ factor: parameter(2) }, async ({ factor }, x: number) => {
  if (x === 13) throw new RangeError("unlucky");
  await new Promise((resolve) => setTimeout(resolve, x % 3));
  return factor.value * x;
});
const guide = (_x: number, y: number, info: number): number => y + info;

function* counted(count: number): Generator<{ input: number; info: number }> {
  for (let index = 0; index < count; index++) yield { input: index, info: 100 * index };
}

async function* later(count: number): AsyncGenerator<{ input: number; info: number }> {
  for (const example of counted(count)) {
    await null;
    yield example;
  }
}

describe("evaluate", () => {
  it.each([
    ["a list", () => [...counted(9)]],
    ["a generator", () => counted(9)],
    ["an async generator", () => later(9)],
  ])("takes examples from %s, and gives scores in their order", async (_, examples) => {
    const { mean, scores, samples } = await evaluate(agent, guide, examples(), { numThreads: 4, numSamples: 2 });
    const expected = Array.from({ length: 9 }, (_, x) => 102 * x);
    expect([mean, scores]).toEqual([408, expected]);
    expect(samples).toEqual(expected.map((score) => [score, score]));
  });

  it("reads no further ahead than there is room for", async () => {
    let read = 0;
    async function* endless(): AsyncGenerator<{ input: number; info: number }> {
      for (; ; read++) yield { input: read, info: 0 };
    }
    await expect(evaluate(agent, (x) => (x === 20 ? Number.NaN : x), endless(), { numThreads: 3 })).rejects.toThrow(/finite/);
    expect(read).toBeLessThan(28);
  });

  it.each([
    [[], /at least one example/],
    [counted(0), /at least one example/],
    [later(0), /at least one example/],
    [[{ input: 1, info: 1 }, { input: 2 }], /example 1 to be { input, info }/],
    [7, /iterable of { input, info }, got 7/],
  ])("refuses %o", async (examples, message) => {
    await expect(evaluate(agent, guide, examples as never)).rejects.toThrow(message);
  });

  it.each([
    ["that hangs, at an abort", [{ input: 1, info: 0 }], 30, /timeout/],
    ["at an example that is none", [{ input: 1, info: 0 }, { input: 2 }], undefined, /example 1/],
    ["at an error of the guide", [{ input: 1, info: Number.NaN }], undefined, /finite/],
  ])("lets go of a source %s", async (_, examples, timeoutMs, message) => {
    let returned = 0;
    const signal = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const left = [...examples];
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => (left.length > 0 ? { done: false, value: left.shift() } : await new Promise(() => {})),
        return: async () => ({ done: true, value: returned++ }),
      }),
    };
    await expect(evaluate(agent, guide, source as never, { signal })).rejects.toThrow(message);
    expect(returned).toBe(1);
  });

  it("tells of failures and outages in a stream", async () => {
    const flaky = (x: number, y: number): number => {
      if (x % 5 === 0) throw Object.assign(new Error("slow down"), { status: 429 });
      return y;
    };
    const found = await evaluate(agent, flaky, counted(15), { minScore: -1 });
    expect([found.failed, found.unscored, found.scores[13], found.scores[5]]).toEqual([1, 3, -1, null]);
    expect(found.coverage).toBeCloseTo(0.8, 12);
    // The input 13 fails: it counts as the lowest score, at most 0.
    const { mean, scores } = await evaluate(agent, guide, counted(15));
    expect([mean === null, scores[13]]).toEqual([false, 0]);
  });

  it("counts a failure as the highest score where less is better", async () => {
    const ranged = Object.assign((x: number) => x, { scoreRange: [0, 50] as const });
    const options = { lowerIsBetter: true };
    expect((await evaluate(agent, (x: number) => x, counted(15), options)).scores[13]).toBe(14);
    expect((await evaluate(agent, ranged, counted(15), options)).scores[13]).toBe(50);
    expect((await evaluate(agent, ranged, counted(15), { ...options, minScore: 7 })).scores[13]).toBe(7);
  });
});
