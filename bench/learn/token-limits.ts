/**
 * What a small server allows the optimizer model, as opto's optimizers are set to it.
 *
 * @module
 */

/** In tokens. */
export interface ReplyLimits {
  /** Of prompt and reply together. @default not known */
  readonly context?: number | undefined;
  /** Of a reply. @default a quarter of the context */
  readonly maxOutputTokens?: number | undefined;
}

/** The options of an optimizer. */
export function tokenLimits({ context, maxOutputTokens }: ReplyLimits = {}): {
  readonly maxOutputTokens: number | undefined;
  readonly maxPromptTokens: number | undefined;
} {
  const maxPromptTokens = context === undefined ? undefined : context - (maxOutputTokens ?? context >> 2);
  return { maxOutputTokens, maxPromptTokens };
}
