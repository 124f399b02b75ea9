/**
 * The flags that set options of `train`: read off the table of these.
 *
 * @module
 */
import { InvalidArgumentError as InvalidFlag, Option } from "commander";
import type { OptionFlag, OptionRow, OptionRule, OptionTable } from "../data/option-table.ts";
import { InvalidArgumentError } from "../errors.ts";
import { trainTable } from "../train-options.ts";

/** A flag, and where the option stands that it sets. */
export interface TrainFlag {
  /** `["budget", "usd"]` */
  readonly path: readonly string[];
  readonly row: OptionRow;
  readonly flag: OptionFlag;
}

/** By the name that commander gives their values. */
export const trainFlags: ReadonlyMap<string, TrainFlag> = new Map(flagsIn(trainTable as OptionTable, []));

function flagsIn(table: OptionTable, above: readonly string[]): (readonly [string, TrainFlag])[] {
  return Object.entries<OptionRow>(table).flatMap(([name, row]) => {
    const path = [...above, name];
    const { flag, group } = row;
    const own = flag === undefined ? [] : [[new Option(flag.usage).attributeName(), { path, row, flag }] as const];
    return [...own, ...(group === undefined ? [] : flagsIn(group, path))];
  });
}

/** The option of a command. */
export function flagOption({ row, flag }: TrainFlag): Option {
  const option = new Option(flag.usage, flag.about ?? row.about);
  if (row.words !== undefined) return option.choices([...row.words]);
  return (flag.rule ?? row).kind === "number" ? option.argParser(readNumber(flag.rule ?? row)) : option;
}

/** Reads a number by a rule; dollars may have their sign. */
export function readNumber({ expected, holds }: OptionRule): (text: string) => number {
  return (text) => {
    const value = Number(text.replace(/^\$/, ""));
    if (/\d/.test(text) && holds(value)) return value;
    throw new InvalidFlag(`Expected ${expected}.`);
  };
}

/**
 * Options of `train` under those that the command line sets.
 *
 * @throws InvalidArgumentError for a flag about the answers that a run keeps, where the config says that none is kept
 */
export function withFlags(options: Readonly<Record<string, unknown>>, flags: object): Record<string, unknown> {
  const given = flags as Readonly<Record<string, unknown>>;
  const all: Record<string, unknown> = { ...options };
  for (const [name, { path, flag }] of trainFlags) {
    const value = given[name];
    const isNegated = flag.usage.startsWith("--no-");
    if (value === undefined || (isNegated && value === true)) continue;
    const [group, inner] = path as readonly [string, string?];
    const set = flag.scale === undefined ? value : (value as number) * flag.scale;
    if (inner === undefined) all[group] = set;
    else if (group !== "run" || options.run !== null || given.runDir !== undefined) {
      all[group] = { ...(all[group] as object | null | undefined), [inner]: set };
    } else if (name === "cache" && value !== "off") {
      throw new InvalidArgumentError(
        "`--cache` cannot be used with `run: null` in the config, which keeps nothing. Name a folder with `--run-dir`",
      );
    }
  }
  return all;
}

/** Messages of the library as they read on the command line: options in groups that have a flag are named by it. */
export function withFlagNames(text: string): string {
  let told = text
    .replaceAll("another `run.id` or", "another `name` in the config or")
    .replaceAll("(`run: null` keeps", "(`run: null` in the config keeps");
  for (const { path, flag } of trainFlags.values()) {
    if (path.length === 1) continue;
    const [long] = /--[\w-]+/.exec(flag.usage) as unknown as [string];
    const option = new RegExp(`\`${path.join("\\.")}(?:: (?:"(\\w+)"|false))?\``, "g");
    told = told.replace(option, (_, word?: string) => (word === undefined ? `\`${long}\`` : `\`${long} ${word}\``));
  }
  return told;
}
