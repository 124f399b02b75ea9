/**
 * A conversation with a model within a number of tokens: the prompt gives way to what was said since.
 *
 * @module
 */
import { shorten } from "../../data/json.ts";
import type { Message } from "../../llm/model-request.ts";
import { type PromptBudget, promptBudget, promptTokens, type SentPrompt } from "./prompt-budget.ts";

/** What was said since the prompt: replies, and what was wrong with them. */
export interface SpokenMessage extends Message {
  readonly content: string;
}

/** A conversation that can be sent. */
export interface FittedConversation<Prompt extends SentPrompt> {
  readonly prompt: Prompt;
  /** The prompt and all that was said since. */
  readonly messages: readonly SpokenMessage[];
  /** Of all, the system prompt and the schema of the reply included. */
  readonly tokens: number;
}

/** Marks around each message, and those of the whole, in the forms that servers give to a conversation. */
const tokensOfForm = 8;

/**
 * The conversation within `maxTokens`. The prompt is taken as it was said when all fits, and is composed anew, shorter, when it does
 * not. Replies that would take more than half are shortened in the middle.
 *
 * @param before the prompt as it was said, if it was
 * @throws what `compose` throws when it cannot make its prompt that short
 */
export function fitConversation<Prompt extends SentPrompt>(
  compose: (budget: PromptBudget) => Prompt,
  before: Prompt | undefined,
  since: readonly SpokenMessage[],
  maxTokens: number,
): FittedConversation<Prompt> {
  const { count } = promptBudget(maxTokens);
  const spoken = shortened(since, Math.floor(maxTokens / 2), count);
  const taken = tokensOfForm * (2 + spoken.length) + spoken.reduce((sum, { content }) => sum + count(content), 0);
  const tokensOf = (prompt: Prompt): number => taken + promptTokens(prompt, count);
  const fits = before !== undefined && tokensOf(before) <= maxTokens;
  const prompt = fits ? before : compose(promptBudget(maxTokens - taken));
  return { prompt, messages: [{ role: "user", content: prompt.prompt }, ...spoken], tokens: tokensOf(prompt) };
}

/** Halves the longest message until all together are short enough. */
function shortened(
  messages: readonly SpokenMessage[],
  maxTokens: number,
  count: (text: string) => number,
): readonly SpokenMessage[] {
  const short = [...messages];
  const sizes = short.map(({ content }) => count(content));
  while (sizes.reduce((sum, size) => sum + size, 0) > maxTokens) {
    const longest = sizes.indexOf(Math.max(...sizes));
    const { role, content } = short[longest] as SpokenMessage;
    if (content.length <= shortestSpoken) break;
    const cut = shorten(content, Math.max(shortestSpoken, content.length >> 1));
    short[longest] = { role, content: cut };
    sizes[longest] = count(cut);
  }
  return short;
}

/** Characters of a message below which shortening saves nothing. */
const shortestSpoken = 100;
