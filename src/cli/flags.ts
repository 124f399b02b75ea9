/**
 * The options of the commands, and how their values are read. Those that set options of `train` are read off the table of these.
 *
 * @module
 */
import { type Command, InvalidArgumentError as InvalidFlag, Option } from "commander";
import {
  finiteNumber,
  numberWithin,
  type OptionFlag,
  type OptionRow,
  type OptionRule,
  type OptionTable,
  wholeFrom,
} from "../data/option-table.ts";
import { InvalidArgumentError } from "../errors.ts";
import { trainTable } from "../train-options.ts";

/** What stood on the command line. */
export interface Flags {
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly seed?: number;
  /** In dollars. */
  readonly budget?: number;
  readonly maxCalls?: number;
  readonly threads?: number;
  /** In seconds. */
  readonly rolloutTimeout?: number;
  readonly threshold?: number;
  readonly runDir?: string;
  /** False after `--no-resume`. */
  readonly resume?: boolean;
  readonly cache?: "off" | "replay" | "record";
  readonly dryRun?: boolean;
  readonly allowRequests?: boolean;
  readonly output?: string;
  readonly check?: boolean;
  readonly force?: boolean;
  readonly start?: boolean;
  readonly gain?: number;
  readonly from?: string;
  readonly eval?: string;
  readonly agent?: string;
  readonly data?: string;
  readonly scorer?: string;
  readonly model?: string;
  readonly yes?: boolean;
  readonly port?: number;
  readonly export?: string;
  /** False after `--no-open`. */
  readonly open?: boolean;
}

/** The options that a command can have: its own, and those that set options of `train`. */
export type FlagName = keyof Flags;
type OwnFlag = Exclude<FlagName, "seed" | "budget" | "maxCalls" | "threads" | "rolloutTimeout" | "runDir" | "resume" | "cache">;

const own: Readonly<Record<OwnFlag, () => Option>> = {
  config: () => new Option("-c, --config <file>", "the config (default: opto.config.ts, .mts, .js or .mjs in this folder)"),
  json: () => new Option("--json", "print one JSON document on standard output, and everything else on standard error"),
  quiet: () => new Option("--quiet", "no progress, only the result"),
  threshold: () =>
    new Option(
      "--threshold <score>",
      "exit with 1 if the score does not reach this; when comparing two, unless the interval of the gain is above it",
    ).argParser(readNumber({ ...finiteNumber, expected: "a number" })),
  dryRun: () => new Option("--dry-run", "estimate calls, tokens and cost; call no model"),
  allowRequests: () =>
    new Option("--allow-requests", "with --dry-run: allow requests that the agent makes by itself, and pay for them"),
  output: () => new Option("-o, --output <file>", "where to write the parameters (default: the config's, else agent.json)"),
  check: () => new Option("--check", "write nothing; exit with 1 if the file differs from the run's best parameters"),
  force: () => new Option("--force", "clear them even if the run is not finished"),
  gain: () =>
    new Option(
      "--gain <difference>",
      "the gain you hope for, as a difference of scores (default: 5% of the guide's range)",
    ).argParser(readNumber(numberWithin({ above: 0 }))),
  start: () => new Option("--start", "use the agent as the config defines it, without the values that `opto apply` has written"),
  from: () =>
    new Option(
      "--from <file>",
      "take data, scorers, and agent from an eval file of evalite or vitest-evals, or from a promptfoo config",
    ),
  eval: () => new Option("--eval <name>", "which eval of that file to use, or which prompt of a promptfoo config"),
  agent: () =>
    new Option("--agent <file>", "a file that exports an agent (`file.ts#name` selects one of several), or a prompt file"),
  data: () => new Option("--data <file>", "examples: .jsonl, .csv, .json, or an eval file"),
  scorer: () => new Option("--scorer <scorer>", "exact, contains, judge, own, or a file that exports a scorer (`file.ts#name`)"),
  model: () => new Option("--model <model>", 'the model that answers and proposes, such as "openai/gpt-5-mini"'),
  yes: () => new Option("-y, --yes", "ask nothing; take what was found"),
  port: () =>
    new Option("--port <number>", "where to listen (default: 4983, or the next that is free)").argParser(
      readNumber({ ...wholeFrom(0), expected: "a whole number from 0" }),
    ),
  export: () => new Option("--export <file>", "write the run as one HTML file, and serve nothing"),
  open: () => new Option("--no-open", "open no browser"),
};

/** Gives a command some of the options. */
export function addFlags(command: Command, names: readonly FlagName[]): Command {
  const ofTrain = (name: string): Option => flagOption(trainFlags.get(name) as TrainFlag);
  for (const name of names) command.addOption(name in own ? own[name as OwnFlag]() : ofTrain(name));
  return command;
}

/** What of the command line a command that continues this one has to say again. */
export function placeFlags({ config, from, eval: name, runDir }: Flags): string {
  const given = { "--config": config, "--from": from, "--eval": name, "--run-dir": runDir };
  return Object.entries(given)
    .flatMap(([name, value]) => (value === undefined ? [] : [` ${name} ${quoted(value)}`]))
    .join("");
}

/**
 * The same, and what else a run that goes on needs to hear again: its caps above all. A cap that is spent stands there as
 * something to be raised.
 */
export function resumeFlags(flags: Flags, stopReason: string): string {
  const { budget, maxCalls, threads, rolloutTimeout, cache } = flags;
  const cap = (value: number | undefined): string | undefined => {
    return value !== undefined && stopReason === "budget" ? "<more>" : value?.toString();
  };
  const again = {
    "--budget": cap(budget),
    "--max-calls": cap(maxCalls),
    "-j": threads?.toString(),
    "--rollout-timeout": rolloutTimeout?.toString(),
    "--cache": cache,
  };
  const given = Object.entries(again).flatMap(([name, value]) => (value === undefined ? [] : [` ${name} ${value}`]));
  return placeFlags(flags) + given.join("");
}

function quoted(value: string): string {
  return /^[\w./:@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

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
function readNumber({ expected, holds }: OptionRule): (text: string) => number {
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
