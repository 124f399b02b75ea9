/**
 * A conversation of an optimizer with a model: a prompt, replies, and what was wrong with them.
 *
 * @module
 */
import type { SpokenMessage } from "./fit/shrinking.ts";
import type { Rejection } from "./optimizer.ts";
import { retryPrompt } from "./prompts/retry-prompt.ts";
import type { Fence } from "./reply/fence.ts";
import type { ReadReply, ReplyFormat } from "./reply/reply-format.ts";
import { taggedFormat } from "./reply/tagged-format.ts";

/** A prompt, and what the reply to it is read by. */
export interface OptimizerPrompt {
  readonly system: string;
  readonly prompt: string;
  readonly fence: Fence;
  /** What was left out to keep within the budget, each a sentence without its full stop. @default nothing */
  readonly omitted?: readonly string[] | undefined;
  /** The format that the prompt asks for. @default tagged text, with the tags of the prompt */
  readonly format?: ReplyFormat | undefined;
}

/** What has been said in one step. */
export interface Conversation extends Pick<ReadReply, "quotes" | "isMalformed"> {
  readonly prompt: OptimizerPrompt;
  /** Replies, and what was wrong with them. */
  readonly since: readonly SpokenMessage[];
  readonly maxTokens: number;
  /** The variables that the last reply has values for. */
  readonly answered: readonly string[];
  /** The variables that earlier replies had values for, which have been applied. */
  readonly applied: readonly string[];
}

/** The format that a prompt asks for. */
export function formatOf({ format, fence }: OptimizerPrompt): ReplyFormat {
  return format ?? taggedFormat(fence, []);
}

/** Providers refuse messages without content. */
export function said(role: "user" | "assistant", text: string): SpokenMessage {
  return { role, content: text.trim() === "" ? "(empty)" : text };
}

/** The variables of which a value has been applied by now, from any reply. @param refusals what was wrong with the last one */
export function appliedIn(conversation: Conversation, refusals: readonly Rejection[]): string[] {
  return [...new Set([...conversation.applied, ...usedIn(conversation, refusals)])];
}

/** The message that asks again. @param refusals what was wrong with the last reply */
export function retryText(conversation: Conversation, refusals: readonly Rejection[]): string {
  const { prompt, quotes, isMalformed } = conversation;
  const isUsed = usedIn(conversation, refusals).length > 0;
  const applied = appliedIn(conversation, refusals);
  return retryPrompt({ refusals, quotes, isUsed, applied, reminder: isMalformed ? formatOf(prompt) : undefined });
}

function usedIn({ answered }: Conversation, refusals: readonly Rejection[]): string[] {
  return answered.filter((name) => !refusals.some((refusal) => refusal.name === name));
}
