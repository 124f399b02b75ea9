/**
 * How much a prompt may hold, and the counting of it.
 *
 * @module
 */
import { mostTokens } from "../../llm/most-tokens.ts";
import type { ReplyFormat } from "../reply/reply-format.ts";

/** What a prompt may take. Whoever composes one keeps `count(system) + count(prompt)`, and the schema of the reply where there is one, at or below `maxTokens`. */
export interface PromptBudget {
  /** The most tokens of system prompt, prompt and schema together. What the form of a conversation takes has been taken off. */
  readonly maxTokens: number;
  /** A bound on the tokens of a text from above. */
  readonly count: (text: string) => number;
}

/** A budget of so many tokens, counted without the tokenizer of any model. */
export function promptBudget(maxTokens: number): PromptBudget {
  return { maxTokens: Math.max(0, Math.floor(maxTokens)), count: mostTokens };
}

/** What is sent of a prompt. */
export interface SentPrompt {
  readonly system: string;
  readonly prompt: string;
  readonly format?: Pick<ReplyFormat, "responseFormat"> | undefined;
}

/** Tokens of all that is sent: providers put the schema of the reply before the model, too. */
export function promptTokens({ system, prompt, format }: SentPrompt, count: PromptBudget["count"]): number {
  const { schema } = format?.responseFormat ?? {};
  return count(system) + count(prompt) + (schema === undefined ? 0 : count(JSON.stringify(schema)));
}
