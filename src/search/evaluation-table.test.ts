/**
 * Means and ranges of metrics, whatever they are called.
 *
 * @module
 */
import { expect, it } from "vitest";
import { objective } from "../data/objectives.ts";
import { metricsOf, tableOfTrials, trialOfCell } from "./evaluation-table.ts";

it.each(["constructor", "toString", "cost"])("the metric %s has a mean and a range", (metric) => {
  const trials = [1, 3, 2, 2].map((value) => ({ scores: { score: 0.5, [metric]: value }, failed: false }));
  const options = { objective: objective({ mode: "pareto", paretoMetrics: ["score", metric] }) };
  const { scores, ranges } = metricsOf(tableOfTrials(trials, 2), [0, 1], 0.5, options);
  expect(scores).toEqual({ score: 0.5, [metric]: 2 });
  expect(ranges).toEqual({ score: [0.5, 0.5], [metric]: [2, 2] });
});

it("the score is that of the guide, whatever a further metric is called", () => {
  expect(trialOfCell(0.2, { score: 1, cost: 3 })).toEqual({ scores: { score: 0.2, cost: 3 }, failed: false });
});
