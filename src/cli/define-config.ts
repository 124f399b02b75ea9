/**
 * `defineConfig`: the typed content of an `opto.config.ts`.
 *
 * @module
 */
import type { DatasetLike } from "../data/dataset.ts";
import type { Module } from "../graph/module.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { TrainOptions } from "../train-options.ts";
import type { TrainDataset } from "../trainer/trainer.ts";

/** A part of a config: itself, or a function that returns it when a command needs it. */
export type Given<T> = T | (() => T | Promise<T>);

type Parts = "agent" | "trainDataset" | "testDataset" | "validateDataset" | "guide" | "optimizer";

/**
 * What stands in an `opto.config.ts`: the options of `train`, and what the other commands need.
 *
 * The agent alone determines the types of inputs and answers, the train dataset that of what the guide receives; the rest has to fit.
 */
export interface OptoConfig<X = unknown, Y = unknown, Info = unknown> extends Omit<TrainOptions<X, Y, Info>, Parts> {
  /** What is trained. */
  readonly agent: Given<Module<X, Y> | Parameter<Y>>;
  readonly trainDataset: Given<TrainDataset<NoInfer<X>, Info>>;
  /** What the agent is evaluated on in training. @default the train dataset */
  readonly testDataset?: Given<DatasetLike<NoInfer<X>, NoInfer<Info>> | null> | undefined;
  /** What proposals are compared on. */
  readonly validateDataset?: Given<DatasetLike<NoInfer<X>, NoInfer<Info>> | null> | undefined;
  /** What `opto eval` evaluates on. @default testDataset, else trainDataset */
  readonly evalDataset?: Given<DatasetLike<NoInfer<X>, NoInfer<Info>>> | undefined;
  /** Scores the answers. A function without parameters returns the guide; any other function is the guide. @default "LLMJudge" */
  readonly guide?: Given<NonNullable<TrainOptions<NoInfer<X>, NoInfer<Y>, NoInfer<Info>>["guide"]>> | undefined;
  /** Proposes values. A function receives the agent and returns the optimizer. @default as in `train` */
  readonly optimizer?:
    | TrainOptions<X, Y, Info>["optimizer"]
    | ((agent: Module<X, Y>) => Optimizer | Promise<Optimizer>)
    | undefined;
  /** Where `opto apply` writes the best parameters; relative to where the command runs. @default "agent.json" */
  readonly output?: string | undefined;
  /** What runs are called: `name-1`, `name-2`, … @default after the agent's class */
  readonly name?: string | undefined;
}

/** What stands in an `opto.config.ts` beside an eval file: what is given here takes the place of what that file has. */
export interface EvalFileConfig extends Partial<OptoConfig> {
  /** A file of evalite or vitest-evals, or a promptfoo config: dataset, guide, and agent are those of it. Relative to the config. */
  readonly from: string;
  /** Which eval of the file, or which prompt of a promptfoo config. @default the only one */
  readonly eval?: string | undefined;
}

/** What the agent takes. Told from the agent as a whole: every function has a `call` and an `apply`, as a module has. */
export type InputOf<Agent> = Agent extends () => infer Made
  ? InputOf<Awaited<Made>>
  : Agent extends Module<infer X, infer _>
    ? X
    : unknown;

/** What the agent answers. */
export type OutputOf<Agent> = Agent extends () => infer Made
  ? OutputOf<Awaited<Made>>
  : Agent extends Module<infer _, infer Y>
    ? Y
    : Agent extends Parameter<infer Value>
      ? Value
      : unknown;

/**
 * Returns the config unchanged; agent, datasets and guide must fit each other.
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
export function defineConfig<Agent extends Given<Module | Parameter>, Info>(
  config: OptoConfig<InputOf<Agent>, OutputOf<Agent>, Info> & { readonly agent: Agent; readonly from?: undefined },
): OptoConfig<InputOf<Agent>, OutputOf<Agent>, Info>;
/** The same for a config that takes its parts from an eval file. */
export function defineConfig(config: EvalFileConfig): EvalFileConfig;
export function defineConfig<Config>(config: Config): Config {
  return config;
}
