/**
 * `runDirectory`: keeps a run in a folder of its own, so that the same command continues it after anything.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { type Clock, systemClock } from "../data/clock.ts";
import { canonicalJson } from "../data/json.ts";
import { anything, numberWithin, type OptionTable, oneOf, someText, trueOrFalse } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { CheckpointError, StopError } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { RunControl } from "../trainer/run-control.ts";
import type { RunIdentity, RunKeeper, RunOpener } from "../trainer/run-keeper.ts";
import { readCheckpoint, removeLeftovers, type StoredCheckpoint } from "./checkpoint-file.ts";
import { DirectoryKeeper } from "./directory-keeper.ts";
import { codeDifferences, identityDifferences, isSameAgent } from "./identity-differences.ts";
import { Journal } from "./journal.ts";
import { type CacheMode, CallLog, RecordFile, RolloutLog } from "./record-file.ts";
import { DirectoryTraces } from "./rollout-traces.ts";
import {
  describeRun,
  fileNames,
  freeId,
  idStem,
  makeFolder,
  type RunDescription,
  readRunDescription,
  runIdRule,
  runIds,
  runsFolder,
} from "./run-files.ts";
import { type LockOptions, type RunLock, takeLock } from "./run-lock.ts";

/** Where and how a run is kept. */
export interface RunDirectoryOptions {
  /** The folder of all runs. @default the environment variable `OPTO_RUN_DIR`, else ".opto/runs" */
  readonly dir?: string | undefined;
  /** The id of the run. @default the newest unfinished run of this agent, else a new one */
  readonly id?: string | undefined;
  /**
   * What the runs of this agent are called: `name-1`, `name-2`, …
   *
   * @default the name of the agent's class, or of the function that `model` was given, else those of its parameters
   */
  readonly name?: string | undefined;
  /** Whether to resume an unfinished run; `false` starts from scratch under a new id. @default true */
  readonly resume?: boolean | undefined;
  /**
   * How answers of language models are kept. `"record"`: kept before they are used, and reused when a run is
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
  /**
   * How much of what rollouts did is kept for `opto view`, in megabytes: inputs, graphs, model calls, feedback, and what optimizers asked. The newest
   * stay, and the first of the failures. Those that would cost the run more than half a percent of its time are left out. `0` keeps none.
   *
   * @default 64
   */
  readonly traces?: number | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
}

/** Where and how a run is kept. */
export const runDirectoryTable: OptionTable<RunDirectoryOptions> = {
  dir: {
    ...anything,
    otherwise: "`OPTO_RUN_DIR`, else `.opto/runs`",
    about: "the folder of all runs",
    flag: {
      usage: "--run-dir <folder>",
      about: "the folder of all runs (default: the config's, else $OPTO_RUN_DIR, else .opto/runs)",
    },
  },
  id: {
    ...runIdRule,
    otherwise: "the newest unfinished run of this agent, else a new one",
    about: "the id of the run",
  },
  name: {
    ...someText,
    expected: "a name for the runs of this agent",
    otherwise: "after the agent's class or function, or its parameters",
    about: "what the runs of this agent are called: `name-1`, `name-2`, …",
  },
  resume: {
    ...trueOrFalse,
    default: true,
    about: "whether to resume an unfinished run; `false` starts from scratch under a new id",
    flag: { usage: "--no-resume", about: "start from scratch, even if there is an unfinished run" },
  },
  cache: {
    ...oneOf(["record", "replay", "off"]),
    default: "record",
    about: "answers of models: `record` keeps and reuses them, `replay` only reuses, `off` neither",
    flag: { usage: "--cache <mode>", about: "model answers: record and reuse, only reuse, or neither" },
  },
  cacheFrom: { ...someText, otherwise: "none", about: "the id or folder of another run whose kept answers are used, too" },
  cacheRollouts: { ...trueOrFalse, default: false, about: "whether results of rollouts are kept and reused, too" },
  traces: {
    ...numberWithin({ least: 0 }),
    default: 64,
    about:
      "megabytes of rollouts and model calls in full that are kept for `opto view`, the newest and the first failures; `0` keeps none",
  },
  clock: anything,
};

/**
 * Keeps a run in `<dir>/<id>`: `run.json` says which run it is, `events.jsonl` is its journal, `checkpoint.json` is where it
 * goes on, `best.json` holds the best parameters so far, `calls.jsonl` every answer that was paid for.
 *
 * @throws InvalidArgumentError for an unknown option or a bad value
 * @example
 * await trainer.train(guide, dataset, { keeper: runDirectory({ id: "night" }) });
 */
export function runDirectory(options: RunDirectoryOptions = {}): RunOpener {
  checkTable(options, runDirectoryTable, "runDirectory", "");
  return { open: (identity, current, control, signal) => open(options, { identity, current, control, signal }) };
}

interface Opening {
  readonly identity: RunIdentity;
  readonly current: Candidate;
  readonly control: RunControl;
  readonly signal: AbortSignal | undefined;
}

async function open(options: RunDirectoryOptions, opening: Opening): Promise<RunKeeper> {
  const { identity, current, control } = opening;
  const { clock = systemClock } = options;
  const { code } = identity;
  // The agent may change the working directory.
  const root = resolve(runsFolder(options.dir));
  const { id, folder, continued, lock } = await claimFolder(root, options, opening);
  try {
    const warnings: string[] = lock.warning === undefined ? [] : [lock.warning];
    if (continued) refuseOtherRun(folder, identity, current);
    await removeLeftovers(folder);
    const journal = Journal.open(join(folder, fileNames.events), { clock, onFailure: (error) => control.stop(error) });
    const checkpoint = continued ? newestUsable(folder, journal.seq, warnings) : undefined;
    const before = continued ? (checkpoint?.code ?? readRunDescription(folder).identity.code) : code;
    const records = openRecords(folder, { root, options, takesUnknown: before === undefined, code, warnings });
    const codeChanges = codeDifferences(before, code);
    const state = { id, isContinued: continued, folder, checkpoint, code, codeChanges, warnings };
    const keeper = new DirectoryKeeper({ ...state, journal, ...records, control, clock, lock });
    const description = continued ? undefined : describeRun(id, identity, new Date(clock.now()).toISOString());
    await keeper.begin(description, identity.parameters);
    return keeper;
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface RecordsOptions {
  readonly root: string;
  readonly options: RunDirectoryOptions;
  /** Whether results count of which it is not known by which code they were scored. */
  readonly takesUnknown: boolean;
  readonly code: RunIdentity["code"];
  readonly warnings: string[];
}

/** Answers of models, results of rollouts, and both in full for people. */
function openRecords(folder: string, { root, options, takesUnknown, code, warnings }: RecordsOptions) {
  const { cache = "record", clock = systemClock } = options;
  const megabytes = options.traces ?? (runDirectoryTable.traces?.default as number);
  return {
    calls: openCalls(join(folder, fileNames.calls), cache, otherCalls(root, options.cacheFrom), warnings),
    traces: megabytes > 0 ? new DirectoryTraces(folder, megabytes * 2 ** 20, clock) : undefined,
    rollouts: options.cacheRollouts ? new RolloutLog(join(folder, fileNames.rollouts), { code, takesUnknown }) : undefined,
  };
}

/** The answers that are on record. What of them cannot be read is asked again, with a warning. */
function openCalls(file: string, cache: CacheMode, others: readonly RecordFile[], warnings: string[]): CallLog {
  const calls = new CallLog(file, cache, others);
  if (calls.damaged > 0) warnings.push(`${file} has ${calls.damaged} damaged lines; the calls recorded there are made again`);
  return calls;
}

/** Takes the folder of the run to continue or to begin; also when many processes begin at once, each gets one of its own. */
async function claimFolder(
  root: string,
  options: RunDirectoryOptions,
  { identity, control, signal }: Opening,
): Promise<{ id: string; folder: string; continued: boolean; lock: RunLock }> {
  const busy = new Set<string>();
  const lockOptions: LockOptions = {
    clock: options.clock,
    signal,
    // Nothing listens to the events of a run that has not begun.
    onWait: (message) => process.emitWarning(message, "OptoWarning"),
    onLost: (message) => control.stop(new StopError("storage", message)),
  };
  for (;;) {
    const found = findRun(root, options, identity);
    const continued = found !== undefined;
    const id = found ?? freeId(root, idStem(options.name ?? identity.name), options.id, busy);
    const folder = join(root, id);
    makeFolder(folder);
    let lock: RunLock;
    try {
      lock = await takeLock(folder, lockOptions);
    } catch (error) {
      if (continued || options.resume !== false || !(error instanceof CheckpointError)) throw error;
      busy.add(id);
      continue;
    }
    if (continued || !runIds(root).includes(id)) return { id, folder, continued, lock };
    // Another process was faster, and may even have ended its run.
    lock.release();
  }
}

/** The id of the run to continue, or `undefined` for a new one. */
function findRun(root: string, { id, name, resume = true }: RunDirectoryOptions, identity: RunIdentity): string | undefined {
  if (!resume) return undefined;
  const ids = runIds(root);
  if (id !== undefined) return ids.includes(id) ? id : undefined;
  const named = idsOfStem(ids, name ?? identity.name);
  // A name that was given says which agent it is; of one that was derived there may be several agents.
  const own = name === undefined ? named.filter((id) => isOfAgent(join(root, id), identity)) : named;
  // Agents without a name were all called "model" once.
  const newest = own.at(-1) ?? idsOfStem(ids, "model").findLast((id) => isOlderRunOf(join(root, id), identity));
  return newest !== undefined && !isFinished(join(root, newest)) ? newest : undefined;
}

function idsOfStem(ids: readonly string[], name: string): string[] {
  const stem = `${idStem(name)}-`;
  return ids.filter((id) => id.startsWith(stem) && /^\d+$/.test(id.slice(stem.length)));
}

function isOfAgent(folder: string, identity: RunIdentity): boolean {
  const before = descriptionIn(folder)?.identity;
  // One that cannot be read is told of when it is opened.
  return before === undefined || isSameAgent(before, learnedIn(folder)[0] ?? {}, identity);
}

function isOlderRunOf(folder: string, identity: RunIdentity): boolean {
  const before = descriptionIn(folder)?.identity;
  return before !== undefined && before.code === undefined && canonicalJson(before.shape) === canonicalJson(identity.shape);
}

function descriptionIn(folder: string): RunDescription | undefined {
  try {
    return readRunDescription(folder);
  } catch (error) {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  }
}

/** The parameters that a run has come to. */
function learnedIn(folder: string): readonly Candidate[] {
  const read = readCheckpoint(join(folder, fileNames.checkpoint));
  if (read.state !== "whole") return [];
  const { parameters, best } = read.checkpoint;
  return [parameters, best.parameters];
}

function isFinished(folder: string): boolean {
  const read = readCheckpoint(join(folder, fileNames.checkpoint));
  return read.state === "whole" && read.checkpoint.status.state === "finished";
}

/** A run is the same when it starts where this one started; also when the agent still has what the run had learned. */
function refuseOtherRun(folder: string, identity: RunIdentity, current: Candidate): void {
  const before = readRunDescription(folder).identity;
  const learned = learnedIn(folder);
  const isWhereItWas = learned.some((values) => canonicalJson(values) === canonicalJson(current));
  const now = isWhereItWas ? { ...identity, parameters: before.parameters } : identity;
  const changed = identityDifferences(before, now);
  if (changed.length === 0) return;
  throw new CheckpointError(
    `The unfinished run in ${folder} cannot be resumed, because its settings differ:\n` +
      `${changed.map((line) => `  ${line}\n`).join("")}Undo the change, or start a new run with \`run.resume: false\`; if this is another agent, give it its own \`name\``,
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
      `Expected \`run.cacheFrom\` to be the id or the folder of a run with recorded calls; there is no ${path}`,
    );
  }
  return [new RecordFile(path, undefined, { readOnly: true })];
}
