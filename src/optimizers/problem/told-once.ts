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
  const kinds = new Map<string, Map<unknown, ToldValue[]>>();
  const groups = values.map((one) => {
    if (!mayRepeat(one)) return [one];
    const kind = `${one.isGiven} ${one.item.type}`;
    const groupOf = kinds.get(kind) ?? new Map<unknown, ToldValue[]>();
    kinds.set(kind, groupOf);
    const group = groupOf.get(one.value) ?? [];
    groupOf.set(one.value, group);
    group.push(one);
    return group;
  });
  return values.flatMap((one, at) => {
    const group = groups[at] as ToldValue[];
    if (group.at(one.isGiven ? 0 : -1) !== one) return [];
    const also = group.filter((other) => other !== one).map(({ item }) => item.name);
    return also.length === 0 ? one.item : { ...one.item, also };
  });
}

/** Numbers and the like are often equal by accident, and a value with a description is not told under the name of another one. */
function mayRepeat({ value, item }: ToldValue): boolean {
  return item.about === undefined && (typeof value === "string" || (typeof value === "object" && value !== null));
}
