/**
 * Budgets that are refused.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { checkTable } from "../../data/options.ts";
import { InvalidArgumentError } from "../../errors.ts";
import { type Budget, budgetTable } from "./budget.ts";

const check = (budget: Budget): void => checkTable(budget, budgetTable, "budget", "budget.");

describe("a budget", () => {
  it.each<Budget>([{}, { usd: 0.01, calls: 1, tokens: 1, rollouts: 1, wallClockMs: 0.5 }, { usd: undefined, calls: undefined }])(
    "takes %j",
    (budget) => {
      expect(() => check(budget)).not.toThrow();
    },
  );

  it.each<[budget: unknown, message: string]>([
    [{ usd: 0 }, "Expected `budget.usd` to be a number above 0, got 0"],
    [{ usd: "5" }, 'Expected `budget.usd` to be a number above 0, got "5"'],
    [{ usd: Number.POSITIVE_INFINITY }, "Expected `budget.usd` to be a number above 0, got Infinity"],
    [{ calls: 1.5 }, "Expected `budget.calls` to be a whole number of at least 1, got 1.5"],
    [{ tokens: -1 }, "Expected `budget.tokens` to be a whole number of at least 1, got -1"],
    [{ rollouts: null }, "Expected `budget.rollouts` to be a whole number of at least 1, got null"],
    [{ wallClockMs: Number.NaN }, "Expected `budget.wallClockMs` to be a number above 0, got NaN"],
    [{ dollars: 3 }, "Unknown option `dollars` of budget"],
    [{ wallclockms: 3 }, "did you mean `wallClockMs`?"],
    [7, "Expected the options of budget to be an object, got 7"],
  ])("refuses %j", (budget, message) => {
    expect(() => check(budget as Budget)).toThrow(InvalidArgumentError);
    expect(() => check(budget as Budget)).toThrow(message);
  });
});
