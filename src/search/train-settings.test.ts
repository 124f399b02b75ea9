import { describe, expect, it } from "vitest";
import type { ObjectiveLike } from "../data/objectives.ts";
import { readTrainOptions } from "./train-settings.ts";

const read = (objective: ObjectiveLike) => readTrainOptions({ objective }, "Test", 4).objective;

describe("an objective", () => {
  it.each<[string, ObjectiveLike, string]>([
    [
      "a cost that is misspelt",
      { weights: { accuracy: 1, costUsd: 5 }, minimize: ["costUSD"] },
      "(accuracy, costUsd, score), got `costUSD`",
    ],
    ["one that a front does not have", { paretoMetrics: ["accuracy", "costUsd"], minimize: ["cost"] }, "got `cost`"],
    ["one that no weight counts", { scalarize: "weighted", weights: { accuracy: 1 }, minimize: ["costUsd"] }, "got `costUsd`"],
    [
      "weights that are all 0",
      { weights: { accuracy: 0, costUsd: 0 } },
      "a weight above 0 in `objective.weights`, got 0 for `accuracy`, `costUsd`",
    ],
  ])("is refused with %s", (_name, objective, message) => {
    expect(() => read(objective)).toThrow(message);
  });

  it.each<[string, ObjectiveLike]>([
    ["weights", { weights: { accuracy: 1, costUsd: 5 }, minimize: ["costUsd"] }],
    ["a weight of 0", { weights: { accuracy: 1, costUsd: 0 }, minimize: ["costUsd"] }],
    ["a front", { paretoMetrics: ["accuracy", "costUsd"], minimize: ["costUsd"] }],
    [
      "a front whose order has a further metric",
      { paretoMetrics: ["accuracy"], weights: { accuracy: 1, costUsd: 1 }, minimize: ["costUsd"] },
    ],
    ["a front of all metrics", { mode: "pareto", minimize: ["costUsd"] }],
    ["a sum of all metrics", { mode: "weighted", minimize: ["costUsd"] }],
    ["a metric that is only bounded", { weights: { accuracy: 1 }, minimize: ["costUsd"], constraints: { costUsd: { max: 1 } } }],
    ["the score", { minimize: ["score"] }],
  ])("may minimize by %s", (_name, objective) => {
    expect(read(objective).minimize.length).toBe(1);
  });
});
