/**
 * Where a command reads and writes: the folder of all runs, and the file of the applied parameters.
 *
 * @module
 */
import { resolve } from "node:path";
import { ownPath } from "../data/foreign-path.ts";
import { onOneLine } from "../loggers/printable.ts";
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
