import { describe, expect, it } from "vitest";
import { SearchArchive, startId } from "../search/archive.ts";
import type { Entry, Trial } from "../search/search.ts";
import { byMean, meansOf, upperBounds } from "./standing.ts";
import { scoreRows, twoWayEstimates } from "./two-way-estimates.ts";

const scored = (score: number): Trial => ({ scores: { score }, failed: false });
const unscored: Trial = { scores: null, failed: false };
const size = 8;

/** The start scores 0.5 everywhere; one candidate 1 on the first `answered` examples and nothing elsewhere; another 0.6 everywhere. */
function archiveOf(answered: number): { archive: SearchArchive; start: Entry; partial: Entry; whole: Entry } {
  const archive = new SearchArchive({ scoreRanges: { train: [0, 1] } });
  const add = (id: string, a: number): Entry => archive.add({ id, values: { a }, parents: [], origin: "test" });
  const [start, partial, whole] = [add(startId, 0), add("partial", 1), add("whole", 2)];
  for (let example = 0; example < size; example++) {
    archive.note(start, "train", example, scored(0.5));
    archive.note(partial, "train", example, example < answered ? scored(1) : unscored);
    archive.note(whole, "train", example, scored(0.6));
  }
  return { archive, start, partial, whole };
}

describe("what could not be scored", () => {
  it("counts as failed where enough was scored", () => {
    const { archive, start, partial, whole } = archiveOf(7);
    expect(meansOf(archive, [start, partial, whole])).toEqual([0.5, 7 / 8, expect.closeTo(0.6)]);
    expect(byMean(archive, [start, partial, whole])).toEqual([partial, whole, start]);
  });

  it("puts a candidate behind all others where less than 80% was scored, however good the rest is", () => {
    const { archive, start, partial, whole } = archiveOf(6);
    expect(meansOf(archive, [start, partial, whole])).toEqual([0.5, 0.5, expect.closeTo(0.6)]);
    expect(byMean(archive, [partial, start, whole])).toEqual([whole, start, partial]);
    const bounds = upperBounds(archive, [start, partial, whole], 0);
    expect(bounds.get(partial)).toBeLessThan(bounds.get(whole) as number);
  });

  it("is no mean where nothing was scored", () => {
    const { archive, start, partial } = archiveOf(0);
    expect(meansOf(archive, [start, partial])).toEqual([0.5, Number.NEGATIVE_INFINITY]);
    expect(byMean(archive, [partial, start])).toEqual([start, partial]);
  });

  it("counts in two-way estimates", () => {
    const { archive, start, partial, whole } = archiveOf(2);
    const on = { dataset: "train", examples: Array.from({ length: size }, (_, example) => example) } as const;
    const estimates = twoWayEstimates(scoreRows(archive, [start, partial, whole], on));
    expect(estimates.get(partial)?.score).toBeLessThan(estimates.get(start)?.score as number);
  });
});
