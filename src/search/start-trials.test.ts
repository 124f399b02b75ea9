import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { model, parameter, range, TPE, type TrainOptions, train } from "opto";
import { prioritySearch, racingSearch } from "opto/algorithms";
import type { RunEvent } from "opto/trainer";
import { describe, expect, it } from "vitest";

const rows = (count: number, from: number) => Array.from({ length: count }, (_, at) => ({ input: from + at, info: null }));

/** Trains an agent of which only the values decide the score, and counts what each value was run on. */
async function search(options: Partial<TrainOptions<number, number, null>> = {}) {
  const runs = new Map<string, number>();
  const agent = model({ a: parameter(3, { domain: range(0, 9, { integer: true }) }) }, async ({ a }, x: number) => {
    const key = `${a.value} on ${x}`;
    runs.set(key, (runs.get(key) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, x % 3));
    return a.value;
  });
  const events: RunEvent[] = [];
  const result = await train<number, number, null>({
    ...{ agent, trainDataset: rows(6, 100), validateDataset: rows(30, 0), algorithm: racingSearch() },
    guide: Object.assign((x: number, y: number) => (x % 10 < y ? 1 : 0), { scoreRange: [0, 1] as const }),
    ...{ optimizer: new TPE(agent, { seed: 1 }), batchSize: 6, numEpochs: 2, run: null, verbose: false },
    logger: { onEvent: (event) => void events.push(event) },
    ...options,
  });
  const times = Array.from({ length: 30 }, (_, x) => runs.get(`3 on ${x}`) ?? 0);
  const measured = events.flatMap((event) =>
    event.type === "candidate-measured" ? [`${event.position} ${event.candidate} ${event.examples}`] : [],
  );
  return { result, times, measured };
}

describe("the evaluation before the first iteration", () => {
  it("is what a search on parts of the validation data knows of its start", async () => {
    const { times, measured, result } = await search({ stop: { maxIterations: 1 } });
    expect(measured[0]).toMatch(/^iteration\/0\S* start 0,1,2,/);
    // If the start is kept it is evaluated once more after the iteration.
    expect(Math.max(...times)).toBeLessThanOrEqual(result.parameters.a === 3 ? 2 : 1);
    const without = await search({ stop: { maxIterations: 1 }, evalFrequency: 0 });
    expect(without.measured[0]).toMatch(/^iteration\/1/);
  });

  it("is known alike whatever runs at the same time", async () => {
    const one = await search({ numThreads: 1 });
    for (const options of [{ numThreads: 16 }, { numThreads: 16, rollouts: { overlapEvaluation: false } }]) {
      const other = await search(options);
      expect(other.measured).toEqual(one.measured);
      expect(other.result.parameters).toEqual(one.result.parameters);
    }
  });

  it("is known when the run resumes", async () => {
    const whole = await search();
    const dir = await mkdtemp(join(tmpdir(), "opto-start-"));
    try {
      await search({ run: { dir, id: "r" }, stop: { maxIterations: 1 } });
      const rest = await search({ run: { dir, id: "r" } });
      expect(rest.measured.some((text) => text.startsWith("iteration/0"))).toBe(false);
      expect(rest.measured).toEqual(whole.measured.filter((text) => /^iteration\/[2-9]/.test(text)));
      expect(rest.result.parameters).toEqual(whole.result.parameters);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it("has no part in a search that scores candidates on batches alone", async () => {
    const { measured } = await search({ algorithm: prioritySearch(), stop: { maxIterations: 1 } });
    expect(measured.some((text) => text.startsWith("iteration/0"))).toBe(false);
  });
});
