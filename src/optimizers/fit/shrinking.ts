/**
 * Fitting a prompt to what the model takes: the limit that is known, and asking again with less when a provider says that it is too long.
 *
 * @module
 */
import { errorChain } from "../../data/error-shape.ts";
import { shorten } from "../../data/json.ts";
import { ConfigurationError, NoProposalError } from "../../errors.ts";
import { emitEvent } from "../../graph/scope.ts";
import type { ModelLike } from "../../llm/language-model.ts";
import type { Message } from "../../llm/model-request.ts";
import { type ContextOverflow, callFailure, contextOverflow } from "../../llm/pace/call-failure.ts";
import { contextWindow } from "../../llm/spend/prices.ts";
import { type PromptBudget, promptBudget, promptTokens, type SentPrompt } from "./prompt-budget.ts";

/** Something to send that can be made shorter. */
export interface Shrinkable<Sent, Reply> {
  /** The most tokens at first. */
  readonly maxTokens: number;
  readonly maxOutputTokens: number | undefined;
  /** Makes what is sent, within that many tokens. */
  readonly make: (maxTokens: number) => Sent;
  readonly send: (sent: Sent) => Promise<Reply>;
  /** How many tokens it has. */
  readonly tokensOf: (sent: Sent) => number;
  /** The longest prompt that the model has answered before, in tokens; 0 when it has answered none. @default 0 */
  readonly accepted?: number | undefined;
  /** What was left out of it, in words, each a sentence without its full stop. */
  readonly omittedFrom: (sent: Sent) => readonly string[];
}

/** What was sent in the end, and the reply. */
export interface Answered<Sent, Reply> {
  readonly sent: Sent;
  readonly reply: Reply;
  /** The limit under which it was sent. */
  readonly maxTokens: number;
}

/** How often something shorter is tried: halving four times takes a prompt to a sixteenth. */
const mostShrinks = 4;

/**
 * Sends, and when the provider refuses that as too long sends less, at most four times, and says so in a warning. By how much
 * is estimated from the numbers in the provider's message, so a refusal that comes again in the same words ends in the same text.
 *
 * A refusal that does not say why is answered so once, when the prompt is far above what the model has accepted before.
 *
 * @throws ConfigurationError when nothing within the limit at first can be made, NoProposalError when nothing as short as the
 *   provider wants
 * @throws the provider's error when it is about something else, or no prompt is short enough
 */
export async function shrinking<Sent, Reply>(shrinkable: Shrinkable<Sent, Reply>): Promise<Answered<Sent, Reply>> {
  const { make, send, tokensOf, omittedFrom, maxOutputTokens, accepted = 0 } = shrinkable;
  let { maxTokens } = shrinkable;
  let guesses = 0;
  let sent = make(maxTokens);
  for (let shrinks = 0; ; shrinks++) {
    try {
      return { sent, reply: await send(sent), maxTokens };
    } catch (error) {
      const tokens = tokensOf(sent);
      const overflow = contextOverflow(error);
      const told = overflow && smallerThan(tokens, overflow, maxOutputTokens);
      const smaller = told ?? (guesses++ === 0 && mayBeTooLong(error, tokens, accepted) ? accepted || tokens >> 2 : undefined);
      if (smaller === undefined || smaller < 1 || shrinks === mostShrinks) throw error;
      maxTokens = Math.min(maxTokens, smaller);
      sent = makeAgain(make, maxTokens, error);
      warn(error, maxTokens, omittedFrom(sent));
    }
  }
}

/** A prompt of so many tokens is short for any model. */
const shortPrompt = 4000;
const explained = /filter|policy|policies|moderation|safety|content|blocked|prohibited/i;

/**
 * Whether a refusal that does not say why may be one for length: the request was called invalid, and the prompt is far above what the model
 * has accepted so far. Tried once, for it costs no more than the refused request.
 */
function mayBeTooLong(error: unknown, tokens: number, accepted: number): boolean {
  const chain = errorChain(error);
  const isInvalid = chain.some(({ status }) => status === 400 || status === 413 || status === 422);
  if (!isInvalid || callFailure(error, 0).kind !== "refused" || tokens <= Math.max(shortPrompt, 2 * accepted)) return false;
  return !chain.some(({ texts, codes }) => [...texts, ...codes].some((text) => explained.test(text)));
}

/**
 * The limit for the next try. Our count is above the provider's, so its numbers are taken in proportion.
 *
 * @param tokens what was sent, as we count
 */
export function smallerThan(
  tokens: number,
  { limit, prompt, reply }: ContextOverflow,
  maxOutputTokens: number | undefined,
): number {
  if (limit === undefined) return tokens >> 1;
  const allowed = reply === undefined ? leftByReply(limit, maxOutputTokens) : limit - reply;
  // Below what was sent by a twentieth at least: the provider's numbers may be rough.
  const most = Math.floor(tokens * 0.95);
  return prompt === undefined || prompt === 0 ? Math.min(most, allowed) : Math.min(most, Math.floor((most * allowed) / prompt));
}

function makeAgain<Sent>(make: (maxTokens: number) => Sent, maxTokens: number, cause: unknown): Sent {
  try {
    return make(maxTokens);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new NoProposalError(`${callFailure(cause, 0).reason}. ${error.message}`, { cause });
  }
}

function warn(error: unknown, maxTokens: number, omitted: readonly string[]): void {
  const left = omitted.length === 0 ? "" : ` Left out: ${omitted.join("; ")}.`;
  emitEvent({
    type: "warning",
    message:
      `The provider refused the prompt ${contextOverflow(error) === undefined ? "and does not say why" : "as too long"} ` +
      `(${callFailure(error, 0).reason}), so it is asked again with at most ` +
      `${maxTokens} tokens.${left} Set \`maxPromptTokens: ${maxTokens}\` to avoid the refused call.`,
  });
}

/** What decides about the length of prompts. */
export interface PromptLimitOptions {
  readonly model?: ModelLike | undefined;
  readonly maxPromptTokens?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
}

/** For models whose window is not known: what models of today take, and self-hosted servers are usually set to. */
const defaultPromptTokens = 32_000;

/**
 * The most tokens that all messages to a model may have together.
 *
 * @throws ConfigurationError when neither a limit nor a model is named
 */
export function promptLimit({ model, maxPromptTokens, maxOutputTokens }: PromptLimitOptions): number {
  if (maxPromptTokens !== undefined) return maxPromptTokens;
  const window = contextWindow(model);
  return window === undefined ? defaultPromptTokens : leftByReply(window, maxOutputTokens);
}

/** What a window leaves for the prompt: all but the longest reply; when that is not known all but a quarter, or 32,000 tokens. */
export function leftByReply(window: number, maxOutputTokens: number | undefined): number {
  return window - (maxOutputTokens ?? Math.min(Math.ceil(window / 4), 32_000));
}

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
