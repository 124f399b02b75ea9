/**
 * `opto apply`: writes a run's best parameters where the program that uses them reads them.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { CheckpointError } from "../../errors.ts";
import { writeAgentFile } from "../../graph/agent-file.ts";
import type { Candidate } from "../../graph/with-values.ts";
import { resolveCandidate } from "../../graph/with-values.ts";
import { onOneLine } from "../../loggers/printable.ts";
import type { CommandCall } from "../command.ts";
import { configuredAgent } from "../config-parts.ts";
import type { OptoConfig } from "../define-config.ts";
import { diffView } from "../diff-view.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { findRun } from "../find-runs.ts";
import { findConfig, loadConfig } from "../load-config.ts";
import { parameterChanges } from "../parameter-changes.ts";
import { bestOf, parametersOfFile } from "../parameter-source.ts";
import type { RunFiles } from "../run-files.ts";
import { runFolder } from "../run-folder.ts";
import { changeDocument } from "./diff.ts";

/** Writes the file, or with `--check` only says whether it would. A file that says the same already is left alone. */
export async function applyCommand(call: CommandCall): Promise<ExitCode> {
  const { flags, out, cwd } = call;
  const config = await configIfAny(call);
  const run = await findRun(runFolder(call, config), call.args[0], { isMeant: hasBest, what: "run with best parameters" });
  const { parameters } = bestOf(run);
  if (config !== undefined) await refuseUnfit(config, parameters, run);
  const output = resolve(cwd, flags.output ?? config?.output ?? "agent.json");
  const name = relative(cwd, output);
  const isThere = existsSync(output);
  const changes = parameterChanges(isThere ? await parametersOfFile(output) : {}, parameters);
  const isSame = isThere && changes.every(({ state }) => state === "same");
  const writes = !isSame && flags.check !== true;
  if (writes) {
    const { iteration, score } = run.best as NonNullable<RunFiles["best"]>;
    await writeAgentFile(output, parameters, { run: run.id, iteration, score });
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

async function configIfAny({ flags, cwd }: CommandCall): Promise<OptoConfig | undefined> {
  if (flags.config === undefined && findConfig(cwd) === undefined) return undefined;
  return (await loadConfig(cwd, flags.config)).config;
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
