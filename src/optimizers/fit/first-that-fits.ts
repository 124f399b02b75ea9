/**
 * From a prompt that tells all to one that is short enough, in steps.
 *
 * @module
 */
import type { OptimizerPrompt } from "../language-model-optimizer.ts";
import type { PromptBudget } from "./prompt-budget.ts";

/** The first prompt within the budget, else the last. Only as many are composed as are looked at. */
export function firstThatFits<Size>(
  sizes: Iterable<Size>,
  compose: (size: Size) => OptimizerPrompt,
  { maxTokens, count }: PromptBudget,
): OptimizerPrompt {
  let shortest: OptimizerPrompt | undefined;
  for (const size of sizes) {
    shortest = compose(size);
    if (count(shortest.system) + count(shortest.prompt) <= maxTokens) break;
  }
  if (shortest === undefined) throw new RangeError("Expected at least one size of the prompt, got none");
  return shortest;
}

/** A number and its halves, rounded down, as long as they are at least `least`; at least the number itself. */
export function* halves(number: number, least: number): Generator<number> {
  yield number;
  for (let half = Math.floor(number / 2); half >= least && half < number; half = half === 0 ? -1 : Math.floor(half / 2))
    yield half;
}
