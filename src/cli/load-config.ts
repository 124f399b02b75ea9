/**
 * Finds and loads an `opto.config.ts`, with the parts that an eval file gives it.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { readEvalFile } from "../adapters/eval-files/read-eval-file.ts";
import type { EvalFileOptions, EvalSource } from "../adapters/eval-source.ts";
import { readPromptfoo } from "../adapters/promptfoo/read-promptfoo.ts";
import { describeValue, isPlainObject } from "../data/json.ts";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { grouped } from "../train-options.ts";
import type { CommandCall } from "./command.ts";
import type { EvalFileConfig, OptoConfig } from "./define-config.ts";
import { importModule, importWithFiles } from "./user-modules.ts";

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

/**
 * The config, and what `--from`, or `from` in it, adds: where neither the config nor the file has an agent with parameters, that is refused.
 *
 * @param options.trains whether the agent must have parameters @default true
 * @throws ConfigurationError when there is neither a config nor an eval file, or the file lacks something
 */
export async function loadTraining(
  { flags, cwd }: CommandCall,
  { trains = true }: { readonly trains?: boolean } = {},
): Promise<OptoConfig> {
  const isConfigNeeded = flags.from === undefined || flags.config !== undefined || findConfig(cwd) !== undefined;
  const loaded = isConfigNeeded ? await loadConfig(cwd, flags.config) : undefined;
  const config: Partial<EvalFileConfig> = loaded?.config ?? {};
  const given = flags.from ?? config.from;
  if (given === undefined) {
    if (flags.eval === undefined) return config as OptoConfig;
    throw new InvalidArgumentError("`--eval` chooses an eval of the file that `--from` names. Add `--from`");
  }
  const path = resolve(flags.from === undefined && loaded !== undefined ? dirname(loaded.path) : cwd, given);
  const source = await readSource(path, relative(cwd, path), {
    name: flags.eval ?? (flags.from === undefined ? config.eval : undefined),
  });
  const isExplicit = flags.from !== undefined;
  return withSource(config, source, { trains, isExplicit });
}

async function readSource(path: string, shown: string, options: EvalFileOptions): Promise<EvalSource> {
  if (!existsSync(path)) throw new ConfigurationError(`There is no eval file at ${shown}`);
  if (/\.(?:ya?ml|json)$/i.test(path) || /^promptfooconfig\./.test(basename(path)))
    return readPromptfoo(path, importModule, options);
  if (/\.[cm]?[jt]s$/.test(path)) return readEvalFile(path, { load: importWithFiles }, options);
  throw new ConfigurationError(
    `Expected an eval file to be TypeScript or JavaScript of evalite or vitest-evals, or a promptfoo config, got ${shown}`,
  );
}

interface SourceUse {
  readonly trains: boolean;
  /** Whether the command line names the file: its data and scorers then take precedence over those of the config. */
  readonly isExplicit: boolean;
}

function withSource(config: Partial<EvalFileConfig>, source: EvalSource, { trains, isExplicit }: SourceUse): OptoConfig {
  const { from: _from, eval: _eval, ...own } = config;
  const { trainDataset, testDataset, validateDataset, evalDataset, guide, ...rest } = own;
  const kept = isExplicit ? { ...rest, name: slugOf(source.name) } : own;
  const chosen = isExplicit ? (source.guide ?? guide) : (guide ?? source.guide);
  if (chosen === undefined)
    throw new ConfigurationError(source.noGuide ?? `${source.name} has no scorers. Set \`guide\` in opto.config.ts`);
  return {
    name: slugOf(source.name),
    trainDataset: source.dataset,
    ...kept,
    guide: chosen,
    agent: config.agent ?? (() => agentOf(source, trains)),
  } as OptoConfig;
}

async function agentOf(source: EvalSource, trains: boolean): Promise<Module> {
  const agent = await source.agent();
  if (trains && agent.parameters().length === 0) throw new ConfigurationError(source.remedy);
  return agent;
}

/** What the runs are called: letters, digits, and hyphens. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 40);
  return slug === "" ? "eval" : slug;
}
