/**
 * The searches that are compared over a tensor.
 *
 * @module
 */
import { type OptoArm, optoArms } from "../arms.ts";
import { numerical } from "../tasks/numerical.ts";

/** What the others are compared with: `train()` with nothing set. */
export const reference = "default";

const usualSearches = ["basic", "bestOfN", "sequentialRefinement", "bestOf", "gepa", "prioritySearch", "racingSearch"];

/** The reference and these searches of one parameter; without names the usual ones. @throws Error for an unknown name */
export function chosenArms(names: readonly string[]): OptoArm[] {
  // A task without demonstrations, and with values that no model is needed for.
  const all = new Map(optoArms(numerical).map((arm) => [arm.name, arm]));
  return [...new Set([reference, ...(names.length === 0 ? usualSearches : names)])].map((name) => {
    const arm = all.get(name);
    if (arm === undefined) throw new Error(`Expected --algorithms to be among ${[...all.keys()].join(", ")}, got ${name}`);
    return arm;
  });
}
