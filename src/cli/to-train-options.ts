/**
 * `toTrainOptions`: a config with the command line on top, as `train` takes them.
 *
 * @module
 */
import type { Module } from "../graph/module.ts";
import { ConsoleLogger } from "../loggers/console-logger.ts";
import type { Logger } from "../trainer/logger.ts";
import { CommandConsole } from "./command-console.ts";
import { configuredAgent, configuredGuide, configuredOptimizer, given } from "./config-parts.ts";
import type { OptoConfig } from "./define-config.ts";
import type { Flags } from "./flags.ts";
import type { Output } from "./output.ts";
import { withFlags } from "./train-flags.ts";

/** What `train` is called with. */
export type TrainArguments = Readonly<Record<string, unknown>> & { readonly agent: Module; readonly logger: readonly Logger[] };

/** What only the other commands read. */
const ownNames = ["evalDataset", "output", "name"] as const;
const datasetNames = ["trainDataset", "testDataset", "validateDataset"] as const;

/**
 * The parts that the config gives, its other options, and what the flags say instead. Nothing is added that neither says,
 * so the defaults stay those of `train`.
 *
 * @param run the id to continue or to begin; left to `train` when it is not given
 */
export async function toTrainOptions(
  config: OptoConfig,
  flags: Flags,
  { out, run }: { readonly out: Output; readonly run?: string | undefined },
): Promise<TrainArguments> {
  const options = withFlags({ ...config }, flags);
  for (const name of ownNames) delete options[name];
  const agent = await configuredAgent(config);
  for (const name of datasetNames) {
    if (options[name] !== undefined) options[name] = await given<unknown>(config[name]);
  }
  const guide = await configuredGuide(config);
  const optimizer = await configuredOptimizer(config, agent);
  if (run !== undefined && options.run !== null) options.run = { ...(options.run as object | undefined), id: run };
  return { ...options, ...defined({ guide, optimizer }), agent, logger: loggersOf(config, out) };
}

/** The loggers of the config; progress goes where it does not stand in the result, or nowhere. */
function loggersOf({ logger = "console" }: OptoConfig, { isJson, isQuiet, progress }: Output): readonly Logger[] {
  const console = (): readonly Logger[] => (isQuiet ? [] : [new CommandConsole({ stream: progress })]);
  if (logger === "console") return console();
  const all: readonly Logger[] = Array.isArray(logger) ? logger : [logger as Logger];
  const others = all.filter((one) => !(one instanceof ConsoleLogger));
  if (!isJson && !isQuiet) return all;
  return others.length === all.length ? others : [...others, ...console()];
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
