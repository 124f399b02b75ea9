/**
 * How many tokens one answer took.
 *
 * @module
 */

/** Tokens of one answer; `null` when they are not known. */
export interface TokenCounts {
  /** All tokens of the prompt, those of caches included. */
  readonly inputTokens: number | null;
  /** All tokens of the reply, reasoning included. */
  readonly outputTokens: number | null;
  /** How many of the input tokens were read from a cache; missing when none or not reported. */
  readonly cachedInputTokens?: number | undefined;
  /** How many of the input tokens were written to a cache; missing when none or not reported. */
  readonly cacheWriteTokens?: number | undefined;
  /** How many of the output tokens are reasoning; missing when none or not reported. */
  readonly reasoningTokens?: number | undefined;
  /** Whether the provider did not report usable numbers, so that these are estimated from the texts. @default false */
  readonly estimated?: boolean | undefined;
}

/** Whether a value is a number of tokens: finite, at least 0, and small enough to be added up exactly. */
export function isTokenCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
