/**
 * Where a command finds the runs: the folder of all of them, the one that is meant, and the file of the applied parameters.
 *
 * @module
 */
import { resolve } from "node:path";
import { ownPath } from "../data/json-file.ts";
import { nearestName } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { onOneLine } from "../loggers/printable.ts";
import { findRuns, type RunFiles } from "../runs/read-run-files.ts";
import { runsFolder } from "../runs/run-files.ts";
import type { CommandCall } from "./command.ts";
import type { OptoConfig } from "./define-config.ts";
import { findConfig, type LoadedConfig, loadConfig } from "./load-config.ts";

/** By `--run-dir`, else by the config, else by `OPTO_RUN_DIR`, else `.opto/runs`. */
export function runFolder({ flags, cwd }: CommandCall, config: OptoConfig | undefined): string {
  return resolve(cwd, flags.runDir === undefined ? runsFolder(config?.run?.dir) : ownPath(flags.runDir, "--run-dir"));
}

/** The file that `opto apply` writes: by `--output`, else by the config, else `agent.json`. */
export function outputOf({ flags, cwd }: CommandCall, config: OptoConfig | undefined): string {
  const given = flags.output ?? config?.output;
  return resolve(cwd, given === undefined ? "agent.json" : ownPath(given, flags.output === undefined ? "`output`" : "--output"));
}

/** What a command that only reads has to know of the config. */
export interface ReadingPlace {
  /** The folder of all runs. */
  readonly runDir: string;
  /** The user's prices of models, unchecked. */
  readonly prices: unknown;
}

/** Where to read. A config that does not load is told of, and done without. */
export async function readingPlace(call: CommandCall): Promise<ReadingPlace> {
  const config = (await configIfAny(call))?.config;
  return { runDir: runFolder(call, config), prices: config?.calls?.prices };
}

async function configIfAny({ flags, cwd, out }: CommandCall): Promise<LoadedConfig | undefined> {
  if (flags.config !== undefined) return loadConfig(cwd, flags.config);
  const path = findConfig(cwd);
  if (path === undefined) return undefined;
  try {
    return await loadConfig(cwd, path);
  } catch (error) {
    out.note(`${path} could not be loaded, so it is ignored: ${onOneLine(String(error))}`);
    return undefined;
  }
}

/**
 * The run of an id, else the newest that `isMeant`.
 *
 * @throws InvalidArgumentError when there is none
 */
export async function findRun(
  runDir: string,
  id: string | undefined,
  { isMeant = () => true, what = "run" }: { readonly isMeant?: (run: RunFiles) => boolean; readonly what?: string } = {},
): Promise<RunFiles> {
  const runs = await findRuns(runDir);
  if (id === undefined) {
    const found = runs.find(isMeant);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`There is no ${what} in ${runDir}. \`opto list\` shows all runs`);
  }
  const found = runs.find((run) => run.id === id);
  if (found !== undefined) return found;
  const nearest = nearestName(
    id,
    runs.map((run) => run.id),
  );
  const hint = nearest === undefined ? "`opto list` shows all runs" : `Did you mean "${nearest}"?`;
  throw new InvalidArgumentError(`There is no run "${id}" in ${runDir}. ${hint}`);
}

/** The id for a run of a name of the user's own: its newest one while it is unfinished, else the next number. */
export function idOfName(runs: readonly RunFiles[], name: string, resume: boolean): string {
  const numbered = runs.flatMap((run) => {
    const number = run.id.startsWith(`${name}-`) ? Number(run.id.slice(name.length + 1)) : Number.NaN;
    return Number.isSafeInteger(number) ? [{ run, number }] : [];
  });
  const last = numbered.reduce((highest, entry) => (entry.number > highest.number ? entry : highest), {
    run: undefined as RunFiles | undefined,
    number: 0,
  });
  const isOpen = last.run !== undefined && last.run.state !== "finished";
  return resume && isOpen ? `${name}-${last.number}` : `${name}-${last.number + 1}`;
}
