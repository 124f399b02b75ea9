/**
 * The files of a run: where they are, and what says which run it is.
 *
 * @module
 */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { environmentVariable } from "../data/environment.ts";
import { isPlainObject } from "../data/json.ts";
import { makeFolders, ownPath, refuseNewer } from "../data/json-file.ts";
import { packageVersion } from "../data/load-on-demand.ts";
import type { OptionRule } from "../data/option-table.ts";
import { CheckpointError } from "../errors.ts";
import type { RunIdentity } from "../trainer/run-keeper.ts";
import { unwritable } from "./append-file.ts";

/** The version of `run.json` that this program writes, and the newest that it reads. */
export const runVersion = 1;

/** What `run.json` holds. */
export interface RunDescription {
  readonly format: "opto-run";
  readonly version: number;
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly versions: { readonly opto: string; readonly node: string };
  readonly identity: RunIdentity;
}

/**
 * The folder of all runs: as given, else by `OPTO_RUN_DIR`, else `.opto/runs`.
 *
 * @throws InvalidArgumentError for a path of another system
 */
export function runsFolder(given: string | null | undefined): string {
  if (given != null) return ownPath(given, "`run.dir`");
  return ownPath(environmentVariable("OPTO_RUN_DIR") ?? join(".opto", "runs"), "OPTO_RUN_DIR");
}

/** The ids of the runs in a folder that have a description, those of one name in order of their number. */
export function runIds(folder: string): string[] {
  let entries: readonly string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return [];
  }
  const numbered = new Intl.Collator("en", { numeric: true });
  return entries.filter((id) => describesRun(join(folder, id))).sort(numbered.compare);
}

/**
 * Reads `run.json`.
 *
 * @throws CheckpointError when it is damaged or of a newer version
 */
export function readRunDescription(folder: string): RunDescription {
  const path = join(folder, fileNames.run);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new CheckpointError(
      `${path} cannot be read (${(cause as Error).message}), so its run is not known. Start a new run with \`run.resume: false\``,
      { cause },
    );
  }
  if (!isPlainObject(content) || content.format !== "opto-run" || !isPlainObject(content.identity)) {
    throw new CheckpointError(
      `${path} does not describe a run (expected "format": "opto-run"). Start a new run with \`run.resume: false\``,
    );
  }
  refuseNewer(path, content.version, runVersion, "resume this run");
  return content as unknown as RunDescription;
}

/** What `run.json` is to hold. */
export function describeRun(id: string, identity: RunIdentity, createdAt: string): RunDescription {
  return {
    format: "opto-run",
    version: runVersion,
    id,
    createdAt,
    versions: { opto: packageVersion(), node: process.version },
    identity,
  };
}

/**
 * An id that no run in the folder has: `triage-1`, `triage-2`, …; of a wanted id that is taken `night-2`.
 *
 * @param busy ids that others are about to use
 */
export function freeId(folder: string, name: string, wanted: string | undefined, busy: ReadonlySet<string>): string {
  const taken = new Set([...runIds(folder), ...busy]);
  if (wanted !== undefined && !taken.has(wanted)) return wanted;
  const stem = wanted ?? name;
  const numbers = [...taken].flatMap((id) => (id.startsWith(`${stem}-`) ? [Number(id.slice(stem.length + 1))] : []));
  const highest = Math.max(wanted === undefined ? 0 : 1, ...numbers.filter(Number.isSafeInteger));
  return `${stem}-${highest + 1}`;
}

/** The id of a run, which is the name of its folder. */
export const runIdRule: OptionRule = {
  expected: 'an id of at most 100 letters, digits, ".", "-" and "_" that starts with a letter or digit',
  holds: (id) => typeof id === "string" && /^[a-z\d][\w.-]{0,99}$/i.test(id),
};

/**
 * Makes the folder of a run.
 *
 * @throws StopError when it cannot be made or written to
 */
export function makeFolder(folder: string): void {
  try {
    // Where it cannot be made, `mkdir` does not always say why.
    accessSync(nearestFolder(folder), constants.W_OK);
    makeFolders(folder);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

function nearestFolder(folder: string): string {
  for (let path = resolve(folder); ; path = dirname(path)) if (existsSync(path)) return path;
}

/** The name of an agent's class as the beginning of an id: `MailFilter` is `mail-filter`. */
export function idStem(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return words === "" ? "run" : words.slice(0, 60).replace(/-$/, "");
}

function describesRun(folder: string): boolean {
  try {
    readFileSync(join(folder, fileNames.run));
    return true;
  } catch {
    return false;
  }
}

/** What a run keeps, and where. */
export const fileNames = {
  /** Which run it is. */
  run: "run.json",
  /** Its journal: the events in logical order. */
  events: "events.jsonl",
  /** Where it goes on. */
  checkpoint: "checkpoint.json",
  /** The checkpoint before. */
  previous: "checkpoint.previous.json",
  /** The best parameters so far; `agent.load` reads it. */
  best: "best.json",
  /** The files and prompts of parameters as `opto apply` has left them. */
  applied: "applied.json",
  /** Requests that were sent and answers that were paid for. */
  calls: "calls.jsonl",
  /** What rollouts gave, where that is kept. */
  rollouts: "rollouts.jsonl",
  /** Rollouts and calls in full, for people to look at: the newest. */
  traces: "traces.jsonl",
  /** Those before. */
  olderTraces: "traces.older.jsonl",
  /** Failures among them. */
  failedTraces: "traces.failed.jsonl",
  /** Asks its process to stop. */
  stop: "stop.json",
  /** Candidates that people have marked. */
  marks: "marks.json",
  /** Answers that people have corrected. */
  corrections: "corrections.jsonl",
  /** Which process has it. */
  lock: "lock.json",
} as const;
