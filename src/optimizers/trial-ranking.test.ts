import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { choices, range } from "../graph/domain.ts";
import { type Parameter, parameter } from "../graph/parameter.ts";
import { SearchSpace } from "./search-space.ts";
import { type Report, TrialRanking } from "./trial-ranking.ts";

const space = new SearchSpace(
  new Map<string, Parameter>([
    ["whole", parameter(0, { domain: range(0, 9, { integer: true }) })],
    ["real", parameter(0, { domain: range(0, 1) })],
    ["choice", parameter("a", { domain: choices(["a", "b", "c"]) })],
  ]),
);

const reports = fc.array(
  fc.record({
    key: fc.nat(30),
    values: fc.record({
      whole: fc.nat(9),
      real: fc.double({ min: 0, max: 1, noNaN: true }),
      choice: fc.constantFrom("a", "b", "c"),
    }),
    score: fc.option(fc.integer({ min: -3, max: 3 })),
  }),
  { maxLength: 200 },
);

/** The same by the definition. */
function naive(all: readonly Report[]) {
  const latest = new Map<unknown, Report>();
  for (const report of all) {
    latest.delete(report.key);
    latest.set(report.key, report);
  }
  const scored = [...latest.values()].filter(({ score }) => score !== null).reverse();
  return scored.sort((a, b) => (b.score as number) - (a.score as number));
}

describe("TrialRanking", () => {
  it("ranks and counts as the definition says, however the reports come", () => {
    fc.assert(
      fc.property(reports, fc.integer({ min: 1, max: 150 }), fc.nat(5), (list, size, numBest) => {
        const all = list.map(({ key, values, score }) => ({ key, point: space.encode(values), score }));
        const ranking = new TrialRanking(space.dimensions);
        for (let from = 0; from < all.length; from += size) ranking.report(all.slice(from, from + size));
        const expected = naive(all);
        expect(ranking.best(expected.length).map(({ point, score }) => [point, score])).toEqual(
          expected.map(({ point, score }) => [point, score]),
        );
        expect(ranking.size).toBe(expected.length);
        const best = Math.min(numBest, expected.length);
        for (const [index, { cellOf, middleOf }] of space.dimensions.entries()) {
          const others = expected.slice(best).map(({ point }) => cellOf(point[index] as number));
          const counts = new Map(
            [...new Set(others)].map((cell) => [middleOf(cell), others.filter((one) => one === cell).length]),
          );
          expect(new Map(ranking.others(index, best).map(({ value, count }) => [value, count]))).toEqual(counts);
        }
        for (const { point } of all) expect(ranking.isTried(point)).toBe(true);
        expect(ranking.isTried([2, 2, 2])).toBe(false);
      }),
      { numRuns: 200, seed: 4 },
    );
  });

  it("counts whole numbers each in a cell of its own, in whose middle it lies", () => {
    const [whole] = space.dimensions;
    const cells = Array.from({ length: 10 }, (_, value) => space.encode({ whole: value, real: 0, choice: "a" })[0] as number);
    expect(cells.map((place) => whole?.cellOf(place))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const place of cells) expect(whole?.middleOf(whole.cellOf(place))).toBeCloseTo(place, 12);
  });
});
