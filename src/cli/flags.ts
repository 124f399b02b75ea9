/**
 * The options of the commands, and how their values are read.
 *
 * @module
 */
import { type Command, Option } from "commander";
import { finiteNumber, numberWithin, wholeFrom } from "../data/option-table.ts";
import { flagOption, readNumber, type TrainFlag, trainFlags } from "./train-flags.ts";

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
      "exit with 1 if the score is worse; of two, if the interval of the gain is not above",
    ).argParser(readNumber({ ...finiteNumber, expected: "a number" })),
  dryRun: () => new Option("--dry-run", "estimate calls, tokens and cost; call no model"),
  allowRequests: () => new Option("--allow-requests", "with --dry-run: let the agent make requests of its own, at their price"),
  output: () => new Option("-o, --output <file>", "where to write the parameters (default: the config's, else agent.json)"),
  check: () => new Option("--check", "write nothing; exit with 1 if the file differs from the run's best parameters"),
  force: () => new Option("--force", "even if the run is not finished"),
  gain: () =>
    new Option(
      "--gain <difference>",
      "the gain that training should show, in scores (default: 5% of the guide's range)",
    ).argParser(readNumber(numberWithin({ above: 0 }))),
  start: () => new Option("--start", "the agent as the config defines it, without what `opto apply` has written"),
  from: () =>
    new Option(
      "--from <file>",
      "an eval file of evalite or vitest-evals, or a promptfoo config: data, scorers, and agent are those of it",
    ),
  eval: () => new Option("--eval <name>", "which eval of that file, or which prompt of a promptfoo config"),
  agent: () =>
    new Option("--agent <file>", "a file that exports an agent (`file.ts#name` for one of several), or that has the prompt"),
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
