/**
 * `Budget`: what a run may use.
 *
 * @module
 */
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";

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

/** The most that a run may use. */
export const budgetTable: OptionTable<Budget> = {
  usd: {
    ...numberWithin({ above: 0 }),
    otherwise: "none",
    about: "dollars; needs a price of every model that is called",
    flag: {
      usage: "--budget <dollars>",
      about: "stop before calls cost more than this",
      rule: { ...numberWithin({ above: 0 }), expected: "dollars, more than 0" },
    },
  },
  calls: {
    ...wholeFrom(1),
    otherwise: "none",
    about: "requests sent to providers, retries included",
    flag: { usage: "--max-calls <number>", about: "stop before more requests than this are sent" },
  },
  tokens: { ...wholeFrom(1), otherwise: "none", about: "tokens of prompts and replies together" },
  rollouts: { ...wholeFrom(1), otherwise: "none", about: "runs of the agent with one input" },
  wallClockMs: { ...numberWithin({ above: 0 }), otherwise: "none", about: "time spent training, in milliseconds" },
};
