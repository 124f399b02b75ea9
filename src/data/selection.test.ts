import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { type ObjectiveConfig, objective } from "./objectives.ts";
import type { Scores } from "./scores.ts";
import { dominates, paretoRanks, selectBest, selectTop } from "./selection.ts";

const metric = fc.integer({ min: 0, max: 4 });
const candidates = fc.array(fc.record({ a: metric, b: metric, c: metric }, { requiredKeys: ["a"] }) as fc.Arbitrary<Scores>, {
  minLength: 1,
  maxLength: 25,
});
const objectives = fc.record({
  mode: fc.constantFrom("scalar", "weighted", "pareto"),
  tieBreak: fc.constantFrom("weighted", "lexicographic", "random"),
  minimize: fc.subarray(["a", "b"]),
  scalarize: fc.constantFrom("mean", "weighted"),
  seed: fc.integer(),
}) as fc.Arbitrary<Partial<ObjectiveConfig>>;

describe("dominates", () => {
  it.each<[string, Scores, Scores, Partial<ObjectiveConfig>, boolean]>([
    ["better everywhere", { a: 2, b: 2 }, { a: 1, b: 1 }, {}, true],
    ["better once, equal else", { a: 2, b: 1 }, { a: 1, b: 1 }, {}, true],
    ["equal", { a: 1, b: 1 }, { a: 1, b: 1 }, {}, false],
    ["better here, worse there", { a: 2, b: 0 }, { a: 1, b: 1 }, {}, false],
    ["less of what should be small", { a: 1, cost: 1 }, { a: 1, cost: 2 }, { minimize: ["cost"] }, true],
    ["worse only where nobody looks", { a: 2, b: 0 }, { a: 1, b: 1 }, { paretoMetrics: ["a"] }, true],
    ["having what the other lacks", { a: 1, b: -9 }, { a: 1 }, {}, true],
    ["lacking what the other has", { a: 9 }, { a: 1, b: 1 }, {}, false],
    ["lacking what then counts as told", { a: 9 }, { a: 1, b: 1 }, { missingValue: 5 }, true],
  ])("%s", (_, a, b, options, expected) => {
    expect(dominates(a, b, objective(options))).toBe(expected);
  });
});

describe("paretoRanks", () => {
  it.each<[Scores[], Partial<ObjectiveConfig>, number[]]>([
    [
      [
        { a: 3, b: 3 },
        { a: 2, b: 2 },
        { a: 1, b: 1 },
      ],
      {},
      [0, 1, 2],
    ],
    [
      [
        { a: 3, b: 1 },
        { a: 2, b: 2 },
        { a: 1, b: 3 },
      ],
      {},
      [0, 0, 0],
    ],
    [
      [
        { a: 3, b: 1 },
        { a: 1, b: 3 },
        { a: 1, b: 1 },
      ],
      {},
      [0, 0, 1],
    ],
    [
      [
        { a: 1, b: 9 },
        { a: 2, b: 1 },
      ],
      { paretoMetrics: ["a"] },
      [1, 0],
    ],
    [[{ a: 1 }, { a: 1 }], {}, [0, 0]],
    [[], {}, []],
  ])("of %j under %j are %j", (scores, options, expected) => {
    expect(paretoRanks(scores, objective(options))).toEqual(expected);
  });

  it("are what peeling front after front gives", () => {
    fc.assert(
      fc.property(candidates, objectives, (scores, options) => {
        const by = objective(options);
        const expected: number[] = scores.map(() => -1);
        for (let front = 0; expected.includes(-1); front += 1) {
          const left = scores.flatMap((_, index) => (expected[index] === -1 ? [index] : []));
          const best = left.filter((index) => !left.some((other) => dominates(scores[other]!, scores[index]!, by)));
          for (const index of best) expected[index] = front;
        }
        expect(paretoRanks(scores, by)).toEqual(expected);
      }),
    );
  });

  it("are quick for a thousand candidates, all on one front or all in a chain", () => {
    const front = Array.from({ length: 1000 }, (_, index) => ({ a: index, b: -index, c: 0 }));
    const chain = Array.from({ length: 1000 }, (_, index) => ({ a: index, b: index, c: 0 }));
    // Time of this process alone, in microseconds: other work on the machine does not count.
    const start = process.cpuUsage();
    expect(Math.max(...paretoRanks(front))).toBe(0);
    expect(Math.max(...paretoRanks(chain))).toBe(999);
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  });
});

describe("selectBest and selectTop", () => {
  const quick = { accuracy: 0.7, latency: 1 };
  const right = { accuracy: 0.95, latency: 3 };
  const worse = { accuracy: 0.6, latency: 4 };
  const all = [right, quick, worse];

  it.each<[string, Partial<ObjectiveConfig>, number[]]>([
    ["weighted, accuracy heavy", { mode: "weighted", weights: { accuracy: 10, latency: 0.1 }, minimize: ["latency"] }, [0, 1, 2]],
    ["weighted, latency heavy", { mode: "weighted", weights: { accuracy: 0.1, latency: 1 }, minimize: ["latency"] }, [1, 0, 2]],
    ["one metric", { scoreKey: "latency" }, [2, 0, 1]],
    ["mean", { scalarize: "mean", minimize: ["latency"] }, [1, 0, 2]],
    ["pareto, ties by weight", { mode: "pareto", minimize: ["latency"], weights: { accuracy: 1 } }, [0, 1, 2]],
    ["pareto, ties by other weight", { mode: "pareto", minimize: ["latency"], weights: { latency: 1 } }, [1, 0, 2]],
    ["pareto, ties by metric after metric", { mode: "pareto", minimize: ["latency"], tieBreak: "lexicographic" }, [0, 1, 2]],
    [
      "pareto, ties by metric after metric in the given order",
      { mode: "pareto", minimize: ["latency"], tieBreak: "lexicographic", paretoMetrics: ["latency", "accuracy"] },
      [1, 0, 2],
    ],
  ])("%s", (_, options, expected) => {
    const by = objective(options);
    expect(selectTop(all, 3, by)).toEqual(expected);
    expect(selectBest(all, by)).toBe(expected[0]);
  });

  it("breaks ties by metrics in the order of their names, not in that of their appearance", () => {
    const scores = [
      { b: 2, a: 1 },
      { b: 1, a: 2 },
    ];
    expect(selectBest(scores, objective({ mode: "pareto", tieBreak: "lexicographic" }))).toBe(1);
  });

  it("puts a better front before a better weighted sum", () => {
    const scores = [
      { a: 10, b: 10 },
      { a: 9, b: 9 },
      { a: 0, b: 11 },
    ];
    expect(selectTop(scores, 3, objective({ mode: "pareto" }))).toEqual([0, 2, 1]);
  });

  it("takes single scores, the earliest of equally good ones first", () => {
    expect(selectBest([0.2, 0.9, 0.9, 0.1])).toBe(1);
    expect(selectTop([0.2, 0.9, 0.9, 0.1], 3)).toEqual([1, 2, 0]);
    expect(selectBest([true, false])).toBe(0);
  });

  it("order ties alike and keep every candidate once, in every mode", () => {
    fc.assert(
      fc.property(candidates, objectives, (scores, options) => {
        const by = objective(options);
        const order = selectTop(scores, scores.length + 5, by);
        expect([...order].sort((a, b) => a - b)).toEqual(scores.map((_, index) => index));
        expect(selectBest(scores, by)).toBe(order[0]);
        expect(selectTop(scores, 2, by)).toEqual(order.slice(0, 2));
        if (by.mode === "pareto") expect(paretoRanks(scores, by)[order[0]!]).toBe(0);
        if (by.tieBreak !== "random" || by.mode !== "pareto") {
          const twins = selectTop([...scores, ...scores], 2 * scores.length, by);
          for (const index of scores.keys()) expect(twins.indexOf(index)).toBeLessThan(twins.indexOf(index + scores.length));
        }
      }),
    );
  });

  it("break ties by chance as the seed says", () => {
    const tied = Array.from({ length: 6 }, (_, index) => ({ a: index, b: -index }));
    const pick = (seed: number) => selectBest(tied, objective({ mode: "pareto", tieBreak: "random", seed }));
    const picks = Array.from({ length: 60 }, (_, seed) => pick(seed));
    expect(picks).toEqual(Array.from({ length: 60 }, (_, seed) => pick(seed)));
    expect(new Set(picks).size).toBe(6);
  });

  it("never lets a missing metric of weight 0 decide", () => {
    const by = objective({ mode: "weighted", weights: { a: 1, b: 0 } });
    expect(selectTop([{ a: 1 }, { a: 2 }, { a: 3, b: 1 }], 3, by)).toEqual([2, 1, 0]);
  });

  it("refuse no candidates, a count that is none, and scores that are not finite, naming whose", () => {
    expect(() => selectBest([])).toThrow("at least one candidate");
    expect(selectTop([], 3)).toEqual([]);
    expect(selectTop([1], 0)).toEqual([]);
    for (const count of [-1, 1.5, Number.NaN]) expect(() => selectTop([1], count)).toThrow(InvalidArgumentError);
    expect(() => selectBest([{ score: 1 }, { score: -Infinity }])).toThrow(
      "Expected the scores of candidate 1 to have a finite number as `score`, got -Infinity (number)",
    );
    expect(() => selectTop([1, Number.NaN], 1)).toThrow("candidate 1");
  });
});
