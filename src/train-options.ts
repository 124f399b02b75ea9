/**
 * The options of `train()`: their types, their table, and the names that those in groups also have.
 *
 * @module
 */
import { type BasicSearchTrainOptions, basicSearchTrainTable } from "./algorithms/basic-search-algorithm.ts";
import type { AlgorithmLike } from "./algorithms/to-algorithm.ts";
import { isPlainObject } from "./data/json.ts";
import { anything, groupOf, type OptionTable, orNull, trueOrFalse } from "./data/option-table.ts";
import { InvalidArgumentError } from "./errors.ts";
import type { Module } from "./graph/module.ts";
import type { Parameter } from "./graph/parameter.ts";
import type { GuideLike } from "./guides/guide.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import { type RunDirectoryOptions, runDirectoryTable } from "./runs/run-directory.ts";
import type { StopOptions, TrainRolloutOptions } from "./search/algorithm-options.ts";
import { stopTable, trainRolloutTable } from "./search/algorithm-table.ts";
import type { OptimizerClass, OptimizerName } from "./train-parts.ts";
import type { Logger } from "./trainer/events.ts";
import type { Executor } from "./trainer/executor.ts";
import { executorRule, type TrainDataset } from "./trainer/trainer.ts";

/** Where and how a run is kept. */
export interface RunOptions extends Omit<RunDirectoryOptions, "name" | "clock"> {}

/** How rollouts are done, and where. */
export interface RolloutSettings extends TrainRolloutOptions {
  /** Where rollouts run. @default in this process */
  readonly executor?: Executor | undefined;
}

/** The options of `train`: its parts, and every option of the algorithm's own `train`. */
export interface TrainOptions<X, Y, Info> extends Omit<BasicSearchTrainOptions<X, Y, Info>, "keeper" | "rollouts"> {
  /** What is trained: a module, or a single parameter that is the answer itself. */
  readonly agent: Module<X, Y> | Parameter<Y>;
  readonly trainDataset: TrainDataset<X, Info>;
  /** Scores the answers: a guide, a function, or a name. @default "LLMJudge", asking the model that the environment configures */
  readonly guide?: GuideLike<X, Y, Info> | "exactMatch" | "LLMJudge" | undefined;
  /**
   * Proposes values: an instance, a class or a name.
   *
   * @default "OptoPrime" with the model of `OPTO_MODEL`; else "TPE" when all parameters have domains; else "OptoPrime" with a
   * small model of the provider whose key is set; else "TPE" when any parameter has a domain
   */
  readonly optimizer?: Optimizer | OptimizerClass | OptimizerName | undefined;
  /**
   * How values are searched for: a class, a search policy such as `beamSearch({ beamWidth: 4 })`, or the name of either.
   *
   * @default "racingSearch" with at least 40 training examples, and 16 validation examples that are given or set aside. With fewer,
   * `keep: "last"`, `evalFrequency: 0`, `ensureImprovement`, `improvementThreshold`, `numProposals`, or `racing`: "BasicSearchAlgorithm" if
   * `validateDataset`, `validateGuide`, `numProposals`, or `racing` is set, else "MinibatchAlgorithm"
   */
  readonly algorithm?: AlgorithmLike<NoInfer<X>, NoInfer<Y>, NoInfer<Info>> | undefined;
  /** Listeners: instances or "console"; `[]` for none. @default "console" */
  readonly logger?: Logger | readonly Logger[] | "console" | undefined;
  /**
   * What the runs of this agent are called: `name-1`, `name-2`, …
   *
   * @default the name of the agent's class, or of the function that `model` was given, else those of its parameters
   */
  readonly name?: string | undefined;
  /** Which values the agent has in the end: those of the best score, or those after the last iteration. @default "best" */
  readonly keep?: "best" | "last" | undefined;
  /** What else ends the run. @default only Ctrl-C and SIGTERM: `{ onSignals: true }` */
  readonly stop?: StopOptions | undefined;
  /** Where and how the run is kept; `null` keeps nothing. @default below ".opto/runs" */
  readonly run?: RunOptions | null | undefined;
  /**
   * Whether a page over the run is served on this machine while it is trained: the address is printed on standard error. The page closes with the
   * run; `opto view` opens it again. A run that is not kept has none.
   *
   * @default false
   */
  readonly view?: boolean | undefined;
  /** How long rollouts may take, which of their errors are outages, and where they run. */
  readonly rollouts?: RolloutSettings | undefined;
}

const { name: nameRow, clock: _clock, ...runTable } = runDirectoryTable;
const { keeper: _keeper, ...ofAlgorithm } = basicSearchTrainTable;

/** The options of `train()`. */
export const trainTable: OptionTable<TrainOptions<unknown, unknown, unknown>> = {
  agent: { ...anything, otherwise: "required", about: "what is trained: a module, or a parameter that is the answer itself" },
  trainDataset: { ...anything, otherwise: "required", about: "the examples: a list, columns, or a `DataLoader`" },
  guide: { ...anything, otherwise: '`"LLMJudge"`', about: "scores the answers: a guide, a function, or a name" },
  optimizer: {
    ...anything,
    otherwise: "[by what is there](optimizers.md#the-default)",
    about: "proposes values: an instance, a class, or a name",
  },
  algorithm: {
    ...anything,
    otherwise: "[by the data](searches.md#the-default)",
    about: "how values are searched for: a class, a [search policy](searches.md), or the name of either",
  },
  ...ofAlgorithm,
  batchSize: { ...ofAlgorithm.batchSize, otherwise: "1; a search has [its own](searches.md#all-searches)" },
  evalFrequency: { ...ofAlgorithm.evalFrequency, otherwise: "1; a search has [its own](searches.md#all-searches)" },
  keep: { ...ofAlgorithm.keep, default: "best" },
  logger: { ...anything, otherwise: '`"console"`', about: "listeners; `[]` for none" },
  name: nameRow,
  stop: {
    ...ofAlgorithm.stop,
    ...groupOf<StopOptions>({ ...stopTable, onSignals: { ...stopTable.onSignals, default: true } }),
  },
  run: {
    ...orNull(groupOf(runTable as OptionTable<RunOptions>), "nothing to be kept"),
    otherwise: "[its options](runs.md#options)",
    about: "where and how the run is kept, so that it can be resumed; `null` keeps nothing",
  },
  view: {
    ...trueOrFalse,
    default: false,
    about: "whether a [page over the run](viewer.md) is served on this machine while it is trained",
  },
  rollouts: {
    ...ofAlgorithm.rollouts,
    ...groupOf<RolloutSettings>({
      ...trainRolloutTable,
      executor: { ...executorRule, otherwise: "this process", about: "where rollouts run" },
    }),
  },
};

/** By the name outside of the group: the group, and the name in it. */
const flatNames: Readonly<Record<string, readonly [group: string, name: string]>> = {
  targetScore: ["stop", "targetScore"],
  patience: ["stop", "patience"],
  maxIterations: ["stop", "maxIterations"],
  deadline: ["stop", "deadline"],
  handleSignals: ["stop", "onSignals"],
  runDir: ["run", "dir"],
  resume: ["run", "resume"],
  cache: ["run", "cache"],
  cacheFrom: ["run", "cacheFrom"],
  cacheRollouts: ["run", "cacheRollouts"],
  mergeCalls: ["calls", "merge"],
  prices: ["calls", "prices"],
  rolloutTimeoutMs: ["rollouts", "timeoutMs"],
  isInfrastructure: ["rollouts", "isInfrastructure"],
  overlapEvaluation: ["rollouts", "overlapEvaluation"],
  executor: ["rollouts", "executor"],
};

/**
 * The options with every one in its group: `maxIterations` is `stop.maxIterations`, a `run` that is a string is `run.id`, and
 * `runDir: null` is `run: null`.
 *
 * @throws InvalidArgumentError when an option is there under both names
 */
export function grouped<Options extends object>(options: Options): Options {
  const all = { ...options } as Record<string, unknown>;
  if (typeof all.run === "string") all.run = { id: all.run };
  for (const [flat, [group, name]] of Object.entries(flatNames)) {
    if (!Object.hasOwn(all, flat)) continue;
    const { [flat]: value, [group]: inner } = all;
    delete all[flat];
    if (value === undefined) continue;
    if (isPlainObject(inner) && inner[name] !== undefined) {
      throw new InvalidArgumentError(`Expected \`${flat}\` or \`${group}.${name}\`, got both. Leave out \`${flat}\``);
    }
    const keepsNothing = inner === null || (flat === "runDir" && value === null);
    all[group] = keepsNothing ? null : { ...(isPlainObject(inner) ? inner : {}), [name]: value };
  }
  return all as Options;
}
