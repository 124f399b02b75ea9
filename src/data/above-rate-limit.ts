/**
 * `aboveRateLimit`: whether a request alone is above a limit, whatever others have used of it.
 *
 * @module
 */

/** That a request was too long. Numbers are absent where the provider does not say. */
export interface ContextOverflow {
  /** The most tokens that the model takes. */
  readonly limit?: number;
  /** The tokens of the prompt, as the provider counts. */
  readonly prompt?: number;
  /** The tokens that the reply was given, where they count for the limit, too. */
  readonly reply?: number;
}

/**
 * That a request alone is above what the account may use in a minute or a day, so that no waiting helps: what providers say with the status
 * and the words of a rate limit. `undefined` for a limit that others have used up.
 */
export function aboveRateLimit(texts: readonly string[]): ContextOverflow | undefined {
  const [limit, prompt] = firstNumbers(texts);
  if (limit !== undefined && prompt !== undefined && prompt > limit) return { limit, prompt };
  if (!texts.some((text) => aboveLimit.test(text))) return undefined;
  return limit === undefined ? {} : { limit };
}

/** "Request too large" of OpenAI and Groq, "Request body too large … Max size: 8000 tokens" of GitHub Models, and what is said alike. */
const aboveLimit =
  /\b(?:request|prompt)(?: body| payload| entity)?(?: is| was)? too (?:large|big|long)\b|tokens_limit_reached|request_too_large|reduce your message size|tokens must be reduced|single request (?:exceeds|is above)/i;

/** The limit, and what the request asks for. */
function firstNumbers(texts: readonly string[]): readonly [limit?: number | undefined, requested?: number | undefined] {
  for (const text of texts) {
    const limit = /\blimit:?\s*(?:is |of )?(\d[\d,_]*)/i.exec(text)?.[1] ?? /\bmax(?:imum)? size:? (\d[\d,_]*)/i.exec(text)?.[1];
    const requested = /\brequested:?\s*(?:about )?(\d[\d,_]*)/i.exec(text)?.[1];
    if (limit !== undefined) return [wholeNumber(limit), requested === undefined ? undefined : wholeNumber(requested)];
  }
  return [];
}

function wholeNumber(digits: string): number {
  return Number(digits.replaceAll(/[,_]/g, ""));
}
