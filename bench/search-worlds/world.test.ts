import { gepa, PolicySearch } from "opto/algorithms";
import { describe, expect, it } from "vitest";
import { arms, reference } from "./arms.ts";
import { worldOf } from "./world.ts";

async function climb(seed: number, repair: number | null) {
  const { agent, optimizer, guide, train, validate, spent, truth } = worldOf({ seed, repair });
  const before = truth(agent.candidate().prompt ?? null);
  const search = new PolicySearch(agent, optimizer, gepa(), { numThreads: 1 });
  const stop = { maxIterations: 25 };
  await search.train(guide, train, {
    validateDataset: validate,
    batchSize: 3,
    numEpochs: 9,
    evalFrequency: 0,
    stop,
    seed,
    keep: "last",
  });
  return { before, after: truth(agent.candidate().prompt ?? null), spent };
}

describe("worldOf", () => {
  it("is the same world with the same runs for the same seed, and another one for another", async () => {
    const [first, again, other] = [await climb(1, 0.5), await climb(1, 0.5), await climb(2, 0.5)];
    expect(again).toEqual(first);
    expect(other.before).not.toBe(first.before);
  });

  it("lets a search climb where proposals repair failures", async () => {
    const runs = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => climb(seed, 1)));
    const gain = runs.reduce((sum, { before, after }) => sum + after - before, 0) / runs.length;
    expect(gain).toBeGreaterThan(0.03);
  });

  it("has candidates that are equally good where proposals only reword", async () => {
    const { before, after, spent } = await climb(1, null);
    expect(after).toBe(before);
    expect(spent.proposals).toBeGreaterThan(10);
  });

  it("counts task calls and proposals", async () => {
    const { spent } = await climb(1, 0.5);
    expect(spent.proposals).toBeGreaterThan(10);
    expect(spent.proposals).toBeLessThanOrEqual(25);
    expect(spent.tasks).toBeGreaterThan(100 + 25 * 3);
  });
});

describe("arms", () => {
  it("has the search that others are compared with, and searches that can be made", () => {
    expect(Object.keys(arms)).toContain(reference);
    for (const arm of Object.values(arms)) expect("policy" in arm ? arm.policy().name : arm.algorithm.name).toMatch(/\w/);
  });
});
