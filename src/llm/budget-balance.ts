/**
 * `BudgetBalance`: what is left of a budget of requests, tokens and dollars while calls are in flight.
 *
 * @module
 */
import type { Budget } from "./budget.ts";
import { callsSpent, callTooLarge, tokensSpent, usdSpent } from "./budget-messages.ts";
import { nanosPerDollar } from "./prices.ts";

/** What a call holds of the budget while it is in flight. */
export interface Claim {
  readonly estimated: { readonly inputTokens: number; readonly outputTokens: number };
  /** Billionths of a dollar. */
  readonly nanos: number;
  /** 1 until its first request is sent. */
  requests: 0 | 1;
}

/** Adds up what is used and what is held, and says what does not fit any more. */
export class BudgetBalance {
  readonly #budget: Budget;
  readonly #claims = new Set<Claim>();
  /** Sums over the claims. */
  readonly #held = { requests: 0, tokens: 0, nanos: 0 };
  readonly #used = { requests: 0, tokens: 0, nanos: 0 };

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** Whether no call is in flight. */
  get isIdle(): boolean {
    return this.#claims.size === 0;
  }

  /** Whether every request has gone out: none will come back, whatever else does. */
  get isOutOfRequests(): boolean {
    return this.#used.requests >= (this.#budget.calls ?? Number.POSITIVE_INFINITY);
  }

  /** Whether the call is in flight. */
  has(claim: Claim): boolean {
    return this.#claims.has(claim);
  }

  /** A call is in flight from now on. */
  hold(claim: Claim): void {
    this.#claims.add(claim);
    this.#addHeld(claim, 1);
  }

  /** A call is over; false when it has been before. */
  letGo(claim: Claim): boolean {
    if (!this.#claims.delete(claim)) return false;
    this.#addHeld(claim, -1);
    return true;
  }

  /** A request goes out. Without a claim, or after the first one of its claim, it takes one that nobody holds. */
  useRequest(claim?: Claim): void {
    this.#used.requests++;
    if (claim === undefined) return;
    this.#held.requests -= claim.requests;
    claim.requests = 0;
  }

  /** An answer has cost so much. */
  use(tokens: number, nanos: number): void {
    this.#used.tokens += tokens;
    this.#used.nanos += nanos;
  }

  /** Why a call does not fit beside those in flight, in words; `undefined` when it does. */
  obstacleTo({ estimated, nanos }: Claim): string | undefined {
    const noRequest = this.obstacleToRequest();
    if (noRequest !== undefined) return noRequest;
    const { tokens: maxTokens, usd } = this.#budget;
    const used = this.#used;
    const tokens = sumOfTokens(estimated);
    if (maxTokens !== undefined && used.tokens + this.#held.tokens + tokens > maxTokens) {
      if (used.tokens === 0 && tokens > maxTokens) return callTooLarge(estimated, `${maxTokens} tokens`);
      return tokensSpent(maxTokens, used.tokens, tokens);
    }
    const maxNanos = usd === undefined ? undefined : usd * nanosPerDollar;
    if (maxNanos !== undefined && used.nanos + this.#held.nanos + nanos > maxNanos) {
      if (used.nanos === 0 && nanos > maxNanos) return callTooLarge(estimated, `$${usd}`);
      return usdSpent(usd as number, used.nanos / nanosPerDollar, nanos / nanosPerDollar);
    }
    return undefined;
  }

  /** Why no further request can be sent beside those that calls in flight still have to send. */
  obstacleToRequest(): string | undefined {
    const { calls } = this.#budget;
    const { requests } = this.#used;
    return calls === undefined || requests + this.#held.requests < calls ? undefined : callsSpent(calls, requests);
  }

  #addHeld({ requests, estimated, nanos }: Claim, sign: 1 | -1): void {
    this.#held.requests += sign * requests;
    this.#held.tokens += sign * sumOfTokens(estimated);
    this.#held.nanos += sign * nanos;
  }
}

function sumOfTokens({ inputTokens, outputTokens }: Claim["estimated"]): number {
  return inputTokens + outputTokens;
}
