/**
 * How much a prompt may hold, the counting of it, and the ways to share it out.
 *
 * @module
 */

import { ConfigurationError } from "../../errors.ts";
import { mostTokens } from "../../llm/spend/estimate-tokens.ts";
import type { ProblemVariable } from "../problem/problem.ts";
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

/** Says what takes how much. Instructions and variables are never cut: a model can only rewrite what it has seen whole. */
export function promptTooLong(budget: PromptBudget, frame: number, variables: readonly ProblemVariable[]): ConfigurationError {
  const sizes = variables.map(({ name, value }) => ({ name, tokens: budget.count(value) })).sort((a, b) => b.tokens - a.tokens);
  const longest = sizes.slice(0, 3).map(({ name, tokens }) => `${name} (${tokens})`);
  return new ConfigurationError(
    `Expected the prompt of the optimizer to fit into ${budget.maxTokens} tokens, but the instructions, the ` +
      `${variables.length === 1 ? "variable" : `${variables.length} variables`} in full and one output with the values behind it need more: ` +
      `${frame} without that output; the longest values are ${longest.join(", ")}. ` +
      "Raise `maxPromptTokens`, use a model with a larger context window, or make the variables shorter",
  );
}

/** A text that may be cut. */
export interface SharedText {
  /** Characters. */
  readonly length: number;
  /** Tokens of all of it. */
  readonly tokens: number;
  /** How many times the common length it may have. */
  readonly weight: number;
}

/**
 * The largest length, in characters, at which the texts together take at most `maxTokens` when each is cut to its weight times
 * that length. What short texts do not need goes to the long ones.
 *
 * @returns a whole number from `least` to `most`; `least` also when even that is too long
 */
export function fairLength(texts: readonly SharedText[], maxTokens: number, least: number, most: number): number {
  let low = least;
  let high = Math.max(least, most);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (tokensAt(texts, middle) <= maxTokens) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Tokens that the texts take at that common length. */
export function tokensAt(texts: readonly SharedText[], length: number): number {
  return texts.reduce((sum, text) => sum + tokensOf(text, text.weight * length), 0);
}

/** Tokens of a text that is cut to so many characters. */
export function tokensOf({ length, tokens }: Omit<SharedText, "weight">, maxLength: number): number {
  return length <= maxLength ? tokens : Math.ceil((tokens * maxLength) / length) + tokensOfCut;
}

/** What stands in place of the middle. */
const tokensOfCut = 8;

/** What was kept and what was not, each in the order given. */
export interface KeptAndDropped<Item> {
  readonly kept: readonly Item[];
  readonly dropped: readonly Item[];
}

/**
 * Drops the worst until the rest takes at most `maxTokens`: what has no score first, then the lowest scores, and of equals the
 * oldest.
 *
 * @param items oldest first
 */
export function dropWorst<Item extends { readonly score: number | null }>(
  items: readonly Item[],
  tokensOf: (item: Item) => number,
  maxTokens: number,
): KeptAndDropped<Item> {
  const bestFirst = [...items.keys()].sort((a, b) => worth(items[b]) - worth(items[a]) || b - a);
  const kept = new Set<number>();
  let left = maxTokens;
  for (const index of bestFirst) {
    left -= tokensOf(items[index] as Item);
    if (left < 0) break;
    kept.add(index);
  }
  return {
    kept: items.filter((_, index) => kept.has(index)),
    dropped: items.filter((_, index) => !kept.has(index)),
  };
}

/** Large but finite, so that two of them are equal. */
function worth(item: { readonly score: number | null } | undefined): number {
  return item?.score ?? -Number.MAX_VALUE / 4;
}
