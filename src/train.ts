/**
 * `train`: one call that puts agent, guide, optimizer, algorithm and loggers together.
 *
 * @module
 */
import type { BasicSearchTrainOptions } from "./algorithms/basic-search-algorithm.ts";
import { type AlgorithmLike, type ChosenAlgorithm, toAlgorithm } from "./algorithms/to-algorithm.ts";
import { describeValue } from "./data/json.ts";
import { InvalidArgumentError } from "./errors.ts";
import type { Module } from "./graph/module.ts";
import type { Parameter } from "./graph/parameter.ts";
import type { ValuesOf } from "./graph/values-of.ts";
import type { GuideLike } from "./guides/guide.ts";
import { ConsoleLogger } from "./loggers/console-logger.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import { type RunDirectoryOptions, runDirectory } from "./runs/run-directory.ts";
import type { TrainResult } from "./search/train-result.ts";
import { chooseValidationData } from "./search/validation-data.ts";
import { checkModel, type OptimizerClass, type OptimizerName, toModule, toNamedGuide, toOptimizer } from "./train-parts.ts";
import type { Executor } from "./trainer/executor.ts";
import type { Logger } from "./trainer/logger.ts";
import type { TrainDataset } from "./trainer/trainer.ts";

/** What `train` takes: the parts, and every option of the algorithm's own `train`. */
export interface TrainOptions<X, Y, Info>
  extends Omit<BasicSearchTrainOptions<X, Y, Info>, "run">,
    Omit<RunDirectoryOptions, "runDir" | "clock"> {
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
   * @default "MinibatchAlgorithm"; "BasicSearchAlgorithm" if one of its own options is set
   */
  readonly algorithm?: AlgorithmLike<NoInfer<X>, NoInfer<Y>, NoInfer<Info>> | undefined;
  /** Listeners: instances or "console"; `[]` for none. @default "console" */
  readonly logger?: Logger | readonly Logger[] | "console" | undefined;
  /** Where rollouts run. @default in this process */
  readonly executor?: Executor | undefined;
  /** The folder of all runs; `null` keeps nothing. @default the environment variable `OPTO_RUN_DIR`, else ".opto/runs" */
  readonly runDir?: string | null | undefined;
  /** Ends the run gracefully on Ctrl-C or SIGTERM; a second one exits immediately. @default true */
  readonly handleSignals?: boolean | undefined;
  /** Which values the agent has in the end: those of the best score, or those after the last iteration. @default "best" */
  readonly keep?: "best" | "last" | undefined;
}

/**
 * Trains an agent on a dataset, and leaves it with the best values that were found. They are chosen on `validateDataset`; without
 * one, a quarter of the training data (at most 100 examples) is set aside if there are at least 40, else the training data
 * serve for both; `chosenOn` in the result says which. They are never chosen on `testDataset`. The run is kept in a folder: the same call resumes it after any interruption,
 * and no answer of a language model is paid for twice.
 *
 * @throws InvalidArgumentError for an unknown name or option
 * @throws CheckpointError when the unfinished run has other settings (the message lists what changed), or is in use
 * @throws ConfigurationError, before anything is evaluated, when no optimizer can be used (no model is configured and no parameter declares a
 * domain), or the optimizer or the guide asks a model and none is set
 * @throws MissingPackageError when the package of that model's provider is not installed
 * @example
 * await train({ agent, trainDataset, guide: (question, answer, info) => answer === info, numEpochs: 2 });
 */
export async function train<X, Y, Info, Agent = Module<X, Y> | Parameter<Y>>(
  options: TrainOptions<X, Y, Info> & { readonly agent: Agent },
): Promise<TrainResult<ValuesOf<Agent>>> {
  if (typeof options !== "object" || options === null) {
    throw new InvalidArgumentError(`Expected train to receive { agent, trainDataset, … }, got ${describeValue(options)}`);
  }
  const {
    agent: trained,
    guide,
    optimizer,
    algorithm: _algorithm,
    logger = "console",
    numThreads,
    executor,
    runDir,
    run,
    name,
    resume,
    cache,
    cacheFrom,
    cacheRollouts,
    handleSignals = true,
    ...rest
  } = options as TrainOptions<X, Y, Info>;
  const agent = toModule(trained);
  const { algorithm, trainDataset, datasets, isSplit } = planTraining(options as TrainOptions<X, Y, Info>);
  const teacher = toOptimizer(optimizer, agent);
  const trainer = algorithm.make(agent, teacher, {
    numThreads,
    executor,
    logger: logger === "console" ? new ConsoleLogger() : logger,
  });
  if (runDir === null) refuseWithoutFolder({ cache, cacheFrom, cacheRollouts });
  const judge = toNamedGuide(guide);
  for (const part of [teacher, judge, rest.validateGuide]) await checkModel(part, { loads: cache !== "replay" });
  const opener = runDir === null ? null : runDirectory({ runDir, run, name, resume, cache, cacheFrom, cacheRollouts });
  const { trainDataset: _whole, ...others } = rest;
  const settings = { ...others, ...datasets, run: opener, handleSignals };
  const result = await trainer.train(judge as GuideLike<X, Y, Info>, trainDataset, settings);
  const chosenOn = isSplit ? { ...result.chosenOn, dataset: "split" as const } : result.chosenOn;
  return { ...result, chosenOn } as TrainResult<ValuesOf<Agent>>;
}

/** What `train` makes of its options: the algorithm, and what is trained, chosen, and tested on. */
export interface TrainingPlan<X, Y, Info> {
  readonly algorithm: ChosenAlgorithm<X, Y, Info>;
  readonly trainDataset: TrainDataset<X, Info>;
  /** Options for the algorithm's own `train`. */
  readonly datasets: Pick<TrainOptions<X, Y, Info>, "validateDataset" | "testDataset" | "keep">;
  readonly isSplit: boolean;
}

/** Which algorithm and which datasets these options mean. */
export function planTraining<X, Y, Info>(options: TrainOptions<X, Y, Info>): TrainingPlan<X, Y, Info> {
  const { trainDataset, validateDataset, testDataset, evalFrequency, keep = "best", seed } = options;
  const algorithm = toAlgorithm(options.algorithm, options);
  // Where nothing is evaluated, nothing is chosen; an algorithm of another kind has options of its own.
  const { comparesOnValidationData: compares } = algorithm;
  const chooses = compares === true || (compares === false && evalFrequency !== 0);
  if (!chooses || keep !== "best") {
    const given = { validateDataset, testDataset, keep: options.keep };
    const datasets = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return { algorithm, trainDataset, datasets, isSplit: false };
  }
  const {
    trainDataset: train,
    isSplit,
    ...datasets
  } = chooseValidationData({ trainDataset, validateDataset, testDataset, seed });
  return { algorithm, trainDataset: train, datasets: { ...datasets, keep }, isSplit };
}

/** A run that keeps nothing has no answers to use again; who asks for them would pay without knowing. */
function refuseWithoutFolder({ cache, cacheFrom, cacheRollouts }: RunDirectoryOptions): void {
  const asked = { cache: cache === "off" ? undefined : cache, cacheFrom, cacheRollouts: cacheRollouts || undefined };
  for (const [name, value] of Object.entries(asked)) {
    if (value === undefined) continue;
    throw new InvalidArgumentError(
      `\`${name}\` cannot be used with \`runDir: null\`, which keeps nothing; got ${describeValue(value)}`,
    );
  }
}
