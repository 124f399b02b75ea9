/**
 * Asks again with less when a provider says that the prompt is too long.
 *
 * @module
 */
import { errorChain } from "../../data/error-shape.ts";
import { ConfigurationError } from "../../errors.ts";
import { emitEvent } from "../../graph/scope.ts";
import { callFailure } from "../../llm/call-failure.ts";
import { type ContextOverflow, contextOverflow } from "../../llm/context-overflow.ts";
import { NoProposalError } from "../no-proposal-error.ts";
import { leftByReply } from "./prompt-limit.ts";

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
