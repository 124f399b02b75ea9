/**
 * Finds and loads an `opto.config.ts`.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describeValue, isPlainObject } from "../data/json.ts";
import { ConfigurationError } from "../errors.ts";
import { grouped } from "../train-options.ts";
import type { OptoConfig } from "./define-config.ts";
import { importModule } from "./user-modules.ts";

/** A config with the place where it stands. */
export interface LoadedConfig {
  readonly path: string;
  readonly config: OptoConfig;
}

const fileNames: readonly string[] = ["opto.config.ts", "opto.config.mts", "opto.config.js", "opto.config.mjs"];

/** The config in a folder, or `undefined`. */
export function findConfig(folder: string): string | undefined {
  return fileNames.map((name) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * Loads the config at a path, or the one in the folder.
 *
 * @throws ConfigurationError when there is none, or it exports no config. What the file itself throws comes through unchanged.
 */
export async function loadConfig(folder: string, given: string | undefined): Promise<LoadedConfig> {
  const path = given === undefined ? findConfig(folder) : resolve(folder, given);
  if (path === undefined) {
    throw new ConfigurationError(
      `There is no ${fileNames[0]} in ${folder} (nor .mts, .js, .mjs). Run \`opto init\` to write one, or name it with --config`,
    );
  }
  if (!existsSync(path)) {
    throw new ConfigurationError(`There is no config at ${path}. Correct --config, or run \`opto init\` to write a config`);
  }
  const { default: config } = await importModule(path);
  if (!isPlainObject(config)) {
    throw new ConfigurationError(`Expected ${path} to \`export default defineConfig({ … })\`, got ${describeValue(config)}`);
  }
  for (const name of ["agent", "trainDataset"]) {
    if (config[name] === undefined && config.from === undefined)
      throw new ConfigurationError(`Expected \`${name}\` in ${path}, got none`);
  }
  return { path, config: grouped(config) as unknown as OptoConfig };
}
