/**
 * `opto apply`: writes a run's best parameters where the program that uses them reads them.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { CheckpointError, ConfigurationError } from "../../errors.ts";
import { writeAgentFile } from "../../graph/agent-file.ts";
import { type Candidate, resolveCandidate } from "../../graph/with-values.ts";
import { onOneLine } from "../../loggers/printable.ts";
import type { CommandCall } from "../command.ts";
import type { OptoConfig } from "../define-config.ts";
import { diffView, parameterChanges } from "../diff-view.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { findConfig } from "../load-config.ts";
import { loadTraining } from "../load-training.ts";
import { bestOf, parametersOfFile } from "../parameter-source.ts";
import type { RunFiles } from "../run-files.ts";
import { findRun, outputOf, runFolder } from "../run-folder.ts";
import { configuredAgent } from "../to-train-options.ts";
import { changeDocument } from "./diff.ts";

/** Writes the file, or with `--check` only says whether it would. A file that says the same already is left alone. */
export async function applyCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out, cwd } = call;
  const config = await configIfAny(call);
  const run = await findRun(runFolder(call, config), call.args[0], { isMeant: hasBest, what: "run with best parameters" });
  const { parameters } = bestOf(run);
  if (config !== undefined) await refuseUnfit(config, parameters, run);
  const output = outputOf(call, config);
  const name = relative(cwd, output);
  const isThere = existsSync(output);
  const changes = parameterChanges(isThere ? await parametersOfFile(output) : {}, parameters);
  const isSame = isThere && changes.every(({ state }) => state === "same");
  const writes = !isSame && flags.check !== true;
  if (writes) {
    const { iteration, score } = run.best as NonNullable<RunFiles["best"]>;
    await writeAgentFile(output, parameters, { run: run.id, iteration, score }).catch((error: unknown) => {
      throw unwritten(output, error);
    });
  }
  const { columns, paint, hasColor } = out;
  const view = diffView(changes, { from: isThere ? name : `${name} (new)`, to: run.id, columns, paint, hasColor });
  const verdict = isSame
    ? `${onOneLine(name)} has the best parameters of ${run.id}`
    : `${writes ? paint("green", "Written:") : paint("red", "Differs:")} ${onOneLine(name)}`;
  const document = { run: run.id, output, same: isSame, written: writes, parameters: changes.map(changeDocument) };
  out.result(isSame ? [verdict] : [...view, "", verdict], document);
  return isSame || writes ? exitCodes.done : exitCodes.failed;
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

/** What is written must be what `agent.load` will take. */
async function refuseUnfit(config: OptoConfig, parameters: Candidate, run: RunFiles): Promise<void> {
  const agent = await configuredAgent(config);
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
