/**
 * Limits that the user sets on calls: which apply to which model.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";

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

const names: readonly (keyof CallLimits)[] = ["concurrency", "requestsPerMinute", "tokensPerMinute"];

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
  for (const [model, given] of Object.entries(limits)) {
    const owner = `the limits of ${describeValue(model)}`;
    checkOptions(given, names, owner);
    for (const name of names) {
      const value = given[name];
      const valid =
        value === undefined || (value > 0 && (name === "concurrency" ? Number.isInteger(value) : Number.isFinite(value)));
      if (valid) continue;
      const kind = name === "concurrency" ? "a whole number" : "a number";
      throw new InvalidArgumentError(`Expected \`${name}\` in ${owner} to be ${kind} above 0, got ${describeValue(value)}`);
    }
  }
}
