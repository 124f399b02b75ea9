/**
 * The rule of comparison: by hand, and over random tables.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Cell,
  type ComparisonOptions,
  cellsToRepeat,
  compareCandidates,
  failureScore,
  meanOfScored,
  pessimisticMean,
  type Row,
  reaches,
  sureMean,
} from "./comparison.ts";

const [f, u] = ["failed", "unscored"] as const;
const many = (count: number, cell: Cell): Cell[] => new Array<Cell>(count).fill(cell);
const unit: ComparisonOptions = { scoreRange: [0, 1] };

describe("where less is better", () => {
  const lower = { lowerIsBetter: true };

  it.each([
    { row: [4, f], scale: { ...lower, scoreRange: [0, 10] as const }, mean: 7 },
    { row: [4, 1, f], scale: lower, mean: 3 },
    { row: [-4, f], scale: lower, mean: -2 },
    { row: [4, f], scale: { ...lower, minScore: 5 }, mean: 4.5 },
  ])("a failure is the worst score, the highest: $row, $scale", ({ row, scale, mean }) => {
    expect(meanOfScored(row, scale)).toBe(mean);
  });

  it("what could not be scored counts as failed, and never as better than the highest score", () => {
    const row = [...many(4, 1), u];
    expect(sureMean(row, { ...lower, scoreRange: [0, 10] })).toBeCloseTo(2.8, 12);
    expect(sureMean(row, { ...lower, scoreRange: [0, 10], minScore: 0 })).toBeCloseTo(2.8, 12);
  });

  it("a score is reached from above", () => {
    expect([1, 2, 2 + 1e-12, 2.1].map((mean) => reaches(mean, 2, true))).toEqual([true, true, true, false]);
    expect(reaches(null, 2, true)).toBe(false);
  });
});

describe("a failure counts as", () => {
  it.each<{ name: string; rows: Row[]; scale: ComparisonOptions; expected: number }>([
    { name: "what the user says", rows: [[-5, f]], scale: { minScore: 2, scoreRange: [-10, 10] }, expected: 2 },
    { name: "the declared minimum", rows: [[-5, f]], scale: { minScore: null, scoreRange: [-10, 10] }, expected: -10 },
    { name: "the lowest score of the comparison", rows: [[-5, f], [-7]], scale: {}, expected: -7 },
    { name: "at most 0", rows: [[5, f], [7]], scale: {}, expected: 0 },
    { name: "0 where nothing was scored", rows: [[f, f]], scale: {}, expected: 0 },
  ])("$name", ({ rows, scale, expected }) => {
    expect(failureScore(rows, scale)).toBe(expected);
  });
});

describe("the mean of one candidate", () => {
  it.each<{ name: string; row: Row; scale?: ComparisonOptions; scored: number | null; pessimistic: number | null }>([
    { name: "all scored", row: [0, 1], scored: 0.5, pessimistic: 0.5 },
    { name: "a failure counts", row: [-4, f, -2], scored: -10 / 3, pessimistic: -10 / 3 },
    { name: "an unscored example is left out, or counts as failed", row: [1, 1, u, 1], scored: 1, pessimistic: 0.75 },
    { name: "nothing but failures have no scale", row: [f, f], scored: null, pessimistic: 0 },
    { name: "nothing but failures with a scale", row: [f, f], scale: { scoreRange: [-1, 1] }, scored: -1, pessimistic: -1 },
    { name: "nothing scored", row: [u, u], scored: null, pessimistic: 0 },
    {
      name: "minScore above the scores helps no unscored example",
      row: [-4, u],
      scale: { minScore: 0 },
      scored: -4,
      pessimistic: -4,
    },
  ])("$name", ({ row, scale, scored, pessimistic }) => {
    expect([meanOfScored(row, scale), pessimisticMean(row, scale)]).toEqual([scored, pessimistic]);
  });

  it.each<{ name: string; row: Row; reached: boolean }>([
    { name: "exactly", row: many(5, 0.9), reached: true },
    { name: "four of five, also when the fifth failed", row: [...many(4, 1), u], reached: false },
    { name: "nine of ten", row: [...many(9, 1), u], reached: true },
    { name: "one of six", row: [1, ...many(5, u)], reached: false },
    { name: "nothing", row: [], reached: false },
    { name: "what rounding hides", row: many(7, 0.9), reached: true },
    { name: "not what is a little less", row: many(7, 0.89999), reached: false },
  ])("reaches 0.9: $name", ({ row, reached }) => {
    expect(reaches(sureMean(row), 0.9)).toBe(reached);
  });
});

describe("who wins", () => {
  it.each<{ name: string; rows: Row[]; options?: ComparisonOptions; winner: number | null; isDecided?: boolean }>([
    {
      name: "the highest mean",
      rows: [
        [0.5, 0.5],
        [0.6, 0.6],
        [0.7, 0.7],
      ],
      winner: 2,
    },
    {
      name: "of equals the current values",
      rows: [
        [0.5, 0.5],
        [1, 0],
      ],
      winner: 0,
    },
    {
      name: "of equal proposals the earlier",
      rows: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
      winner: 1,
    },
    {
      name: "only beyond the threshold",
      rows: [
        [0, 0],
        [1, 0],
      ],
      options: { threshold: 0.5 },
      winner: 0,
    },
    { name: "one failing example of ten hides nothing", rows: [many(10, 0), [...many(9, 1), f]], winner: 1 },
    {
      name: "with the same failing example on both sides",
      rows: [
        [...many(9, 0), f],
        [...many(9, 1), f],
      ],
      winner: 1,
    },
    { name: "nobody by the easy one of six", rows: [many(6, 0.8), [1, ...many(5, u)]], winner: 0 },
    { name: "nobody by leaving out one hard example of six", rows: [many(6, 0.8), [...many(5, 0.9), u]], winner: 0 },
    { name: "what is better in spite of an outage", rows: [many(6, 0.5), [...many(5, 0.9), u]], winner: 1 },
    { name: "by no example that the current values lost", rows: [[...many(4, 1), u], many(5, 0.9)], winner: 0 },
    {
      name: "nor does an example lost by both count",
      rows: [
        [u, ...many(5, 0.8)],
        [u, ...many(5, 0.9)],
      ],
      winner: 1,
    },
    {
      name: "nobody against current values that an outage hid",
      rows: [[1, 1, ...many(3, u)], many(5, 0.9)],
      winner: 0,
      isDecided: false,
    },
    { name: "against current values that alone run out of time", rows: [[1, ...many(5, u)], many(6, 0.8)], winner: 1 },
    { name: "but not by less than these come to with failures", rows: [[1, ...many(5, u)], many(6, 0.1)], winner: 0 },
    {
      name: "nobody when all lose as much",
      rows: [
        [1, ...many(5, u)],
        [0.8, ...many(5, u)],
      ],
      winner: 0,
      isDecided: false,
    },
    {
      name: "no candidate that was dropped",
      rows: [
        [0.5, 0.5],
        [1, undefined],
      ],
      winner: 0,
    },
    {
      name: "against current values that were dropped",
      rows: [
        [0.5, undefined],
        [1, 1],
        [0.9, 1],
      ],
      winner: 1,
    },
    {
      name: "the best where there are no current values",
      rows: [
        [0.5, 0.5],
        [0.7, 0.7],
      ],
      options: { current: null },
      winner: 1,
    },
    {
      name: "nobody where none is covered",
      rows: [
        [1, u],
        [u, 1],
      ],
      options: { current: null },
      winner: null,
    },
    {
      name: "a bad proposal does not win by failing everywhere",
      rows: [
        [-3, -4],
        [f, f],
      ],
      winner: 0,
    },
    {
      name: "minScore says what a failure scores",
      rows: [
        [-3, -4],
        [f, f],
      ],
      options: { minScore: 0 },
      winner: 1,
    },
    {
      name: "minScore does not make time-outs worth more",
      rows: [many(10, -3), [...many(9, -3.1), u]],
      options: { minScore: 0 },
      winner: 0,
    },
  ])("$name", ({ rows, options, winner, isDecided = true }) => {
    expect(compareCandidates(rows, options)).toMatchObject({ winner, isDecided });
  });

  it("says with counts who could not be compared, and by what the others were", () => {
    const { standings } = compareCandidates([many(6, 0.8), [1, ...many(5, u)], [0.5, f, ...many(4, 0.5)], [1, undefined]], unit);
    expect(standings).toEqual([
      { scored: 6, failed: 0, unscored: 0, total: 6, mean: expect.closeTo(0.8, 12), isEligible: true, isOwnDoing: false },
      { scored: 1, failed: 0, unscored: 5, total: 6, mean: expect.closeTo(1 / 6, 12), isEligible: false, isOwnDoing: true },
      { scored: 5, failed: 1, unscored: 0, total: 6, mean: expect.closeTo(2.5 / 6, 12), isEligible: true, isOwnDoing: false },
      { scored: 1, failed: 0, unscored: 0, total: 2, mean: null, isEligible: false, isOwnDoing: false },
    ]);
  });
});

describe("cellsToRepeat", () => {
  it.each<{ name: string; rows: Row[]; expected: [row: number, example: number][] }>([
    {
      name: "example by example",
      rows: [
        [1, u, u],
        [1, u, 1],
      ],
      expected: [
        [0, 1],
        [1, 1],
        [0, 2],
      ],
    },
    {
      name: "nothing of a candidate that was dropped",
      rows: [
        [1, 1],
        [u, undefined],
      ],
      expected: [],
    },
    {
      name: "nothing when nothing was scored",
      rows: [
        [u, u],
        [u, u],
      ],
      expected: [],
    },
    { name: "beside a failure", rows: [[f, u]], expected: [[0, 1]] },
  ])("$name", ({ rows, expected }) => {
    expect(cellsToRepeat(rows).map(({ row, example }) => [row, example])).toEqual(expected);
  });
});

describe("over random tables", () => {
  const [least, most] = [-2, 3];
  const scale = { scoreRange: [least, most] as const };
  const score = fc.oneof(fc.constantFrom(least, 0, most), fc.double({ min: least, max: most, noNaN: true }));
  /** What a candidate is worth on each example, and what could be seen of it. A failure is worth the least. */
  const cell = (unscored: number) =>
    fc.tuple(score, fc.double({ min: 0, max: 1, noNaN: true })).map(([worth, chance]): { worth: number; seen: Cell } => {
      if (chance < unscored) return { worth, seen: u };
      return chance > 0.9 ? { worth: least, seen: f } : { worth, seen: worth };
    });
  const tables = fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 2, max: 5 }), fc.constantFrom(0, 0.05, 0.2, 0.5))
    .chain(([size, candidates, unscored]) =>
      fc.array(fc.array(cell(unscored), { minLength: size, maxLength: size }), { minLength: candidates, maxLength: candidates }),
    );
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  it("no candidate wins that is worse on the complete table by more than 20% of the range", () => {
    const property = fc.property(tables, (table) => {
      const rows = table.map((cells) => cells.map(({ seen }) => seen));
      const { winner, standings } = compareCandidates(rows, scale);
      if (winner === null || winner === 0) return;
      // What current values leave unscored by their own doing is worth the least.
      const isFaulty = standings[0]?.isOwnDoing === true;
      const before = mean(
        (table[0] as (typeof table)[number]).map(({ worth, seen }) => (isFaulty && seen === u ? least : worth)),
      );
      const after = mean((table[winner] as (typeof table)[number]).map(({ worth }) => worth));
      expect(after).toBeGreaterThanOrEqual(before - 0.2 * (most - least) - 1e-9);
      if (!rows.some((row) => row.includes(u))) expect(after).toBeGreaterThan(before - 1e-9);
    });
    fc.assert(property, { numRuns: 1_500 });
  });

  it("losing an example never helps the candidate that loses it, unless it is the current one", () => {
    const property = fc.property(tables, fc.nat(), fc.nat(), (table, which, where) => {
      const rows = table.map((cells) => cells.map(({ seen }) => seen));
      const candidate = 1 + (which % (rows.length - 1));
      const example = where % (rows[0] as Cell[]).length;
      const poorer = rows.map((row, index) => (index === candidate ? row.with(example, u) : row));
      const isFaulty = (rows: readonly Row[]): boolean => compareCandidates(rows, scale).standings[0]?.isOwnDoing === true;
      // Who loses an example is no witness any more that the current values alone lose some.
      if (isFaulty(rows) !== isFaulty(poorer)) return;
      if (compareCandidates(poorer, scale).winner === candidate) expect(compareCandidates(rows, scale).winner).toBe(candidate);
    });
    fc.assert(property, { numRuns: 1_500 });
  });

  it("the order of proposals decides between equals only", () => {
    const property = fc.property(tables, (table) => {
      const rows = table.map((cells) => cells.map(({ seen }) => seen));
      const turned = [rows[0] as Cell[], ...rows.slice(1).reverse()];
      const [one, other] = [compareCandidates(rows, scale), compareCandidates(turned, scale)];
      const meanOf = ({ winner, standings }: typeof one) => (standings[winner as number]?.mean ?? Number.NaN) + 0;
      expect(meanOf(other)).toBe(meanOf(one));
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});
