/**
 * Option objects, and things given by name: unknown names are refused, with the nearest known one.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue } from "./json.ts";

/**
 * Refuses options that `owner` does not know, so that a misspelt one cannot be silently ignored.
 *
 * @throws InvalidArgumentError naming the option, the nearest known name and all known names.
 *
 * @example
 * ```ts
 * checkOptions({ batchsize: 2 }, ["batchSize", "shuffle"], "DataLoader");
 * // Unknown option `batchsize` of DataLoader; did you mean `batchSize`? Known: `batchSize`, `shuffle`
 * ```
 */
export function checkOptions(given: object, known: readonly string[], owner: string): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new InvalidArgumentError(`Expected the options of ${owner} to be an object, got ${describeValue(given)}`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const hint = nearest === undefined ? "" : `; did you mean \`${nearest}\`?`;
  const all = known.length === 0 ? "It has no options" : `Known: ${known.map((name) => `\`${name}\``).join(", ")}`;
  throw new InvalidArgumentError(`Unknown option \`${unknown}\` of ${owner}${hint || "."} ${all}`);
}

/**
 * A thing given by name, or itself.
 *
 * @throws InvalidArgumentError for an unknown name, with the nearest known name and all known names
 */
export function byName<T>(given: T | string, known: Readonly<Record<string, T>>, option: string): T {
  if (typeof given !== "string") return given;
  const names = Object.keys(known);
  const found = Object.hasOwn(known, given) ? known[given] : undefined;
  if (found !== undefined) return found;
  const nearest = nearestName(given, names);
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  throw new InvalidArgumentError(`Expected \`${option}\` to be one of ${names.join(", ")}, got "${given}"${hint}`);
}

/** The known name that `name` was probably meant to be, or `undefined` when none is close. Case, `_` and `-` do not count. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = plainLetters(name);
  let nearest: string | undefined;
  let best = Math.floor(wanted.length / 3) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, plainLetters(candidate));
    if (distance < best) [nearest, best] = [candidate, distance];
  }
  return nearest;
}

function plainLetters(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}

/** The least number of letters to insert, delete or replace, row by row over the prefixes of `from`. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, replaced));
    }
    row = next;
  }
  return row[to.length]!;
}
