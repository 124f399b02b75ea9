/**
 * Options of calls of language models: limits, retries, timeouts, prices; and which limits apply to which model.
 *
 * @module
 */
import type { Clock } from "../../data/clock.ts";
import { anything, groupOf, numberWithin, type OptionTable, trueOrFalse, wholeFrom } from "../../data/option-table.ts";
import { checkTable } from "../../data/options.ts";
import type { Seed } from "../../data/random.ts";
import type { Prices } from "../spend/prices.ts";
import type { Sleep } from "./limit-wait.ts";

/** How often, and how soon, a call is made again. */
export interface RetryOptions {
  /** After server errors, network failures, broken replies and timeouts. 0 is a single attempt, whatever the failure. @default 8 */
  readonly maxRetries?: number | undefined;
  /** The longest wait before the first repetition, in milliseconds, doubled each time; the wait is drawn between 0 and it. @default 500 */
  readonly initialDelayMs?: number | undefined;
  /** What doubling ends at, in milliseconds. @default 30000 */
  readonly maxDelayMs?: number | undefined;
  /** How long one call may be refused by rate limits, from its first refusal on, in milliseconds. @default 600000 */
  readonly maxWaitMs?: number | undefined;
}

/** How calls are scheduled. */
export interface CallSchedulerOptions {
  /** Upper bounds by `"provider/model"`, by `"provider"`, or `"*"`. @default none, but the adaptive concurrency */
  readonly limits?: LimitsByModel | undefined;
  readonly retry?: RetryOptions | undefined;
  /** How long one attempt may take, in milliseconds. @default 120000 */
  readonly timeoutMs?: number | undefined;
  /** Of the delays before repetitions. @default 0 */
  readonly seed?: Seed | undefined;
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined;
  /** @default a timer of Node */
  readonly sleep?: Sleep | undefined;
}

/** Calls of language models in a run. */
export interface CallOptions extends CallSchedulerOptions {
  /**
   * Whether identical model calls in flight share one answer. Saves money if variation does not
   * matter; samples of one prompt are then no longer independent.
   *
   * @default false
   */
  readonly merge?: boolean | undefined;
  /** Prices of models that the price table does not have, in dollars per million tokens. */
  readonly prices?: Prices | undefined;
}

const milliseconds = { expected: "a number of milliseconds", holds: numberWithin({ least: 0 }).holds };

/** How often, and how soon, a call is made again. */
export const retryTable: OptionTable<RetryOptions> = {
  maxRetries: {
    ...wholeFrom(0),
    default: 8,
    about:
      "retries after server errors, network failures, broken replies and timeouts; 0 means a single attempt, whatever the failure",
  },
  initialDelayMs: {
    ...milliseconds,
    default: 500,
    about: "the longest wait before the first retry, doubled for each further one",
  },
  maxDelayMs: { ...milliseconds, default: 30_000, about: "the longest wait before any retry: doubling ends here" },
  maxWaitMs: {
    ...milliseconds,
    default: 600_000,
    about: "how long rate limits may refuse one call, counted from its first refusal",
  },
};

/** How calls are scheduled. */
export const schedulerTable: OptionTable<CallSchedulerOptions> = {
  limits: {
    ...anything,
    otherwise: "none",
    about:
      "by model, the most concurrent calls, and the most requests and tokens per minute: [Rate limits](runs.md#rate-limits-and-outages)",
  },
  retry: { ...groupOf<RetryOptions>(retryTable), about: "how often, and how soon, a call is made again" },
  timeoutMs: { ...milliseconds, default: 120_000, about: "how long one attempt may take" },
  seed: anything,
  clock: anything,
  sleep: anything,
};

/** Calls of language models in a run. */
export const callTable: OptionTable<CallOptions> = {
  ...schedulerTable,
  merge: { ...trueOrFalse, default: false, about: "whether identical calls in flight share an answer" },
  prices: {
    ...anything,
    otherwise: "none",
    about: "dollars per million tokens of models that the price table does not have, by `provider/model`",
  },
};

/** Upper bounds on the calls of one model. What is left out is not bounded. */
export interface CallLimits {
  /** The most requests in flight at the same time. Below it the scheduler finds out how many the provider accepts. */
  readonly concurrency?: number;
  /** The most requests sent in a minute, spread evenly over it. */
  readonly requestsPerMinute?: number;
  /** The most tokens in a minute, input and output: estimated when a request is sent, put right when it is answered. */
  readonly tokensPerMinute?: number;
}

/** Limits by `"provider/model"`, by `"provider"`, or `"*"`. */
export type LimitsByModel = Readonly<Record<string, CallLimits>>;

const limitTable: OptionTable<CallLimits> = {
  concurrency: wholeFrom(1),
  requestsPerMinute: numberWithin({ above: 0 }),
  tokensPerMinute: numberWithin({ above: 0 }),
};

/**
 * The limits of one model: each from the most exact entry that names it. Every model has its own: 600 requests a minute
 * for `"openai"` are 600 for each model of OpenAI.
 */
export function limitsOf(model: string, limits: LimitsByModel): CallLimits {
  const [provider = ""] = model.split("/");
  return { ...limits["*"], ...limits[provider], ...limits[model] };
}

/** @throws InvalidArgumentError when a limit is unknown or is no positive number */
export function checkLimits(limits: LimitsByModel): void {
  for (const [model, given] of Object.entries(limits)) checkTable(given, limitTable, `the limits of "${model}"`);
}
