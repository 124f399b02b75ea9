/**
 * Checks that policies make of their options.
 *
 * @module
 */
import { describeValue } from "../data/json.ts";
import { InvalidArgumentError } from "../errors.ts";

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
