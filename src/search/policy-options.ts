/**
 * Checks of policies, and those that policies make of their options.
 *
 * @module
 */
import { describeValue, jsonProblem } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { SearchPolicy } from "./search.ts";

/** @throws InvalidArgumentError for what lacks a part of a policy, or has one that is not plain data where it has to be */
export function checkPolicy(policy: SearchPolicy): void {
  const { name, settings, start } = policy;
  if (typeof name !== "string" || name === "") {
    throw new InvalidArgumentError(`Expected \`name\` of a search policy to be a string, got ${describeValue(name)}`);
  }
  for (const method of ["iterate", "appetite"] as const) {
    if (typeof policy[method] === "function") continue;
    throw new InvalidArgumentError(`Expected \`${method}\` of ${name} to be a method, got ${describeValue(policy[method])}`);
  }
  for (const [part, value] of Object.entries({ settings, start })) {
    const problem = jsonProblem(value, part);
    if (problem !== undefined) throw new InvalidArgumentError(`The ${part} of ${name} must be plain JSON: ${problem}`);
  }
  const { forward, proposals, added = 0, scored } = policy.appetite();
  const counts = [forward, proposals, added, ...scored.map(({ candidates }) => candidates)];
  for (const count of counts) checkCount(name, { appetite: count ?? null }, 0);
  for (const { on, samples } of scored) {
    checkCount(name, { samples });
    if (on === "batch" || on === "validation" || (Number.isSafeInteger(on) && on >= 0)) continue;
    throw new InvalidArgumentError(
      `Expected \`on\` in the appetite of ${name} to be "batch", "validation", or a number of examples, got ${describeValue(on)}`,
    );
  }
}

/** @throws InvalidArgumentError for an option that is given and is not a whole number of at least 1 */
export function checkCount(policy: string, options: Readonly<Record<string, unknown>>, least = 1): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least)) continue;
    throw new InvalidArgumentError(
      `Expected \`${name}\` of ${policy} to be a whole number of at least ${least}, got ${describeValue(value)}`,
    );
  }
}

/** What a number may be. */
export interface Bounds {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
}

/** @throws InvalidArgumentError for an option that is given and is not a number within bounds */
export function checkNumber(policy: string, options: Readonly<Record<string, unknown>>, bounds: Bounds): void {
  const { least = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY } = bounds;
  const { most = Number.POSITIVE_INFINITY, below = Number.POSITIVE_INFINITY } = bounds;
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (typeof value === "number" && value >= least && value > above && value <= most && value < below) continue;
    const words = { least: "of at least", above: "above", most: "of at most", below: "below" };
    const limits = (Object.keys(words) as (keyof Bounds)[]).filter((limit) => bounds[limit] !== undefined);
    const expected = limits.map((limit) => `${words[limit]} ${bounds[limit]}`).join(" and ");
    throw new InvalidArgumentError(`Expected \`${name}\` of ${policy} to be a number ${expected}, got ${describeValue(value)}`);
  }
}
