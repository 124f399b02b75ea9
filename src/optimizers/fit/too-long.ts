/**
 * The error for a prompt that cannot be made short enough.
 *
 * @module
 */
import { ConfigurationError } from "../../errors.ts";
import type { ProblemVariable } from "../problem/problem.ts";
import type { PromptBudget } from "./prompt-budget.ts";

/** Says what takes how much. Instructions and variables are never cut: a model can only rewrite what it has seen whole. */
export function promptTooLong(budget: PromptBudget, frame: number, variables: readonly ProblemVariable[]): ConfigurationError {
  const sizes = variables.map(({ name, value }) => ({ name, tokens: budget.count(value) })).sort((a, b) => b.tokens - a.tokens);
  const longest = sizes.slice(0, 3).map(({ name, tokens }) => `${name} (${tokens})`);
  return new ConfigurationError(
    `Expected the prompt of the optimizer to fit into ${budget.maxTokens} tokens, but the instructions, the ` +
      `${variables.length === 1 ? "variable" : `${variables.length} variables`} in full and one output with what led to it need more: ` +
      `without that output it is ${frame}, the longest values being ${longest.join(", ")}. ` +
      "Raise `maxPromptTokens`, use a model with a larger context window, or make the variables shorter",
  );
}
