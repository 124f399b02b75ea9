/**
 * `defineConfig`: the typed content of an `opto.config.ts`.
 *
 * @module
 */
import type { DatasetLike } from "../data/dataset.ts";
import type { Module } from "../graph/module.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { TrainOptions } from "../train.ts";
import type { TrainDataset } from "../trainer/trainer.ts";

/** A part of a config: itself, or a function that gives it when a command needs it. */
export type Given<T> = T | (() => T | Promise<T>);

type Parts = "agent" | "trainDataset" | "testDataset" | "validateDataset" | "guide" | "optimizer";

/** What stands in an `opto.config.ts`: the options of `train`, and what the other commands need. */
export interface OptoConfig<X = unknown, Y = unknown, Info = unknown> extends Omit<TrainOptions<X, Y, Info>, Parts> {
  /** What is trained. */
  readonly agent: Given<Module<X, Y> | Parameter<Y>>;
  readonly trainDataset: Given<TrainDataset<X, Info>>;
  /** What the agent is evaluated on in training. @default the train dataset */
  readonly testDataset?: Given<DatasetLike<X, Info> | null> | undefined;
  /** What proposals are compared on. */
  readonly validateDataset?: Given<DatasetLike<X, Info> | null> | undefined;
  /** What `opto eval` evaluates on. @default testDataset, else trainDataset */
  readonly evalDataset?: Given<DatasetLike<X, Info>> | undefined;
  /** Scores the answers. A function that takes no arguments gives the guide; any other function is the guide. @default "LLMJudge" */
  readonly guide?: Given<NonNullable<TrainOptions<X, Y, Info>["guide"]>> | undefined;
  /** Proposes values. A function gets the agent and gives the optimizer. @default as in `train` */
  readonly optimizer?:
    | TrainOptions<X, Y, Info>["optimizer"]
    | ((agent: Module<X, Y>) => Optimizer | Promise<Optimizer>)
    | undefined;
  /** Where `opto apply` writes the best parameters; relative to where the command runs. @default "agent.json" */
  readonly output?: string | undefined;
  /** What runs are called: `name-1`, `name-2`, … @default after the agent's class */
  readonly name?: string | undefined;
}

/**
 * Gives back the config as it is; agent, datasets and guide must fit each other.
 *
 * @example
 * ```ts
 * // opto.config.ts
 * export default defineConfig({
 *   agent: () => new MailFilter(),
 *   trainDataset: () => loadDataset("data/train.jsonl"),
 *   guide: (mail, verdict, info) => verdict === info.isSpam,
 *   numEpochs: 2,
 * });
 * ```
 */
export function defineConfig<X, Y, Info>(config: OptoConfig<X, Y, Info>): OptoConfig<X, Y, Info> {
  return config;
}
