/**
 * From the config file and the flags to the options of `train`, with every part checked; and the console of a run that a command has begun.
 *
 * @module
 */
import { datasetOf } from "../data/data-loader.ts";
import type { Dataset, DatasetLike } from "../data/dataset.ts";
import { describeValue, isClass } from "../data/json.ts";
import { ConfigurationError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { Guide, type GuideLike } from "../guides/guide.ts";
import { ConsoleLogger } from "../loggers/console-logger.ts";
import { Optimizer } from "../optimizers/optimizer.ts";
import { toModule } from "../train-parts.ts";
import type { Logger, RunEvent } from "../trainer/events.ts";
import type { Output } from "./command.ts";
import type { OptoConfig } from "./define-config.ts";
import { type Flags, withFlagNames, withFlags } from "./flags.ts";

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

/** The agent that the config has or returns. */
export async function configuredAgent(config: OptoConfig): Promise<Module> {
  return toModule((await given(config.agent)) as Module);
}

/** The guide; `undefined` leaves it to `train`. */
export async function configuredGuide({ guide }: OptoConfig): Promise<GuideLike | string | undefined> {
  if (typeof guide !== "function" || guide.length > 0 || isClass(guide)) return guide as GuideLike | string | undefined;
  // Without arguments it cannot judge an answer, so it gives what can.
  const made: unknown = await (guide as () => unknown)();
  if (made instanceof Guide || typeof made === "function" || typeof made === "string") return made as GuideLike | string;
  throw new ConfigurationError(
    `Expected \`guide\`, which takes no arguments, to return a guide, got ${describeValue(made)}. Write a guide itself as (question, answer, info) => …`,
  );
}

/** The optimizer for an agent; `undefined` leaves it to `train`. */
async function configuredOptimizer({ optimizer }: OptoConfig, agent: Module): Promise<unknown> {
  if (typeof optimizer !== "function" || isClass(optimizer)) return optimizer;
  const made: unknown = await (optimizer as (agent: Module) => unknown)(agent);
  if (made instanceof Optimizer) return made;
  throw new ConfigurationError(`Expected \`optimizer\` to return an Optimizer, got ${describeValue(made)}`);
}

/** Any other part: a dataset, mostly. A class makes nothing when it is called: it is left for a check to refuse. */
async function given<T>(part: T | (() => T | Promise<T>)): Promise<T> {
  return typeof part === "function" && !isClass(part) ? await (part as () => T | Promise<T>)() : part;
}

/** What `opto eval` evaluates on, and which of the datasets it is. */
export async function evalDataset(
  config: OptoConfig,
): Promise<{ readonly name: string; readonly dataset: Dataset<unknown, unknown> }> {
  for (const name of ["evalDataset", "testDataset", "trainDataset"] as const) {
    const dataset = await givenDataset(config, name);
    if (dataset !== undefined) return { name, dataset };
  }
  throw new ConfigurationError("Expected an `evalDataset`, `testDataset` or `trainDataset` in the config, got none");
}

/**
 * The examples that runs of the config learn or choose from: its training and its validation dataset, where it has them. Where only an evaluation is wanted,
 * their files need not be there.
 */
export async function usedDatasets(config: OptoConfig): Promise<readonly Dataset<unknown, unknown>[]> {
  const names = ["trainDataset", "validateDataset"] as const;
  const all = await Promise.allSettled(names.map((name) => givenDataset(config, name)));
  return all.flatMap((one) => (one.status === "fulfilled" && one.value !== undefined ? [one.value] : []));
}

/** The examples of a dataset of the config; `undefined` where it has none of that name. */
async function givenDataset(
  config: OptoConfig,
  name: "evalDataset" | "testDataset" | "trainDataset" | "validateDataset",
): Promise<Dataset<unknown, unknown> | undefined> {
  const found: unknown = await given<unknown>(config[name]);
  if (found === undefined || found === null) return undefined;
  return datasetOf(found as DatasetLike<unknown, unknown>, name);
}

/** The console of a run that a command has begun. */
class CommandConsole extends ConsoleLogger {
  override onEvent(event: RunEvent): void {
    if (event.type === "warning") super.onEvent({ ...event, message: withFlagNames(event.message) });
    else if (event.type === "run-end" && event.error !== undefined)
      super.onEvent({ ...event, error: withFlagNames(event.error) });
    else super.onEvent(event);
  }
}
