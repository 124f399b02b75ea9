/**
 * `opto apply`: writes a run's best parameters where the program that uses them reads them.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { isFileRecord, originOfRecord } from "../../adapters/prompt-file.ts";
import { planWriteBack } from "../../adapters/write-back.ts";
import type { ReturningValue, WriteBackTarget } from "../../adapters/write-back-target.ts";
import { ownValue } from "../../data/json.ts";
import { writeJsonFile } from "../../data/json-file.ts";
import { CheckpointError, ConfigurationError, errorText } from "../../errors.ts";
import { stageAgentFile } from "../../graph/agent-file.ts";
import type { Module } from "../../graph/module.ts";
import type { OriginRecord, ParameterOrigin } from "../../graph/parameter.ts";
import { type Candidate, resolveCandidate } from "../../graph/with-values.ts";
import { formatNumber } from "../../loggers/format-number.ts";
import { onOneLine } from "../../loggers/printable.ts";
import type { OriginRecords, RunFiles } from "../../runs/read-run-files.ts";
import { fileNames } from "../../runs/run-files.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import type { OptoConfig } from "../define-config.ts";
import { findConfig, loadTraining } from "../load-config.ts";
import { bestOf, parametersOfFile } from "../parameter-source.ts";
import { findRun, outputOf, runFolder } from "../run-folder.ts";
import { configuredAgent } from "../to-train-options.ts";
import { changeDocument, diffView, type ParameterChange, parameterChanges } from "./diff.ts";

/** A file or prompt that is written, or would be. */
interface Target {
  readonly name: string;
  /** Whether it has the best parameters already. */
  readonly isSame: boolean;
  /** Whether it exists. */
  readonly isThere: boolean;
  readonly changes: readonly ParameterChange[];
}

/** What would be written. */
export interface ApplyPlan {
  readonly targets: readonly Target[];
  /** The file of the agent, where there is something for it. */
  readonly output: string | undefined;
  /** Writes what is not the same. */
  write(): Promise<void>;
}

/**
 * Writes values that come from files and stores back into them, and the others into the file of the agent; with `--check` it only says
 * whether it would. What has the values already is left alone.
 */
export async function applyCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out } = call;
  const config = await configIfAny(call);
  const run = await findRun(runFolder(call, config), call.args[0], { isMeant: hasBest, what: "run with best parameters" });
  const { targets, output = null, write } = await planApply(call, config, run);
  const isSame = targets.every((target) => target.isSame);
  const writes = !isSame && flags.check !== true;
  if (writes) await write();
  const document = {
    run: run.id,
    output,
    same: isSame,
    written: writes,
    targets: targets.map((target) => ({ name: target.name, same: target.isSame, written: writes && !target.isSame })),
    parameters: targets.flatMap(({ changes }) => changes.map(changeDocument)),
  };
  const parts = targets.map((target) => lines(target, run, writes, out));
  out.result(
    parts.flatMap((part, index) => (index === 0 ? part : ["", ...part])),
    document,
  );
  return isSame || writes ? exitCodes.done : exitCodes.failed;
}

/**
 * What applying the best values of a run would write. Everything is checked, so that all of it can be written or nothing is.
 *
 * @param what the values are, for stores that keep a message with a version
 */
export async function planApply(
  call: CommandCall,
  config: OptoConfig | undefined,
  run: RunFiles,
  what = "best",
): Promise<ApplyPlan> {
  const { flags, out, cwd } = call;
  const { parameters } = bestOf(run);
  const agent = config === undefined ? undefined : await configuredAgent(config);
  if (agent !== undefined) refuseUnfit(agent, parameters, run);
  const returning = returningValues(run, parameters, agent, cwd);
  const writeBack = await planWriteBack(returning, cwd);
  const returned = new Set(returning.map(({ path }) => path));
  // A file that is asked for is a copy of all values.
  const others = Object.entries(parameters).filter(([path]) => flags.output !== undefined || !returned.has(path));
  const output = others.length > 0 || returned.size === 0 ? outputOf(call, config) : undefined;
  const agentFile = output === undefined ? undefined : await agentFileTarget(output, Object.fromEntries(others), cwd);
  return {
    targets: [...writeBack.targets.map(promptTarget), ...(agentFile === undefined ? [] : [agentFile])],
    output,
    async write() {
      const { iteration, score } = run.best as NonNullable<RunFiles["best"]>;
      const message = `opto: ${what} of ${run.id}${score === null ? "" : `, score ${formatNumber(score)}`}`;
      const orUnwritten = <T>(work: Promise<T>): Promise<T> => elseUnwritten(work, output as string);
      const isWritten = output !== undefined && agentFile?.isSame === false;
      const about = { run: run.id, iteration, score };
      // Aside until the prompts are where they belong: they are more likely to fail.
      const staged = isWritten ? await orUnwritten(stageAgentFile(output, Object.fromEntries(others), about)) : undefined;
      const states = await writeBack.write(message).catch(async (error: unknown) => {
        await staged?.discard();
        throw error;
      });
      if (staged !== undefined) await orUnwritten(staged.commit());
      await keepApplied(run, states).catch((error: unknown) => {
        out.note(`${run.folder} has no record of what was written: ${onOneLine(errorText(error))}`);
      });
    },
  };
}

function elseUnwritten<T>(work: Promise<T>, output: string): Promise<T> {
  return work.catch((error: unknown) => {
    throw unwritten(output, error);
  });
}

function promptTarget({ label, isSame, changes }: WriteBackTarget): Target {
  const compared = changes.flatMap(({ path, from, to }) => parameterChanges({ [path]: from }, { [path]: to }));
  return { name: label, isSame, isThere: true, changes: compared };
}

async function agentFileTarget(path: string, parameters: Candidate, cwd: string): Promise<Target> {
  const isThere = existsSync(path);
  const changes = parameterChanges(isThere ? await parametersOfFile(path) : {}, parameters);
  return { name: relative(cwd, path), isSame: isThere && changes.every(({ state }) => state === "same"), isThere, changes };
}

function lines({ name, isSame, isThere, changes }: Target, { id }: RunFiles, writes: boolean, out: CommandCall["out"]): string[] {
  if (isSame) return [`${onOneLine(name)} has the best parameters of ${id}`];
  const { columns, paint, hasColor } = out;
  const view = diffView(changes, { from: isThere ? name : `${name} (new)`, to: id, columns, paint, hasColor });
  return [...view, "", `${writes ? paint("green", "Written:") : paint("red", "Differs:")} ${onOneLine(name)}`];
}

/** A file that may not be written is a wrong set-up; anything else (a full disk) is a failure. */
function unwritten(path: string, cause: unknown): Error {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const reason = reasons[code];
  if (reason === undefined) return new CheckpointError(`Could not write ${path}: ${message}`, { cause });
  return new ConfigurationError(`Could not write ${path}: ${reason}, or write to another file with --output`, { cause });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission was denied. Make it writable",
  EPERM: "permission was denied. Make it writable",
  EROFS: "the file system is read-only. Make it writable",
  EISDIR: "it is a folder. Remove it",
  ENOTDIR: "a part of the path is a file. Remove it",
  EEXIST: "a part of the path is a file. Remove it",
};

/** The config of this folder, or what the command line names instead; `undefined` where there is none. */
export async function configIfAny(call: CommandCall): Promise<OptoConfig | undefined> {
  const { flags, cwd } = call;
  if (flags.config === undefined && flags.from === undefined && findConfig(cwd) === undefined) return undefined;
  return loadTraining(call);
}

function hasBest({ best }: RunFiles): boolean {
  return best !== null;
}

/** What is written must be what the agent will take. */
function refuseUnfit(agent: Module, parameters: Candidate, run: RunFiles): void {
  const missing = [...agent.namedParameters().keys()].filter((path) => !Object.hasOwn(parameters, path));
  const problem =
    missing.length > 0 ? `it has no value for ${missing.join(", ")}` : problemOf(() => resolveCandidate(agent, parameters));
  if (problem === undefined) return;
  throw new CheckpointError(
    `The best parameters of ${run.id} do not fit the agent of the config: ${problem}. Nothing was written. Run \`opto apply\` with the config that the run was started with`,
  );
}

function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * The best values that go back to an origin.
 *
 * @param agent that of the config; without one the run has to say where its parameters come from
 * @param cwd what the paths that a run has kept are relative to
 */
export function returningValues(run: RunFiles, parameters: Candidate, agent: Module | undefined, cwd: string): ReturningValue[] {
  const named = agent?.namedParameters();
  return Object.entries(parameters).flatMap(([path, value]) => {
    const record = ownValue(run.origins, path);
    const origin = named === undefined ? record && recordedOrigin(path, record, cwd) : named.get(path)?.origin;
    if (origin === undefined || typeof value !== "string") return [];
    const since = [record, ownValue(run.applied, path)].filter((state) => state !== undefined);
    return [{ path, origin, value, since, start: ownValue(run.start, path) }];
  });
}

function recordedOrigin(path: string, record: OriginRecord, cwd: string): ParameterOrigin {
  if (isFileRecord(record)) return originOfRecord(record, cwd);
  throw new ConfigurationError(
    `"${path}" comes from ${String(record.store ?? record.kind)}, which only the config can reach. Run this where the config is, or name it with --config`,
  );
}

/** Remembers what was written, so that what the same run finds later may be written over it. */
export async function keepApplied({ folder, applied }: RunFiles, states: OriginRecords): Promise<void> {
  if (Object.keys(states).length === 0) return;
  await writeJsonFile(join(folder, fileNames.applied), {
    format: "opto-applied",
    version: 1,
    origins: { ...applied, ...states },
  });
}
