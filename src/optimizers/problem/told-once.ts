/**
 * Values that a program passes on as they are: shown once in an example, with all their names.
 *
 * @module
 */
import type { ProblemValue } from "./problem.ts";

/** A value of an example, and what is shown of it. */
export interface ToldValue {
  readonly item: ProblemValue;
  readonly value: unknown;
  /** Whether the program was given it; all others it computed. */
  readonly isGiven: boolean;
}

/**
 * What is shown of the values of one example, in their order. The same text or object is shown once: what was given under its first name, what was
 * computed under its last one, which may be the output.
 */
export function toldOnce(values: readonly ToldValue[]): ProblemValue[] {
  const groups = new Map<unknown, ToldValue[]>();
  for (const one of values) {
    const known = groups.get(keyOf(one));
    if (known === undefined) groups.set(keyOf(one), [one]);
    else known.push(one);
  }
  return values.flatMap((one) => {
    const group = groups.get(keyOf(one)) as ToldValue[];
    if (group.at(one.isGiven ? 0 : -1) !== one) return [];
    const also = group.filter((other) => other !== one).map(({ item }) => item.name);
    return also.length === 0 ? one.item : { ...one.item, also };
  });
}

/** Numbers and the like are often equal by accident; what differs in type or description is told apart. */
function keyOf(told: ToldValue): unknown {
  const { value, isGiven, item } = told;
  if (typeof value !== "string" && (typeof value !== "object" || value === null)) return told;
  if (item.about !== undefined) return told;
  if (typeof value === "object") return value;
  return `${isGiven ? "given" : "computed"} ${item.type} ${value}`;
}
