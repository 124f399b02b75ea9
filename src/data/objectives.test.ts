import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { canonicalJson, isJsonValue } from "./json.ts";
import { comparableScores, isByOwnScore, objective, scalarScore, weightedScore } from "./objectives.ts";

describe("objective", () => {
  it("compares by the metric `score` unless told otherwise", () => {
    expect(objective()).toEqual({
      mode: "scalar",
      weights: {},
      minimize: [],
      missingValue: null,
      paretoMetrics: null,
      tieBreak: "weighted",
      seed: 0,
      scalarize: "score",
      scoreKey: "score",
    });
  });

  it("is frozen through and through, and apart from what it was made of", () => {
    const weights = { a: 1 };
    const minimize = ["b"];
    const config = objective({ mode: "weighted", weights, minimize, paretoMetrics: ["a"] });
    weights.a = 5;
    minimize.push("c");
    expect(config).toMatchObject({ weights: { a: 1 }, minimize: ["b"] });
    for (const part of [config, config.weights, config.minimize, config.paretoMetrics]) expect(Object.isFrozen(part)).toBe(true);
  });

  it("is plain JSON, also with the worst value for what is missing", () => {
    const config = objective({ missingValue: -Infinity });
    expect(isJsonValue(config)).toBe(true);
    expect(objective(JSON.parse(canonicalJson(JSON.parse(JSON.stringify(config)))))).toEqual(config);
  });

  it.each<[object, string]>([
    [{ weights: { a: -1 } }, "`weights` of an objective to be finite numbers of at least 0 by metric"],
    [{ weights: { a: Number.NaN } }, "weights"],
    [{ weights: [1] }, "weights"],
    [{ mode: "vector" }, '`mode` of an objective to be "scalar", "weighted" or "pareto", got '],
    [{ tieBreak: "first" }, "tieBreak"],
    [{ scalarize: "max" }, "scalarize"],
    [{ paretoMetrics: [] }, "at least one metric"],
    [{ paretoMetrics: "accuracy" }, "paretoMetrics"],
    [{ minimize: "cost" }, "minimize"],
    [{ scoreKey: "" }, "scoreKey"],
    [{ missingValue: Number.NaN }, "missingValue"],
    [{ missingValue: Infinity }, "missingValue"],
    [{ seed: Number.NaN }, "seed"],
    [{ weight: {} }, "Unknown option `weight` of an objective; did you mean `weights`?"],
  ])("refuses %j", (options, message) => {
    expect(() => objective(options as never)).toThrow(InvalidArgumentError);
    expect(() => objective(options as never)).toThrow(message);
  });
});

describe("weightedScore", () => {
  it.each<[string, object, Record<string, number>, number]>([
    ["weights what has a weight", { weights: { accuracy: 0.7, brevity: 0.3 } }, { accuracy: 1, brevity: 0.5 }, 0.85],
    ["sums everything without weights", {}, { a: 1, b: 2 }, 3],
    ["leaves out what has no weight", { weights: { a: 2 } }, { a: 1, b: 100 }, 2],
    ["turns the sign of what is to be small", { minimize: ["cost"] }, { quality: 5, cost: 2 }, 3],
    ["counts what is missing as told", { weights: { a: 1, b: 2 }, missingValue: -3 }, { a: 1 }, -5],
    ["does not turn the sign of what is missing", { weights: { a: 1 }, missingValue: -3, minimize: ["a"] }, { b: 1 }, -3],
    ["counts what is missing as the worst unless told", { weights: { a: 1, b: 2 } }, { a: 1 }, -Infinity],
    ["counts nothing at weight 0, even when it is missing", { weights: { a: 1, b: 0 } }, { a: 1 }, 1],
  ])("%s", (_, options, scores, expected) => {
    expect(weightedScore(scores, objective(options))).toBe(expected);
  });

  it("refuses a score that is not finite", () => {
    expect(() => weightedScore({ a: Infinity })).toThrow(InvalidArgumentError);
  });
});

describe("scalarScore", () => {
  const scores = { accuracy: 1, cost: 0.5 };

  it.each<[object, number]>([
    [{ scoreKey: "accuracy" }, 1],
    [{ scoreKey: "cost", minimize: ["cost"] }, -0.5],
    [{ scalarize: "mean" }, 0.75],
    [{ scalarize: "mean", minimize: ["cost"] }, 0.25],
    [{ scalarize: "weighted", weights: { accuracy: 0.7, cost: 0.3 } }, 0.85],
    [{ mode: "weighted", weights: { accuracy: 2 } }, 2],
    [{ mode: "pareto", weights: { accuracy: 2 } }, 2],
  ])("under %j is %d", (options, expected) => {
    expect(scalarScore(scores, objective(options))).toBeCloseTo(expected, 12);
  });

  it("takes a single score without an objective", () => {
    expect(scalarScore(0.3)).toBe(0.3);
    expect(scalarScore(true)).toBe(1);
    expect(scalarScore({ score: 2, other: 9 })).toBe(2);
  });

  it("gives a plain 0 for a zero to minimize", () => {
    expect(scalarScore({ cost: 0 }, objective({ scoreKey: "cost", minimize: ["cost"] }))).toBe(0);
  });

  it.each(["score", "constructor"])("refuses scores without the metric `%s` it should take", (scoreKey) => {
    expect(() => scalarScore(scores, objective({ scoreKey }))).toThrow(
      `Expected a metric \`${scoreKey}\` to compare by, got accuracy, cost; pass an objective`,
    );
  });
});

describe("comparableScores", () => {
  const candidates = [
    { score: 1, cost: 9 },
    { score: 3, cost: 1 },
  ];

  it.each<[object, number[]]>([
    [{}, [1, 3]],
    [{ minimize: ["score"] }, [-1, -3]],
    [{ mode: "pareto" }, [1, 3]],
    [{ mode: "pareto", minimize: ["cost"] }, [1, 3]],
    [{ mode: "pareto", minimize: ["score"] }, [-1, -3]],
    [{ mode: "pareto", minimize: ["score", "cost"] }, [-1, -3]],
    [{ paretoMetrics: ["score", "cost"], minimize: ["score"] }, [-1, -3]],
    [{ mode: "pareto", weights: { cost: 1 }, minimize: ["score"] }, [9, 1]],
  ])("under %j", (options, expected) => {
    expect(comparableScores(candidates, objective(options))).toEqual(expected);
  });

  it("puts what violates a constraint below all others, whatever the direction", () => {
    const by = objective({ mode: "pareto", minimize: ["score"], constraints: { cost: { max: 3 } } });
    const [first = 0, second = 0] = comparableScores(candidates, by);
    expect(first).toBeLessThan(second as number);
  });

  it("puts what lacks a metric with a bound below all that have it, by a finite number", () => {
    const by = objective({ constraints: { cost: { max: 3 } } });
    const [second = 0, first = 0, last = 0] = comparableScores([...candidates, { score: 8 }], by);
    expect([(first as number) > (second as number), (second as number) > (last as number), Number.isFinite(last)]).toEqual([
      true,
      true,
      true,
    ]);
  });
});

it.each<[object, boolean]>([
  [{}, true],
  [{ minimize: ["score"] }, true],
  [{ mode: "pareto" }, true],
  [{ mode: "pareto", weights: { score: 1 } }, false],
  [{ scoreKey: "accuracy" }, false],
  [{ scalarize: "mean" }, false],
  [{ weights: { score: 1 } }, false],
])("isByOwnScore under %j is %s", (options, expected) => {
  expect(isByOwnScore(objective(options))).toBe(expected);
});
