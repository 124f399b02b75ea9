/**
 * How much a prompt may hold, and the counting of it.
 *
 * @module
 */
import { mostTokens } from "../../llm/most-tokens.ts";

/** What a prompt may take. Whoever composes one keeps `count(system) + count(prompt)` at or below `maxTokens`. */
export interface PromptBudget {
  /** The most tokens of system prompt and prompt together. What the form of a conversation takes has been taken off. */
  readonly maxTokens: number;
  /** A bound on the tokens of a text from above. */
  readonly count: (text: string) => number;
}

/** A budget of so many tokens, counted without the tokenizer of any model. */
export function promptBudget(maxTokens: number): PromptBudget {
  return { maxTokens: Math.max(0, Math.floor(maxTokens)), count: mostTokens };
}
