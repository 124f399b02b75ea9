/**
 * Option objects, and things given by name: unknown names are refused, with the nearest known one, and values by the rules of a table.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { editDistance } from "./edit-distance.ts";
import { describeValue, isPlainObject } from "./json.ts";
import type { Filled, OptionRow, OptionRule, OptionTable } from "./option-table.ts";

/**
 * Refuses options that their table does not know, and values that break its rules, in groups too.
 *
 * @param owner whose options they are
 * @param path what precedes their names in messages, `""` or `"stop."`; by default the owner follows the names
 * @throws InvalidArgumentError naming the option, what it must be, and what was given
 *
 * @example
 * checkTable({ batchSize: 0 }, { batchSize: wholeFrom(1) }, "DataLoader");
 * // Expected `batchSize` of DataLoader to be a whole number of at least 1, got 0 (number)
 */
export function checkTable<Options>(given: object, table: OptionTable<Options>, owner: string, path?: string): void {
  const rows = table as OptionTable;
  checkOptions(given, Object.keys(rows), owner, nestedNames(rows));
  for (const [name, value] of Object.entries(given)) checkOption(value, rows[name] as OptionRow, name, owner, path);
}

function checkOption(value: unknown, row: OptionRow, name: string, owner: string, path: string | undefined): void {
  if (value === undefined) return;
  const { expected, holds, group } = row;
  if (group !== undefined && isPlainObject(value)) {
    const inner = `\`${path ?? ""}${name}\`${path === undefined ? ` of ${owner}` : ""}`;
    checkTable(value, group, inner, `${path ?? ""}${name}.`);
  }
  if (!holds(value)) refuse(path === undefined ? `\`${name}\` of ${owner}` : `\`${path}${name}\``, expected, value);
}

/** Checks one value by a rule. @throws InvalidArgumentError naming `what` and what it must be */
export function checkValue(value: unknown, { expected, holds }: OptionRule, what: string): void {
  if (!holds(value)) refuse(what, expected, value);
}

/** @throws InvalidArgumentError always */
export function refuse(what: string, expected: string, value: unknown): never {
  throw new InvalidArgumentError(`Expected ${what} to be ${expected}, got ${describeValue(value)}`);
}

/** The options with the defaults of their table filled in, in groups too. */
export function withDefaults<Options, Names extends keyof Options>(
  options: Options,
  table: OptionTable<Options>,
): Filled<Options, Names> {
  const values = options as Readonly<Record<string, unknown>>;
  const filled = Object.entries<OptionRow>(table).flatMap(([name, { group, default: otherwise }]): [string, unknown][] => {
    const given = values[name] === undefined ? otherwise : values[name];
    if (group === undefined || given === null) return given === undefined ? [] : [[name, given]];
    const inner = withDefaults(given ?? {}, group as OptionTable<object>);
    return given === undefined && Object.keys(inner).length === 0 ? [] : [[name, inner]];
  });
  return Object.fromEntries(filled) as unknown as Filled<Options, Names>;
}

/** The names of all options in groups, by what they may be called: their path, their name, and both orders of group and name. */
function nestedNames(table: OptionTable): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, { group = {} }] of Object.entries(table)) {
    for (const inner of Object.keys(group)) {
      for (const spelling of [`${name}.${inner}`, inner, name + inner, inner + name]) names.set(spelling, `${name}.${inner}`);
    }
  }
  return names;
}

/**
 * Refuses options that `owner` does not know, so that a misspelt one cannot be silently ignored.
 *
 * @param nested names of options in groups, by what they might be called
 * @throws InvalidArgumentError naming the option, the nearest known name and all known names.
 *
 * @example
 * ```ts
 * checkOptions({ batchsize: 2 }, ["batchSize", "shuffle"], "DataLoader");
 * // Unknown option `batchsize` of DataLoader; did you mean `batchSize`? Known: `batchSize`, `shuffle`
 * ```
 */
export function checkOptions(
  given: object,
  known: readonly string[],
  owner: string,
  nested: ReadonlyMap<string, string> = noNames,
): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new InvalidArgumentError(`Expected the options of ${owner} to be an object, got ${describeValue(given)}`);
  }
  const unknown = unknownName(given, known);
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, [...known, ...nested.keys()]);
  const hint = nearest === undefined ? "" : `; did you mean \`${nested.get(nearest) ?? nearest}\`?`;
  const all = known.length === 0 ? "It has no options" : `Known: ${known.map((name) => `\`${name}\``).join(", ")}`;
  throw new InvalidArgumentError(`Unknown option \`${unknown}\` of ${owner}${hint || "."} ${all}`);
}

const noNames: ReadonlyMap<string, string> = new Map();

function unknownName(given: object, known: readonly string[]): string | undefined {
  for (const name of Object.keys(given)) if (!known.includes(name)) return name;
  return undefined;
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
