/**
 * Limits that the user sets on calls: which apply to which model.
 *
 * @module
 */
import { numberWithin, type OptionTable, wholeFrom } from "../../data/option-table.ts";
import { checkTable } from "../../data/options.ts";

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
