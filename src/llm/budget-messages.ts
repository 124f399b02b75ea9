/**
 * What is said when a budget is spent.
 *
 * @module
 */

/** No request is left. */
export function callsSpent(cap: number, requests: number): string {
  const sent = requests === 1 ? "1 request was sent" : `${whole(requests)} requests were sent`;
  return `The budget of ${whole(cap)} ${cap === 1 ? "call" : "calls"} is spent: ${sent}, retries included. ${goOn("calls")}`;
}

/** The next call does not fit among the tokens. */
export function tokensSpent(cap: number, used: number, next: number): string {
  return `The budget of ${whole(cap)} tokens is spent: ${whole(used)} are used, and the next call may take ${whole(next)}. ${goOn("tokens")}`;
}

/** The next call does not fit among the dollars. */
export function usdSpent(cap: number, used: number, next: number): string {
  return `The budget of $${cap} is spent: $${cents(used)} is used, and the next call may cost $${cents(next)}. ${goOn("usd")}`;
}

/** One call alone is more than the budget. */
export function callTooLarge(
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
  cap: string,
): string {
  return (
    `The budget of ${cap} is too small for a single call: the first one may take ${whole(inputTokens)} tokens of prompt and ` +
    `${whole(outputTokens)} of reply. Raise the budget, or give the call a smaller \`maxOutputTokens\``
  );
}

/** No rollout is left. */
export function rolloutsSpent(cap: number): string {
  return `The budget of ${whole(cap)} ${cap === 1 ? "rollout" : "rollouts"} is spent. ${goOn("rollouts")}`;
}

/** The time is up. */
export function timeSpent(capMs: number): string {
  return `The budget of ${whole(capMs / 1_000)} s of training is spent. ${goOn("wallClockMs")}`;
}

function goOn(kind: string): string {
  return `Raise \`budget.${kind}\` to continue`;
}

function whole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

function cents(usd: number): string {
  return usd.toLocaleString("en-US", { maximumSignificantDigits: 4 });
}
