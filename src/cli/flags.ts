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
  readonly allowRequests?: boolean;
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
  | "allowRequests"
  | "output"
  | "check"
  | "force"
  | "start";

const options: Readonly<Record<FlagName, () => Option>> = {
  config: () => new Option("-c, --config <file>", "the config (default: opto.config.ts, .mts, .js or .mjs in this folder)"),
  json: () => new Option("--json", "print one JSON document on standard output, and everything else on standard error"),
  quiet: () => new Option("--quiet", "no progress, only the result"),
  seed: () =>
    new Option("--seed <number>", "determines the order of the examples and every other random choice").argParser(wholeNumber(0)),
  budget: () => new Option("--budget <dollars>", "stop before calls cost more than this").argParser(dollars),
  maxCalls: () => new Option("--max-calls <number>", "stop before more requests than this are sent").argParser(wholeNumber(1)),
  threads: () =>
    new Option("-j, --threads <number>", "concurrency: the most rollouts in flight at the same time").argParser(wholeNumber(1)),
  rolloutTimeout: () =>
    new Option(
      "--rollout-timeout <seconds>",
      "how long the agent, and then the guide, may take for one example, not counting model calls (default: 600)",
    ).argParser(seconds),
  threshold: () => new Option("--threshold <score>", "exit with 1 if the score is below").argParser(score),
  runDir: () =>
    new Option("--run-dir <folder>", "the folder of all runs (default: the config's, else $OPTO_RUN_DIR, else .opto/runs)"),
  noResume: () => new Option("--no-resume", "start from scratch, even if there is an unfinished run"),
  cache: () =>
    new Option("--cache <mode>", "model answers: record and reuse, only reuse, or neither").choices(["record", "replay", "off"]),
  dryRun: () => new Option("--dry-run", "estimate calls, tokens and cost; call no model"),
  allowRequests: () => new Option("--allow-requests", "with --dry-run: let the agent make requests of its own, at their price"),
  output: () => new Option("-o, --output <file>", "where to write the parameters (default: the config's, else agent.json)"),
  check: () => new Option("--check", "write nothing; exit with 1 if the file differs from the run's best parameters"),
  force: () => new Option("--force", "even if the run is not finished"),
  start: () => new Option("--start", "the agent as the config defines it, without what `opto apply` has written"),
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
