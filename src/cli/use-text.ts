/**
 * The use of language models in words.
 *
 * @module
 */

/** Sums over some calls. */
export interface UseSums {
  readonly requests: number;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** `null` when it is not known. */
  readonly usd: number | null;
  /** Of how many calls the tokens are estimated. @default 0 */
  readonly estimated?: number;
}

/** `12 calls (14 requests), 3,400 tokens in, 120 out, $0.0123`. */
export function describeUse({ requests, calls, inputTokens, outputTokens, usd, estimated = 0 }: UseSums): string {
  if (requests === 0 && calls === 0) return "no calls";
  const retries = requests === calls ? "" : ` (${groups(requests)} requests)`;
  const guess = estimated === 0 ? "" : ` (estimated for ${estimated === calls ? "all" : groups(estimated)} calls)`;
  const cost = usd === null ? "cost unknown" : dollars(usd);
  return `${groups(calls)} ${calls === 1 ? "call" : "calls"}${retries}, ${groups(inputTokens)} tokens in, ${groups(outputTokens)} out, ${cost}${guess}`;
}

/** `$1.25`, `$0.0123`; `?` when it is not known. */
export function dollars(usd: number | null): string {
  if (usd === null) return "?";
  return usd === 0 || usd >= 1 ? `$${usd.toFixed(2)}` : `$${usd.toPrecision(3).replace(/0+$/, "").padEnd(4, "0")}`;
}

/** `12,345`. */
export function groups(number: number): string {
  return number.toLocaleString("en-US");
}
