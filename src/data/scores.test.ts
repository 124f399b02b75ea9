import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { besideScore, meanScores, toScores, withScore } from "./scores.ts";

describe("toScores", () => {
  it.each([
    [0.5, { score: 0.5 }],
    [3, { score: 3 }],
    [true, { score: 1 }],
    [false, { score: 0 }],
    [
      { accuracy: 1, brief: true },
      { accuracy: 1, brief: 1 },
    ],
  ])("makes of %j %j", (value, expected) => {
    expect(toScores(value)).toEqual(expected);
  });

  it("keeps a metric named like an object's inner parts an ordinary one", () => {
    const scores = toScores(JSON.parse('{"__proto__": 1, "constructor": 2}'));
    expect(Object.entries(scores)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });

  it.each([
    [{}],
    [Number.NaN],
    [Infinity],
    [{ a: 1, b: -Infinity }],
    [{ a: "1" }],
    [{ a: null }],
    ["1"],
    [null],
    [undefined],
    [[1]],
    [new Map()],
  ])("refuses %j", (value) => {
    expect(() => toScores(value)).toThrow(InvalidArgumentError);
  });

  it("says whose score is wrong, which, and what came", () => {
    expect(() => toScores({ cost: Number.NaN }, "the scores of candidate 3")).toThrow(
      "Expected the scores of candidate 3 to have a finite number as `cost`, got NaN (number)",
    );
  });
});

describe("meanScores", () => {
  it("averages every metric over those that have it", () => {
    expect(meanScores([{ a: 1 }, { a: 0, b: 0.8 }])).toEqual({ a: 0.5, b: 0.8 });
    expect(meanScores([1, true, 0.25])).toEqual({ score: 0.75 });
    expect(meanScores([])).toEqual({});
  });

  it("refuses a score that is not finite, naming whose it is", () => {
    expect(() => meanScores([{ a: 1 }, { a: -Infinity }])).toThrow("candidate 1");
  });
});

it("no further metric takes the place of the score", () => {
  expect(Object.entries(withScore(0.2, { cost: 3, score: 1 }))).toEqual([
    ["score", 0.2],
    ["cost", 3],
  ]);
  expect(besideScore({ tone: 1 })).toEqual({ tone: 1 });
  expect(besideScore({ tone: 1, score: 0, "score 2": 0.5 })).toEqual({ tone: 1, "score 3": 0, "score 2": 0.5 });
});
