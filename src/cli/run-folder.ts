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

/** The same for a command that only reads: a config that does not load is told of, and done without. */
export async function readableRunFolder(call: CommandCall): Promise<string> {
  if (call.flags.runDir !== undefined) return runFolder(call, undefined);
  return runFolder(call, (await configIfAny(call))?.config);
}

async function configIfAny({ flags, cwd, out }: CommandCall): Promise<LoadedConfig | undefined> {
  if (flags.config !== undefined) return loadConfig(cwd, flags.config);
  const path = findConfig(cwd);
  if (path === undefined) return undefined;
  try {
    return await loadConfig(cwd, path);
  } catch (error) {
    out.note(`${path} could not be loaded, so its \`runDir\` is not known: ${onOneLine(String(error))}`);
    return undefined;
  }
}
