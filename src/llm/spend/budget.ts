/**
 * `Budget`: what a run may use, what of it is left, and the messages when nothing is.
 *
 * @module
 */
import { counted, grouped } from "../../data/number-text.ts";
import { numberWithin, type OptionTable, wholeFrom } from "../../data/option-table.ts";
import { nanosPerDollar } from "./prices.ts";

/** The most that a run may use, over all its restarts. What is left out has no bound. */
export interface Budget {
  /** Dollars. Needs a price of every model that is called. */
  readonly usd?: number | undefined;
  /** Requests sent to providers, every retry counted. */
  readonly calls?: number | undefined;
  /** Tokens of prompts and replies together. */
  readonly tokens?: number | undefined;
  /** Runs of the agent with one input. */
  readonly rollouts?: number | undefined;
  /** Time spent training, in milliseconds. */
  readonly wallClockMs?: number | undefined;
}

/** The kinds of budget. */
export type BudgetKind = keyof Budget;

/** The most that a run may use. */
export const budgetTable: OptionTable<Budget> = {
  usd: {
    ...numberWithin({ above: 0 }),
    otherwise: "none",
    about: "dollars; needs a price for every model that is called",
    flag: {
      usage: "--budget <dollars>",
      about: "stop before calls cost more than this",
      rule: { ...numberWithin({ above: 0 }), expected: "dollars, more than 0" },
    },
  },
  calls: {
    ...wholeFrom(1),
    otherwise: "none",
    about: "requests sent to providers, retries included",
    flag: { usage: "--max-calls <number>", about: "stop before more requests than this are sent" },
  },
  tokens: { ...wholeFrom(1), otherwise: "none", about: "tokens of prompts and replies together" },
  rollouts: { ...wholeFrom(1), otherwise: "none", about: "runs of the agent with one input" },
  wallClockMs: { ...numberWithin({ above: 0 }), otherwise: "none", about: "time spent training, in milliseconds" },
};

/** No request is left. */
function callsSpent(cap: number, requests: number): string {
  const sent = `${counted(requests, "request")} ${requests === 1 ? "was" : "were"} sent`;
  return `The budget of ${counted(cap, "call")} is spent: ${sent}, retries included. ${goOn("calls")}`;
}

/** The next call does not fit among the tokens. */
function tokensSpent(cap: number, used: number, next: number): string {
  return `The budget of ${grouped(cap)} tokens is spent: ${grouped(used)} are used, and the next call may take ${grouped(next)}. ${goOn("tokens")}`;
}

/** The next call does not fit among the dollars. */
function usdSpent(cap: number, used: number, next: number): string {
  return `The budget of $${cap} is spent: $${cents(used)} is used, and the next call may cost $${cents(next)}. ${goOn("usd")}`;
}

/** One call alone is more than the budget. */
function callTooLarge(
  { inputTokens, outputTokens }: { readonly inputTokens: number; readonly outputTokens: number },
  cap: string,
): string {
  return (
    `The budget of ${cap} is too small for a single call: the first one may take ${grouped(inputTokens)} tokens of prompt and ` +
    `${grouped(outputTokens)} of reply. Raise the budget, or give the call a smaller \`maxOutputTokens\``
  );
}

/** No rollout is left. */
export function rolloutsSpent(cap: number): string {
  return `The budget of ${counted(cap, "rollout")} is spent. ${goOn("rollouts")}`;
}

/** The time is up. */
export function timeSpent(capMs: number): string {
  return `The budget of ${grouped(capMs / 1_000)} s of training is spent. ${goOn("wallClockMs")}`;
}

function goOn(kind: string): string {
  return `Raise \`budget.${kind}\` to continue`;
}

function cents(usd: number): string {
  return usd.toLocaleString("en-US", { maximumSignificantDigits: 4 });
}

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

  /** The largest share of a cap that is used, from 0. */
  get share(): number {
    const { calls = infinite, tokens = infinite, usd = infinite } = this.#budget;
    const used = this.#used;
    return Math.max(used.requests / calls, used.tokens / tokens, used.nanos / nanosPerDollar / usd);
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

const infinite = Number.POSITIVE_INFINITY;

function sumOfTokens({ inputTokens, outputTokens }: Claim["estimated"]): number {
  return inputTokens + outputTokens;
}
