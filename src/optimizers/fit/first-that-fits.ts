/**
 * From a prompt that tells all to one that is short enough, in steps.
 *
 * @module
 */
import { ConfigurationError } from "../../errors.ts";
import type { OptimizerPrompt } from "../conversation.ts";
import { type PromptBudget, promptTokens } from "./prompt-budget.ts";

/**
 * The first prompt within the budget. Only as many are composed as are looked at.
 *
 * @throws ConfigurationError when even the last is too long
 */
export function firstThatFits<Size>(
  sizes: Iterable<Size>,
  compose: (size: Size) => OptimizerPrompt,
  { maxTokens, count }: PromptBudget,
): OptimizerPrompt {
  let tokens = 0;
  for (const size of sizes) {
    const prompt = compose(size);
    tokens = promptTokens(prompt, count);
    if (tokens <= maxTokens) return prompt;
  }
  throw new ConfigurationError(
    `Expected a prompt of at most ${maxTokens} tokens, but its indispensable parts need ${tokens}. ` +
      "Raise `maxPromptTokens`, use a model with a larger context window, or make the parameters shorter",
  );
}

/** A number and its halves, rounded down, as long as they are at least `least`; at least the number itself. */
export function* halves(number: number, least: number): Generator<number> {
  yield number;
  for (let half = Math.floor(number / 2); half >= least && half < number; half = half === 0 ? -1 : Math.floor(half / 2))
    yield half;
}
