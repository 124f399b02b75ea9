/**
 * `checkPolicy`: whether something is a search policy.
 *
 * @module
 */
import { describeValue, jsonProblem } from "../data/json.ts";
import { type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable, checkValue } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { SearchDefaults, SearchPolicy } from "./search.ts";

const defaultsTable: OptionTable<SearchDefaults> = { batchSize: wholeFrom(1), evalFrequency: wholeFrom(1) };

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
  checkTable(policy.defaults ?? {}, defaultsTable, `\`defaults\` of ${name}`);
  const { forward, proposals, added = 0, scored } = policy.appetite();
  const counts = [forward, proposals, added, ...scored.map(({ candidates }) => candidates)];
  for (const count of counts) checkValue(count, wholeFrom(0), `\`appetite\` of ${name}`);
  for (const { on, samples } of scored) {
    if (samples !== undefined) checkValue(samples, wholeFrom(1), `\`samples\` of ${name}`);
    if (on === "batch" || on === "validation" || (Number.isSafeInteger(on) && on >= 0)) continue;
    throw new InvalidArgumentError(
      `Expected \`on\` in the appetite of ${name} to be "batch", "validation", or a number of examples, got ${describeValue(on)}`,
    );
  }
}
