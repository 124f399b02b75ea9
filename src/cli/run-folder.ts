/**
 * The folder of all runs, as a command means it.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { environmentVariable } from "../data/environment.ts";
import { onOneLine } from "../loggers/printable.ts";
import type { CommandCall } from "./command.ts";
import type { OptoConfig } from "./define-config.ts";
import { findConfig, type LoadedConfig, loadConfig } from "./load-config.ts";

/** By `--run-dir`, else by the config, else by `OPTO_RUN_DIR`, else `.opto/runs`. */
export function runFolder({ flags, cwd }: CommandCall, config: OptoConfig | undefined): string {
  const { runDir } = (config ?? {}) as { readonly runDir?: string | null };
  const folder = flags.runDir ?? runDir ?? environmentVariable("OPTO_RUN_DIR") ?? join(".opto", "runs");
  return resolve(cwd, folder);
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
  return { runDir: runFolder(call, config), prices: (config as { readonly prices?: unknown } | undefined)?.prices };
}

async function configIfAny({ flags, cwd, out }: CommandCall): Promise<LoadedConfig | undefined> {
  if (flags.config !== undefined) return loadConfig(cwd, flags.config);
  const path = findConfig(cwd);
  if (path === undefined) return undefined;
  try {
    return await loadConfig(cwd, path);
  } catch (error) {
    out.note(`${path} could not be loaded, so it is done without: ${onOneLine(String(error))}`);
    return undefined;
  }
}
