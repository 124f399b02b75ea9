/**
 * The parts of a config: what stands there, or what its functions give.
 *
 * @module
 */
import { DataLoader } from "../data/data-loader.ts";
import { type Dataset, type DatasetLike, toDataset } from "../data/dataset.ts";
import { describeValue, isClass } from "../data/json.ts";
import { ConfigurationError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { Guide, type GuideLike } from "../guides/guide.ts";
import { Optimizer } from "../optimizers/optimizer.ts";
import { toModule } from "../train-parts.ts";

import type { OptoConfig } from "./define-config.ts";

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
export async function configuredOptimizer({ optimizer }: OptoConfig, agent: Module): Promise<unknown> {
  if (typeof optimizer !== "function" || isClass(optimizer)) return optimizer;
  const made: unknown = await (optimizer as (agent: Module) => unknown)(agent);
  if (made instanceof Optimizer) return made;
  throw new ConfigurationError(`Expected \`optimizer\` to return an Optimizer, got ${describeValue(made)}`);
}

/** Any other part: a dataset, mostly. A class makes nothing when it is called: it is left for a check to refuse. */
export async function given<T>(part: T | (() => T | Promise<T>)): Promise<T> {
  return typeof part === "function" && !isClass(part) ? await (part as () => T | Promise<T>)() : part;
}

/** What `opto eval` evaluates on, and which of the datasets it is. */
export async function evalDataset(
  config: OptoConfig,
): Promise<{ readonly name: string; readonly dataset: Dataset<unknown, unknown> }> {
  for (const name of ["evalDataset", "testDataset", "trainDataset"] as const) {
    const found: unknown = await given<unknown>(config[name]);
    if (found === undefined || found === null) continue;
    const dataset = found instanceof DataLoader ? found.dataset : toDataset(found as DatasetLike<unknown, unknown>, name);
    return { name, dataset };
  }
  throw new ConfigurationError("Expected an `evalDataset`, `testDataset` or `trainDataset` in the config, got none");
}
