/**
 * What calls have used, and whether that is all of a budget.
 *
 * @module
 */

/** What a budget counts. For agents that ask no model, task calls are runs of the agent. */
export type BudgetUnit = "task-calls" | "optimizer-calls" | "tokens" | "dollars";

export const budgetUnits: readonly BudgetUnit[] = ["task-calls", "optimizer-calls", "tokens", "dollars"];

/** On whose behalf a model is called. Calls for `held-out` scores are no part of a budget. */
export type CallRole = "task" | "optimizer" | "held-out";

export const callRoles: readonly CallRole[] = ["task", "optimizer", "held-out"];

/** Dollars for a million tokens. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
}

/** Prices by role. */
export type Prices = { readonly task: TokenPrice; readonly optimizer: TokenPrice };

/** Sums over the calls that count. */
export interface Spending {
  readonly taskCalls: number;
  readonly optimizerCalls: number;
  readonly tokens: number;
  readonly dollars: number;
}

export const nothingSpent: Spending = { taskCalls: 0, optimizerCalls: 0, tokens: 0, dollars: 0 };

/** What one call used. */
export interface CallUse {
  readonly role: CallRole;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The sums with one more call. */
export function withCall(spent: Spending, { role, inputTokens, outputTokens }: CallUse, prices: Prices): Spending {
  if (role === "held-out") return spent;
  const { input, output } = prices[role];
  return {
    taskCalls: spent.taskCalls + Number(role === "task"),
    optimizerCalls: spent.optimizerCalls + Number(role === "optimizer"),
    tokens: spent.tokens + inputTokens + outputTokens,
    dollars: spent.dollars + (inputTokens * input + outputTokens * output) / 1e6,
  };
}

/** Task calls for each optimizer call of a budget in optimizer calls: searches that ask no optimizer would never end. */
export const taskCallsForOptimizerCall = 100;

/** Whether all of a budget is used. */
export function isSpent(spent: Spending, unit: BudgetUnit, limit: number): boolean {
  if (unit === "optimizer-calls" && spent.taskCalls >= limit * taskCallsForOptimizerCall) return true;
  return amountOf(spent, unit) >= limit;
}

/** How much of a budget in this unit is used. */
export function amountOf(spent: Spending, unit: BudgetUnit): number {
  const amounts = {
    "task-calls": spent.taskCalls,
    "optimizer-calls": spent.optimizerCalls,
    tokens: spent.tokens,
    dollars: spent.dollars,
  };
  return amounts[unit];
}

/** The tokens that the server reports in a completion; 0 where it reports none. */
export function tokensIn(body: unknown): Pick<CallUse, "inputTokens" | "outputTokens"> {
  const { usage } = body as { readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } };
  const count = (tokens: unknown): number => (typeof tokens === "number" && tokens >= 0 ? tokens : 0);
  return { inputTokens: count(usage?.prompt_tokens), outputTokens: count(usage?.completion_tokens) };
}
