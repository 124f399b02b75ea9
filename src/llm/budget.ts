/**
 * `Budget`: what a run may use.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";

/** The most that a run may use, over all its restarts. What is left out has no bound. */
export interface Budget {
  /** Dollars. Needs a price of every model that is called. */
  readonly usd?: number | undefined;
  /** Requests sent to providers, every retry counted. */
  readonly calls?: number | undefined;
  /** Tokens of prompts and replies together. */
  readonly tokens?: number | undefined;
  /** Runs of the agent with one input. */
  readonly rollouts?: number | undefined;
  /** Time spent training, in milliseconds. */
  readonly wallClockMs?: number | undefined;
}

/** The kinds of budget. */
export type BudgetKind = keyof Budget;

/**
 * Refuses a budget that cannot be kept.
 *
 * @throws InvalidArgumentError for an unknown kind, and for an amount that is not above 0 or not whole where it has to be
 */
export function checkBudget(budget: Budget): void {
  checkOptions(budget, Object.keys(expectations), "budget");
  for (const [kind, expected] of Object.entries(expectations)) {
    const value = budget[kind as BudgetKind];
    if (value === undefined) continue;
    const holds = expected === number ? Number.isFinite(value) : Number.isSafeInteger(value);
    if (!holds || value <= 0) {
      throw new InvalidArgumentError(`Expected \`budget.${kind}\` to be ${expected}, got ${describeValue(value)}`);
    }
  }
}

const number = "a number above 0";
const wholeNumber = "a whole number of at least 1";
const expectations: Readonly<Record<BudgetKind, string>> = {
  usd: number,
  calls: wholeNumber,
  tokens: wholeNumber,
  rollouts: wholeNumber,
  wallClockMs: number,
};
