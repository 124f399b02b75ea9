/**
 * The options of the commands, and how their values are read.
 *
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "commander";

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
  readonly output?: string;
  readonly check?: boolean;
  readonly force?: boolean;
  readonly start?: boolean;
}

/** The options that a command can have. */
export type FlagName =
  | "config"
  | "json"
  | "quiet"
  | "seed"
  | "budget"
  | "maxCalls"
  | "threads"
  | "rolloutTimeout"
  | "threshold"
  | "runDir"
  | "noResume"
  | "cache"
  | "dryRun"
  | "output"
  | "check"
  | "force"
  | "start";

const options: Readonly<Record<FlagName, () => Option>> = {
  config: () => new Option("-c, --config <file>", "the config (default: opto.config.ts, .mts, .js or .mjs here)"),
  json: () => new Option("--json", "print one JSON document on standard output, and everything else on standard error"),
  quiet: () => new Option("--quiet", "no progress, only the result"),
  seed: () => new Option("--seed <number>", "decides the order of the examples and every other choice").argParser(wholeNumber(0)),
  budget: () => new Option("--budget <dollars>", "stop before calls have cost more than this").argParser(dollars),
  maxCalls: () =>
    new Option("--max-calls <number>", "stop before more requests than this have been sent").argParser(wholeNumber(1)),
  threads: () => new Option("-j, --threads <number>", "the most rollouts in flight at once").argParser(wholeNumber(1)),
  rolloutTimeout: () =>
    new Option(
      "--rollout-timeout <seconds>",
      "how long the agent, and then the guide, may take for one example besides model calls (default: 600)",
    ).argParser(seconds),
  threshold: () => new Option("--threshold <score>", "exit with 1 when the score is below").argParser(score),
  runDir: () =>
    new Option("--run-dir <folder>", "the folder of all runs (default: the config's, else $OPTO_RUN_DIR, else .opto/runs)"),
  noResume: () => new Option("--no-resume", "start again from scratch, also when there is an unfinished run"),
  cache: () =>
    new Option("--cache <mode>", "answers of models: keep and use again, only use, or neither").choices([
      "record",
      "replay",
      "off",
    ]),
  dryRun: () => new Option("--dry-run", "estimate calls, tokens and cost; call no model"),
  output: () => new Option("-o, --output <file>", "where to write the parameters (default: the config's, else agent.json)"),
  check: () => new Option("--check", "write nothing; exit with 1 when the file is not what the run's best says"),
  force: () => new Option("--force", "also for a run that is not finished"),
  start: () => new Option("--start", "the agent as the config gives it, without what `opto apply` has written"),
};

/** Gives a command some of the options. */
export function addFlags(command: Command, names: readonly FlagName[]): Command {
  for (const name of names) command.addOption(options[name]());
  return command;
}

/** What of the command line a command that continues this one has to say again. */
export function placeFlags({ config, runDir }: Flags): string {
  const given = { "--config": config, "--run-dir": runDir };
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

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  };
}

function dollars(text: string): number {
  const value = Number(text.replace(/^\$/, ""));
  if (/\d/.test(text) && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Expected dollars, more than 0.");
}

function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Expected seconds, more than 0.");
}

function score(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number.");
}
