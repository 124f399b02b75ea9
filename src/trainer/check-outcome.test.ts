import { describe, expect, it } from "vitest";
import { ConfigurationError } from "../errors.ts";
import { checkedOutcome } from "./check-outcome.ts";
import { writeError } from "./executor.ts";

const scale = { scoreRange: [0, 1], failureScore: -1 } as const;
const scored = { status: "scored", score: 0.5, scores: { size: 3 }, result: null, events: [] };
const failed = { status: "failed", score: -1, error: "boom", result: null, events: [] };
const unscored = { status: "unscored", cause: writeError(new Error("gone")), events: [] };

describe("checkedOutcome", () => {
  it.each([
    ["a score", scored],
    ["no score", { ...scored, score: null }],
    ["a failure with the score that failures have", failed],
    ["a failure without a score", { ...failed, score: null }],
    ["a failure with its cause", { ...failed, cause: writeError(new TypeError("boom")) }],
    ["an outage", unscored],
    ["an error that ends the run", { ...unscored, status: "thrown" }],
  ])("takes %s", (_name, outcome) => {
    expect(checkedOutcome(outcome, scale)).toBe(outcome);
  });

  it.each([
    ["nothing", undefined, "the outcome of a rollout"],
    ["another status", { ...scored, status: "done" }, "the outcome of a rollout"],
    ["no events", { ...scored, events: undefined }, "the outcome of a rollout"],
    ["NaN", { ...scored, score: Number.NaN }, "a finite `score` or null, got NaN"],
    ["a score as text", { ...scored, score: "0.99" }, "a finite `score` or null"],
    ["no score at all", { ...scored, score: undefined }, "a finite `score` or null"],
    ["a score out of range", { ...scored, score: 50 }, "a `score` from 0 to 1"],
    ["the score of failures for an answer", { ...scored, score: -1 }, "a `score` from 0 to 1"],
    ["metrics that are no numbers", { ...scored, scores: { size: "9" } }, "finite numbers as `scores`"],
    ["metrics that are not finite", { ...scored, scores: { size: Number.NaN } }, "finite numbers as `scores`"],
    ["no result", { ...scored, result: undefined }, "a `result`"],
    ["a failure without an error", { ...failed, error: undefined }, "the `error` of the agent as text"],
    ["an answer with an error", { ...scored, error: "boom" }, "no `error`"],
    ["an outage without a cause", { ...unscored, cause: undefined }, "as `cause`, got undefined"],
    ["a cause that was not written", { ...unscored, cause: new Error("gone") }, "as `cause`"],
  ])("refuses %s", (_name, outcome, message) => {
    expect(() => checkedOutcome(outcome, scale)).toThrow(ConfigurationError);
    expect(() => checkedOutcome(outcome, scale)).toThrow(message);
  });
});
