/**
 * How many tokens a prompt may have: what the user says, else what the model's window leaves.
 *
 * @module
 */
import { contextWindow } from "../../llm/context-window.ts";
import type { ModelLike } from "../../llm/language-model.ts";

/** What decides about the length of prompts. */
export interface PromptLimitOptions {
  readonly model?: ModelLike | undefined;
  readonly maxPromptTokens?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
}

/** For models whose window is not known: what models of today take, and self-hosted servers are usually set to. */
export const defaultPromptTokens = 32_000;

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
