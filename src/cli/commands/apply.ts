/**
 * `opto apply`: writes a run's best parameters where the program that uses them reads them.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { planWriteBack } from "../../adapters/write-back.ts";
import { CheckpointError, ConfigurationError, errorText } from "../../errors.ts";
import { writeAgentFile } from "../../graph/agent-file.ts";
import type { Module } from "../../graph/module.ts";
import { type Candidate, resolveCandidate } from "../../graph/with-values.ts";
import { onOneLine } from "../../loggers/printable.ts";
import { keepApplied, returningValues } from "../applied-origins.ts";
import type { CommandCall } from "../command.ts";
import type { OptoConfig } from "../define-config.ts";
import { diffView, type ParameterChange, parameterChanges } from "../diff-view.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { findConfig } from "../load-config.ts";
import { loadTraining } from "../load-training.ts";
import { bestOf, parametersOfFile } from "../parameter-source.ts";
import type { RunFiles } from "../run-files.ts";
import { findRun, outputOf, runFolder } from "../run-folder.ts";
import { configuredAgent } from "../to-train-options.ts";
import { changeDocument } from "./diff.ts";

/** What is written, or would be. */
interface Target {
  readonly name: string;
  /** Whether it has the best parameters already. */
  readonly isSame: boolean;
  /** Whether it is there. */
  readonly isThere: boolean;
  readonly changes: readonly ParameterChange[];
}

/**
 * Writes values that come from files and stores back into them, and the others into the agent's file; or with `--check` only says
 * whether it would. A file that says the same already is left alone.
 */
export async function applyCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out, cwd } = call;
  const config = await configIfAny(call);
  const run = await findRun(runFolder(call, config), call.args[0], { isMeant: hasBest, what: "run with best parameters" });
  const { parameters } = bestOf(run);
  const agent = config === undefined ? undefined : await configuredAgent(config);
  if (agent !== undefined) refuseUnfit(agent, parameters, run);
  const returning = returningValues(run, parameters, agent, cwd);
  const plan = await planWriteBack(returning, cwd);
  const returned = new Set(returning.map(({ path }) => path));
  const others = Object.entries(parameters).filter(([path]) => flags.output !== undefined || !returned.has(path));
  const output = others.length > 0 || returned.size === 0 ? outputOf(call, config) : undefined;
  const rest = Object.fromEntries(others);
  const agentFile = output === undefined ? [] : [await agentFileTarget(output, rest, cwd)];
  const written = plan.targets.map(({ label, isSame, changes }): Target => {
    const compared = changes.map(({ path, from, to }) => parameterChanges({ [path]: from }, { [path]: to }));
    return { name: label, isSame, isThere: true, changes: compared.flat() };
  });
  const targets = [...written, ...agentFile];
  const isSame = targets.every((target) => target.isSame);
  const writes = !isSame && flags.check !== true;
  if (writes) {
    const { iteration, score } = run.best as NonNullable<RunFiles["best"]>;
    if (output !== undefined && agentFile[0]?.isSame === false) {
      await writeAgentFile(output, rest, { run: run.id, iteration, score }).catch((error: unknown) => {
        throw unwritten(output, error);
      });
    }
    const states = await plan.write(`opto: the best of ${run.id}${score === null ? "" : `, score ${score}`}`);
    await keepApplied(run, states).catch((error: unknown) => {
      out.note(`What was written could not be recorded in ${run.folder}: ${onOneLine(errorText(error))}`);
    });
  }
  const changes = targets.flatMap((target) => target.changes);
  const documents = targets.map(({ name, isSame: same }) => ({ name, same, written: writes && !same }));
  const document = { run: run.id, output: output ?? null, same: isSame, written: writes, targets: documents };
  out.result(
    targets.flatMap((target, index) => [...(index === 0 ? [] : [""]), ...lines(target, run, writes, out)]),
    { ...document, parameters: changes.map(changeDocument) },
  );
  return isSame || writes ? exitCodes.done : exitCodes.failed;
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

async function configIfAny(call: CommandCall): Promise<OptoConfig | undefined> {
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
    `The best parameters of ${run.id} are not for the agent of the config: ${problem}. Nothing was written`,
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
