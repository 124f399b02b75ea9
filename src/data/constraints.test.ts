/**
 * Constraints, shorthand of objectives, and ties: who comes before whom.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { textLength } from "./json.ts";
import {
  type Constraints,
  comparableScores,
  isByScore,
  namedMetrics,
  type ObjectiveLike,
  objective,
  violationOf,
} from "./objectives.ts";
import type { Scores } from "./scores.ts";
import { frontOf, selectTop } from "./selection.ts";

describe("violationOf", () => {
  it.each<[Scores, Constraints | undefined, number]>([
    [{ cost: 3 }, undefined, 0],
    [{ cost: 2 }, { cost: { max: 2 } }, 0],
    [{ cost: 3 }, { cost: { max: 2 } }, 0.5],
    [{ cost: 3, accuracy: 0.4 }, { cost: { max: 2 }, accuracy: { min: 0.8 } }, 1],
    [{ delta: 0.25 }, { delta: { min: -1, max: 0 } }, 0.25],
    [{ other: 1 }, { cost: { max: 2 } }, Number.POSITIVE_INFINITY],
  ])("of %j under %j is %d", (scores, constraints, expected) => {
    expect(violationOf(scores, constraints)).toBeCloseTo(expected, 12);
  });
});

describe("objectives in short", () => {
  it.each<[ObjectiveLike, object, readonly string[]]>([
    ["accuracy", { mode: "scalar", scoreKey: "accuracy" }, ["accuracy"]],
    [{ weights: { a: 1, b: 0 } }, { mode: "weighted", tieBreak: "weighted" }, ["a"]],
    [{ scalarize: "mean", weights: { a: 1 } }, { mode: "scalar" }, []],
    [{ paretoMetrics: ["a", "b"] }, { mode: "pareto", tieBreak: "knee" }, ["a", "b"]],
    [{ mode: "pareto", minimize: ["b"], weights: { a: 1 } }, { tieBreak: "weighted" }, ["b", "a"]],
    [{ constraints: { cost: { max: 1 } } }, { mode: "scalar", scoreKey: "score" }, ["score", "cost"]],
  ])("%j", (given, expected, named) => {
    const by = objective(given);
    expect(by).toMatchObject(expected);
    expect(namedMetrics(by)).toEqual(named);
    expect(isByScore(by)).toBe(false);
    expect(objective(JSON.parse(JSON.stringify(by)))).toEqual(by);
  });

  it.each<[unknown, string]>([
    [
      { constraints: { cost: 2 } },
      "`constraints` of an objective to be bounds by metric, such as { costUsd: { max: 0.02 } }, got",
    ],
    [{ constraints: { cost: {} } }, "constraints"],
    [{ constraints: { cost: { most: 2 } } }, "constraints"],
    [{ constraints: { cost: { min: 3, max: 2 } } }, "constraints"],
    [{ constraints: { cost: { max: Number.NaN } } }, "constraints"],
    [{ tie: "longest" }, '`tie` of an objective to be "first" or "shorter"'],
    [{ weights: { cost: -1 } }, "list metrics that should be low in `minimize`"],
    ["", "scoreKey"],
  ])("refuses %j", (given, message) => {
    expect(() => objective(given as ObjectiveLike)).toThrow(message);
  });
});

describe("selection with constraints and ties", () => {
  const cheap = { score: 0.5, cost: 1 };
  const good = { score: 0.9, cost: 3 };
  const best = { score: 1, cost: 9 };

  it.each<[string, ObjectiveLike, readonly Scores[], readonly number[]]>([
    ["feasible ones first, then the smaller violation", { constraints: { cost: { max: 2 } } }, [best, good, cheap], [2, 1, 0]],
    ["all feasible: by the score", { constraints: { cost: { max: 9 } } }, [cheap, good, best], [2, 1, 0]],
    [
      "equal violations: by the score",
      { constraints: { cost: { max: 1 } } },
      [
        { score: 1, cost: 2 },
        { score: 2, cost: 2 },
      ],
      [1, 0],
    ],
    [
      "a front among the feasible alone",
      { mode: "pareto", minimize: ["cost"], constraints: { cost: { max: 3 } } },
      [best, { score: 0.4, cost: 2 }, good, cheap],
      [2, 3, 1, 0],
    ],
  ])("%s", (_, given, candidates, expected) => {
    const by = objective(given);
    expect(selectTop(candidates, 9, by)).toEqual(expected);
    const numbers = comparableScores(candidates, by);
    const inOrder = expected.map((index) => numbers[index] as number);
    if (by.mode === "scalar") expect(inOrder).toEqual([...inOrder].sort((a, b) => b - a));
  });

  it("has no candidate on the front that violates a constraint more than another", () => {
    expect(
      frontOf([best, good, cheap], objective({ mode: "pareto", minimize: ["cost"], constraints: { cost: { max: 3 } } })),
    ).toEqual([1, 2]);
    expect(frontOf([best, good], objective({ mode: "pareto", minimize: ["cost"], constraints: { cost: { max: 1 } } }))).toEqual([
      1,
    ]);
  });

  it("gives a tie to the shorter text, and to the earlier of equally long ones", () => {
    const by = objective({ tie: "shorter" });
    expect(selectTop([1, 1, 1, 2], 4, by, (index) => [7, 5, 5, 99][index] as number)).toEqual([3, 1, 2, 0]);
    expect(selectTop([1, 1], 2, objective(), (index) => [7, 5][index] as number)).toEqual([0, 1]);
  });

  it("takes the knee of a front without weights, however the metrics are scaled", () => {
    const front = [
      { a: 0, b: 1000 },
      { a: 0.8, b: 900 },
      { a: 1, b: 0 },
    ];
    expect(selectTop(front, 1, objective({ mode: "pareto" }))).toEqual([1]);
    expect(selectTop(front, 1, objective({ mode: "pareto", weights: { a: 1 } }))).toEqual([2]);
  });
});

it.each([
  ["abc", 3],
  [{ a: "ab", b: ["c", { d: "ef" }] }, 5],
  [12.5, 4],
  [null, 4],
])("%j is as text %d characters long", (value, length) => {
  expect(textLength(value)).toBe(length);
});
