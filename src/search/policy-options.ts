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
  const { forward, proposals, added, scored } = policy.appetite();
  const sizes = scored.flatMap(({ on }) => (typeof on === "number" ? [on] : []));
  const counts = [forward, proposals, added ?? 0, ...scored.map(({ candidates }) => candidates), ...sizes];
  for (const count of counts) checkCount(name, { appetite: count }, 0);
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

/** @throws InvalidArgumentError for an option that is given and is not a number within bounds */
export function checkNumber(
  policy: string,
  options: Readonly<Record<string, unknown>>,
  [least, most]: readonly [number, number] = [0, Number.POSITIVE_INFINITY],
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || (typeof value === "number" && value >= least && value <= most && Number.isFinite(value))) continue;
    const bounds = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Expected \`${name}\` of ${policy} to be a number ${bounds}, got ${describeValue(value)}`);
  }
}
