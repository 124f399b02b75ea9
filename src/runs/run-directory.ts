/**
 * `runDirectory`: keeps a run in a folder of its own, so that the same command continues it after anything.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { type Clock, systemClock } from "../data/clock.ts";
import { canonicalJson, describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { CheckpointError, InvalidArgumentError } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { RunControl } from "../trainer/run-control.ts";
import type { RunIdentity, RunKeeper, RunOpener } from "../trainer/run-keeper.ts";
import { type CacheMode, CallLog } from "./call-log.ts";
import { readCheckpoint, removeLeftovers, type StoredCheckpoint } from "./checkpoint-file.ts";
import { DirectoryKeeper } from "./directory-keeper.ts";
import { fileNames } from "./file-names.ts";
import { identityDifferences } from "./identity-differences.ts";
import { Journal } from "./journal.ts";
import { RecordFile } from "./record-file.ts";
import { RolloutLog } from "./rollout-log.ts";
import { checkRunId, describeRun, freeId, idStem, makeFolder, readRunDescription, runIds, runsFolder } from "./run-files.ts";
import { takeLock } from "./run-lock.ts";

/** Where and how a run is kept. */
export interface RunDirectoryOptions {
  /** The folder of all runs. @default the environment variable `OPTO_RUN_DIR`, else ".opto/runs" */
  readonly runDir?: string | undefined;
  /** The id of the run. @default the newest unfinished run of this agent's name, else a new one */
  readonly run?: string | undefined;
  /** Whether to continue an unfinished run; `false` starts anew under a new id. @default true */
  readonly resume?: boolean | undefined;
  /**
   * What becomes of the answers of language models. `"record"`: kept before they are used, and used again when a run is
   * continued. `"replay"`: only kept ones are used, no provider is called. `"off"`: neither.
   *
   * @default "record"
   */
  readonly cache?: CacheMode | undefined;
  /** The id or folder of another run whose kept answers are used, too. */
  readonly cacheFrom?: string | undefined;
  /**
   * Whether the result of every rollout is kept, too, and used again when a run is continued: for agents whose work is costly
   * and not all done by language models through opto.
   *
   * @default false
   */
  readonly cacheRollouts?: boolean | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

const optionNames = ["runDir", "run", "resume", "cache", "cacheFrom", "cacheRollouts", "clock"] as const;
const cacheModes: readonly unknown[] = ["off", "replay", "record"];

/**
 * Keeps a run in `<runDir>/<id>`: `run.json` says which run it is, `events.jsonl` is its journal, `checkpoint.json` is where it
 * goes on, `best.json` holds the best parameters so far, `calls.jsonl` every answer that was paid for.
 *
 * @throws InvalidArgumentError for an unknown option or a bad value
 * @example
 * await trainer.train(guide, dataset, { run: runDirectory({ run: "night" }) });
 */
export function runDirectory(options: RunDirectoryOptions = {}): RunOpener {
  checkOptions(options, optionNames, "runDirectory");
  const { run, cache = "record" } = options;
  if (run !== undefined) checkRunId(run);
  if (!cacheModes.includes(cache)) {
    throw new InvalidArgumentError(`Expected \`cache\` to be "off", "replay" or "record", got ${describeValue(cache)}`);
  }
  return { open: (identity, current, control) => open(options, identity, current, control) };
}

async function open(
  options: RunDirectoryOptions,
  identity: RunIdentity,
  current: Candidate,
  control: RunControl,
): Promise<RunKeeper> {
  const { cache = "record", clock = systemClock } = options;
  // The agent may change the working directory.
  const root = resolve(runsFolder(options.runDir));
  const { id, folder, continued, unlock } = claimFolder(root, options, identity);
  try {
    const warnings: string[] = [];
    if (continued) refuseOtherRun(folder, identity, current);
    await removeLeftovers(folder);
    const journal = Journal.open(join(folder, fileNames.events), { clock, onFailure: (error) => control.stop(error) });
    const checkpoint = continued ? newestUsable(folder, journal.seq, warnings) : undefined;
    const calls = new CallLog(join(folder, fileNames.calls), cache, otherCalls(root, options.cacheFrom));
    if (calls.damaged > 0) {
      warnings.push(`${join(folder, fileNames.calls)} has ${calls.damaged} damaged lines; the calls on them are made again`);
    }
    const rollouts = options.cacheRollouts ? new RolloutLog(join(folder, fileNames.rollouts)) : undefined;
    const description = continued ? undefined : describeRun(id, identity, new Date(clock.now()).toISOString());
    const keeper = new DirectoryKeeper({
      id,
      isContinued: continued,
      folder,
      journal,
      calls,
      rollouts,
      checkpoint,
      warnings,
      control,
      clock,
      unlock,
    });
    await keeper.begin(description, identity.parameters);
    return keeper;
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Takes the folder of the run to continue or to begin; also when many processes begin at once, each gets one of its own. */
function claimFolder(
  root: string,
  options: RunDirectoryOptions,
  identity: RunIdentity,
): { id: string; folder: string; continued: boolean; unlock: () => void } {
  const busy = new Set<string>();
  for (;;) {
    const found = findRun(root, options, identity);
    const continued = found !== undefined;
    const id = found ?? freeId(root, idStem(identity.name), options.run, busy);
    const folder = join(root, id);
    makeFolder(folder);
    let unlock: () => void;
    try {
      unlock = takeLock(folder, options.clock);
    } catch (error) {
      if (continued || options.resume !== false || !(error instanceof CheckpointError)) throw error;
      busy.add(id);
      continue;
    }
    if (continued || !runIds(root).includes(id)) return { id, folder, continued, unlock };
    // Another process was faster, and may even have ended its run.
    unlock();
  }
}

/** The id of the run to continue, or `undefined` for a new one. */
function findRun(root: string, { run, resume = true }: RunDirectoryOptions, identity: RunIdentity): string | undefined {
  if (!resume) return undefined;
  const ids = runIds(root);
  if (run !== undefined) return ids.includes(run) ? run : undefined;
  const stem = `${idStem(identity.name)}-`;
  const newest = ids.filter((id) => id.startsWith(stem) && /^\d+$/.test(id.slice(stem.length))).at(-1);
  return newest !== undefined && !isFinished(join(root, newest)) ? newest : undefined;
}

function isFinished(folder: string): boolean {
  const read = readCheckpoint(join(folder, fileNames.checkpoint));
  return read.state === "whole" && read.checkpoint.status.state === "finished";
}

/** A run is the same when it starts where this one started; also when the agent still has what the run had learned. */
function refuseOtherRun(folder: string, identity: RunIdentity, current: Candidate): void {
  const before = readRunDescription(folder).identity;
  const learned = readCheckpoint(join(folder, fileNames.checkpoint));
  const isWhereItWas = learned.state === "whole" && canonicalJson(learned.checkpoint.parameters) === canonicalJson(current);
  const now = isWhereItWas ? { ...identity, parameters: before.parameters } : identity;
  const changed = identityDifferences(before, now);
  if (changed.length === 0) return;
  throw new CheckpointError(
    `The unfinished run in ${folder} cannot be continued, because this is not the same run:\n` +
      `${changed.map((line) => `  ${line}\n`).join("")}Undo the change, or start anew with \`resume: false\``,
  );
}

/** The newest checkpoint that is whole and whose events are all there; `undefined` sends the run back to its start. */
function newestUsable(folder: string, seq: number, warnings: string[]): StoredCheckpoint | undefined {
  for (const name of [fileNames.checkpoint, fileNames.previous]) {
    const path = join(folder, name);
    const read = readCheckpoint(path);
    if (read.state === "missing") continue;
    if (read.state === "damaged") warnings.push(`${path} is damaged (${read.problem}); an earlier state is used`);
    else if (read.checkpoint.seq > seq)
      warnings.push(`${join(folder, fileNames.events)} is shorter than ${path} says; an earlier state is used`);
    else return read.checkpoint;
  }
  return undefined;
}

function otherCalls(root: string, from: string | undefined): RecordFile[] {
  if (from === undefined) return [];
  const folder = isAbsolute(from) || from.includes("/") ? from : join(root, from);
  const path = join(folder, fileNames.calls);
  if (!existsSync(path)) {
    throw new CheckpointError(
      `Expected \`cacheFrom\` to be the id or the folder of a run with recorded calls; there is no ${path}`,
    );
  }
  return [new RecordFile(path, undefined, { readOnly: true })];
}
