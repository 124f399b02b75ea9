import { Random } from "opto/data";
import { describe, expect, it } from "vitest";
import { objective } from "../data/objectives.ts";
import { SearchArchive } from "../search/archive.ts";
import type { Entry, Step } from "../search/search.ts";
import { gepa } from "./gepa.ts";

/** A step of which only the choice of the parent matters: proposals fail, so that they are the parent. */
function stepWith(archive: SearchArchive, current: Entry, weights: number[][]): Step {
  class Noted extends Random {
    override weightedIndex(given: readonly number[]): number {
      weights.push([...given]);
      return super.weightedIndex(given);
    }
  }
  const sample = (dataset: "train" | "validate", size: number) => ({
    dataset,
    examples: Array.from({ length: size }, (_, at) => at),
  });
  const { objective } = archive;
  return {
    ...{ iteration: 1, archive, current, objective, scoreRange: undefined, parameters: ["prompt"], random: new Noted(1) },
    ...{ batch: sample("train", 3), validation: sample("validate", 4) },
    history: { best: () => [], latest: () => [], find: () => undefined, log: { scale: {}, length: 0, from: () => [] } },
    data: () => [],
    reached: () => ["prompt"],
    rulesOf: () => ({ domain: undefined, problems: () => [] }),
    workedExamples: () => [],
    forward: async () => [],
    propose: async (parents) => parents,
    add: () => current,
    score: async () => {},
  };
}

describe("gepa", () => {
  // Two specialists, each the only one right on an example, cover all that the best candidate is right on.
  const scores = [
    [1, 1, 0, 0],
    [0, 0, 1, 1],
    [1, 0.5, 1, 0.5],
  ];

  it.each([
    [true, [2, 2, 1]],
    [false, [2, 2]],
  ])("draws the best candidate although others cover its examples: %s", async (keepBest, expected) => {
    const archive = new SearchArchive();
    const entries = scores.map((row, index) => {
      const entry = archive.add({ id: `${index}`, values: { prompt: index }, parents: [], origin: "test" });
      for (const [example, score] of row.entries())
        archive.note(entry, "validate", example, { scores: { score }, failed: false });
      return entry;
    });
    const weights: number[][] = [];
    const policy = gepa({ keepBest });
    const pool = entries.map(({ id }) => [id, 0] as const);
    await policy.iterate(stepWith(archive, entries[2] as Entry, weights), { ...policy.start, pool });
    expect(weights).toEqual([expected]);
  });

  it.each([
    { minimize: [], scores: [1, 1, 1], perfectScore: 1, isAsked: false },
    { minimize: [], scores: [1, 0, 1], perfectScore: 1, isAsked: true },
    { minimize: ["score"], scores: [0, 0.1, 0], perfectScore: 0.1, isAsked: false },
    { minimize: ["score"], scores: [1, 1, 1], perfectScore: 0.1, isAsked: true },
  ])("does not improve a perfect batch: %o", async ({ minimize, scores, perfectScore, isAsked }) => {
    const archive = new SearchArchive({ objective: objective({ minimize }) });
    const start = archive.add({ id: "start", values: { prompt: 0 }, parents: [], origin: "start" });
    for (const [example, score] of scores.entries()) archive.note(start, "train", example, { scores: { score }, failed: false });
    let asked = false;
    const policy = gepa({ perfectScore });
    const propose: Step["propose"] = async (parents) => {
      asked = true;
      return parents;
    };
    await policy.iterate({ ...stepWith(archive, start, []), propose }, policy.start);
    expect(asked).toBe(isAsked);
  });

  it("refuses an unknown option", () => {
    expect(() => gepa({ front: "both" as "hybrid" })).toThrow(
      'Expected `front` of GepaSearch to be "instance", "objective", "hybrid" or "cartesian"',
    );
  });
});
