import { describe, expect, it } from "vitest";
import { objective } from "../data/objectives.ts";
import { SearchArchive, startId } from "./archive.ts";
import { sureMeans } from "./compare.ts";
import type { Entry, Trial } from "./search.ts";

const size = 8;
const on = { dataset: "train", examples: Array.from({ length: size }, (_, example) => example) } as const;
const bounded = objective({ constraints: { effort: { max: 5 } } });

/** The start keeps the bound; the other passes it, and fails on every example from `answered` on. */
function archiveOf(answered: number, by = bounded): { archive: SearchArchive; start: Entry; other: Entry } {
  const archive = new SearchArchive({ objective: by, scoreRanges: { train: [0, 1] } });
  const add = (id: string, a: number): Entry => archive.add({ id, values: { a }, parents: [], origin: "test" });
  const [start, other] = [add(startId, 0), add("other", 1)];
  const failed: Trial = { scores: null, failed: true, error: "boom" };
  for (const example of on.examples) {
    archive.note(start, "train", example, { scores: { score: 0.1, effort: 4 }, failed: false });
    archive.note(other, "train", example, example < answered ? { scores: { score: 0.9, effort: 8 }, failed: false } : failed);
  }
  return { archive, start, other };
}

describe("a bound on a metric", () => {
  it.each([8, 6, 4, 2])("is not met by failing: %i of 8 answered", (answered) => {
    const { archive, start, other } = archiveOf(answered);
    expect(archive.top([start, other], 1, on)).toEqual([start]);
    expect(archive.mean(other)?.effort).toBe(answered >= size / 2 ? 8 : undefined);
    const means = sureMeans(archive.table(other, "train"), on.examples, archive.optionsOf("train"));
    expect(means?.effort).toBe(answered >= size / 2 ? 8 : undefined);
  });

  it("on the worse side counts failures as the worst", () => {
    const { archive, other } = archiveOf(
      4,
      objective({ weights: { score: 1 }, minimize: ["effort"], constraints: { effort: { max: 5 } } }),
    );
    expect(archive.mean(other)?.effort).toBe(8);
  });

  it("on the worse side is missed by failures that count as the lowest", () => {
    const { archive, start, other } = archiveOf(4, objective({ constraints: { effort: { min: 3 } } }));
    expect(archive.mean(other)?.effort).toBe(4);
    expect(archive.top([start, other], 1, on)).toEqual([other]);
  });
});

describe("a metric that the objective names and no answer has", () => {
  it.each([null, 0])("is refused with missingValue %s", (missingValue) => {
    const { archive, start, other } = archiveOf(8, objective({ weights: { score: 1, efort: 1 }, missingValue }));
    expect(() => archive.compare([start, other], on)).toThrow("Expected a metric `efort`, by which the objective compares");
  });
});
