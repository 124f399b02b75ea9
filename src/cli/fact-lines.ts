/**
 * Facts under each other: a name in front, the values in line.
 *
 * @module
 */
import type { Paint } from "../loggers/paint.ts";

/** One line for each fact; those without a value are left out. Further lines of a value are indented like its first. */
export function factLines(facts: readonly (readonly [name: string, value: string])[], paint: Paint): string[] {
  const known = facts.filter(([, value]) => value !== "");
  const width = Math.max(0, ...known.map(([name]) => name.length)) + 2;
  return known.map(([name, value]) => paint("dim", name.padEnd(width)) + value.replaceAll("\n", `\n${" ".repeat(width)}`));
}
