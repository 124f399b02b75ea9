/**
 * What users of the Python ancestor expect of loaders, evaluation and objectives: rows 130 to 139 of the conformance table.
 *
 * Row 131 (rollouts in groups), 138 and the heaps of 139 come with the searches that have them.
 *
 * @module
 */
import {
  DataLoader,
  dominates,
  meanScores,
  objective,
  paretoRanks,
  selectBest,
  selectTop,
  toScores,
  weightedScore,
} from "opto/data";
import { evaluate } from "opto/trainer";
import { describe, expect, it } from "vitest";
import { Counter, type Row } from "../support/conformance.ts";

const accuracyFirst = { weights: { accuracy: 1, latency: 0.1 }, minimize: ["latency"] };

const rows: readonly Row[] = [
  [
    "130, D-42 every example once an epoch, the last batch smaller; a loader can be walked again; `sample` never ends",
    () => {
      const loader = new DataLoader({ inputs: [1, 2, 3, 4, 5], infos: [1, 2, 3, 4, 5] }, { batchSize: 2, shuffle: false });
      const epoch = (): unknown[] => [...loader].map(({ inputs }) => inputs);
      expect([epoch(), epoch()]).toEqual([
        [[1, 2], [3, 4], [5]],
        [[1, 2], [3, 4], [5]],
      ]);
      expect([1, 2, 3, 4].map(() => loader.sample().inputs)).toEqual([[1, 2], [3, 4], [5], [1, 2]]);
      expect(() => new DataLoader("abc" as unknown as never[])).toThrow(/abc/);
    },
  ],
  [
    "132 evaluation gives every score, or refuses to evaluate on nothing; means are over those that have the metric",
    async () => {
      const guide = (_x: number, y: number, right: number): number => Number(y === right);
      expect((await evaluate(new Counter(), guide, [1, 2, 3], [11, 11, 11])).scores).toEqual([1, 0, 0]);
      await expect(evaluate(new Counter(), guide, [], [])).rejects.toThrow(/at least one example/);
      expect(meanScores([{ a: 1 }, { a: 0, b: 0.8 }])).toEqual({ a: 0.5, b: 0.8 });
    },
  ],
  [
    "133 a number or a boolean is the metric `score`; what is not finite, empty or no number is refused",
    () => {
      expect([toScores(2), toScores(true), toScores({ a: 1, b: false })]).toEqual([{ score: 2 }, { score: 1 }, { a: 1, b: 0 }]);
      for (const wrong of [{}, { a: Number.NaN }, { a: Number.POSITIVE_INFINITY }, "1", null])
        expect(() => toScores(wrong)).toThrow();
    },
  ],
  [
    "134 weighted sums: what is missing counts as it was told, what has no weight does not",
    () => {
      const by = objective({ mode: "weighted", weights: { a: 0.7, b: 0.3 }, missingValue: 0 });
      expect(weightedScore({ a: 0.1, b: 0.5, c: 9 }, by)).toBeCloseTo(0.22);
      expect(weightedScore({ a: 0.1 }, by)).toBeCloseTo(0.07);
      expect(() => selectBest([{ a: 1 }])).toThrow(/score/);
    },
  ],
  [
    "135 less is better where it was said so; who beats whom; ranks",
    () => {
      const by = objective({ mode: "pareto", minimize: ["cost"] });
      expect([dominates({ a: 1, cost: 1 }, { a: 1, cost: 2 }, by), dominates({ a: 1, cost: 1 }, { a: 1, cost: 1 }, by)]).toEqual([
        true,
        false,
      ]);
      expect(paretoRanks([{ a: 3 }, { a: 2 }, { a: 1 }], objective({ mode: "pareto" }))).toEqual([0, 1, 2]);
      expect(
        paretoRanks(
          [
            { a: 1, b: 0 },
            { a: 0, b: 1 },
          ],
          objective({ mode: "pareto" }),
        ),
      ).toEqual([0, 0]);
      expect(
        paretoRanks(
          [
            { a: 1, b: 0 },
            { a: 0, b: 1 },
            { a: 0, b: 0 },
          ],
          objective({ mode: "pareto" }),
        ),
      ).toEqual([0, 0, 1]);
    },
  ],
  [
    "136, 139 the best by weights, by fronts, and by a seed that decides ties",
    () => {
      const [accurate, quick] = [
        { accuracy: 0.9, latency: 3 },
        { accuracy: 0.5, latency: 1 },
      ];
      expect(selectBest([accurate, quick], objective({ mode: "weighted", ...accuracyFirst }))).toBe(0);
      const latencyHeavy = { weights: { accuracy: 0.1, latency: 1 }, minimize: ["latency"] };
      expect(selectBest([accurate, quick], objective({ mode: "weighted", ...latencyHeavy }))).toBe(1);
      expect(selectBest([{ accuracy: 0.5, latency: 9 }, quick, accurate], objective({ mode: "pareto", ...accuracyFirst }))).toBe(
        2,
      );
      const ties = Array.from({ length: 8 }, () => ({ a: 1 }));
      const bestBy = (seed: number): number => selectBest(ties, objective({ mode: "pareto", tieBreak: "random", seed }));
      expect(bestBy(3)).toBe(bestBy(3));
      expect(new Set(Array.from({ length: 20 }, (_, seed) => bestBy(seed))).size).toBeGreaterThan(2);
      expect(weightedScore({ a: 0.8, b: 0.6 }, objective({ mode: "weighted", weights: { a: 0.6, b: 0.4 } }))).toBeCloseTo(0.72);
    },
  ],
  [
    "137 an objective that makes no sense is refused, a made one cannot be changed",
    () => {
      const wrongs = [
        { weights: { a: -1 } },
        { mode: "best" },
        { tieBreak: "coin" },
        { scalarize: "sum" },
        { paretoMetrics: [] },
      ];
      for (const wrong of [...wrongs, { scoreKey: "" }]) expect(() => objective(wrong as object)).toThrow(/Expected/);
      expect(Object.isFrozen(objective()) && Object.isFrozen(objective().minimize)).toBe(true);
    },
  ],
  [
    "D-23 the best is the first of the best, also among equals",
    () => {
      const candidates = [{ score: 1 }, { score: 2 }, { score: 2 }, { score: 1 }];
      expect([selectBest(candidates), selectTop(candidates, 4)]).toEqual([1, [1, 2, 0, 3]]);
    },
  ],
];

describe("9.7 data, evaluation and objectives", () => {
  it.each(rows)("%s", (_title, check) => check() as Promise<void>);
});
