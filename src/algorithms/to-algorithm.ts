/**
 * `toAlgorithm`: a training algorithm as `train` takes it: a class, a search policy, or the name of either.
 *
 * @module
 */
import { datasetOf } from "../data/data-loader.ts";
import { type DatasetLike, toDataset } from "../data/dataset.ts";
import { describeValue } from "../data/json.ts";
import { byName } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import type { GuideLike } from "../guides/guide.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { checkPolicy } from "../search/check-policy.ts";
import type { PlannedRun } from "../search/run-search.ts";
import type { SearchPolicy } from "../search/search.ts";
import type { TrainResult } from "../search/train-result.ts";
import type { TrainDataset, TrainerOptions } from "../trainer/trainer.ts";
import { BasicSearchAlgorithm, basicSearchOptionNames } from "./basic-search-algorithm.ts";
import { MinibatchAlgorithm } from "./minibatch-algorithm.ts";
import { PolicySearch } from "./policy-search.ts";
import * as searches from "./searches.ts";

/** What trains an agent. */
export interface Algorithm<X, Y, Info> {
  /** Trains the agent on a dataset until the run ends; what ends it is in the result. */
  train(guide: GuideLike<X, Y, Info>, trainDataset: TrainDataset<X, Info>, options?: object): Promise<TrainResult>;
  /** What `train` will do; estimates need it. */
  plan?(guide: GuideLike<X, Y, Info>, trainDataset: TrainDataset<X, Info>, options?: object): PlannedRun<X, Y, Info>;
}

/** A class of training algorithms, such as your own subclass of `Minibatch`. */
export interface AlgorithmClass<X, Y, Info> {
  new (agent: Module<X, Y>, optimizer: Optimizer, options?: TrainerOptions): Algorithm<X, Y, Info>;
  /**
   * Whether it compares candidates on validation data in every iteration, also where nothing is evaluated.
   *
   * @default unknown: datasets are passed on as they were given
   */
  readonly comparesOnValidationData?: boolean | undefined;
}

/** The training algorithms that have a name: the seed's classes, and the searches. */
export type AlgorithmName = "MinibatchAlgorithm" | "BasicSearchAlgorithm" | keyof typeof searches;

/** A training algorithm: a class, a search policy, or the name of either. */
export type AlgorithmLike<X, Y, Info> = AlgorithmClass<X, Y, Info> | SearchPolicy | AlgorithmName;

/** An algorithm that is chosen, and needs only an agent and an optimizer. */
export interface ChosenAlgorithm<X, Y, Info> {
  /** What was given, or the default. */
  readonly meant: AlgorithmLike<X, Y, Info>;
  readonly make: (agent: Module<X, Y>, optimizer: Optimizer, options?: TrainerOptions) => Algorithm<X, Y, Info>;
  /** As in `AlgorithmClass`. */
  readonly comparesOnValidationData: boolean | undefined;
  /** Whether it asks an optimizer for proposals. */
  readonly asksOptimizer: boolean;
}

const named: Readonly<Record<AlgorithmName, () => unknown>> = {
  MinibatchAlgorithm: () => MinibatchAlgorithm,
  BasicSearchAlgorithm: () => BasicSearchAlgorithm,
  ...searches,
};

/** The names that `algorithm` can be. */
export const algorithmNames: readonly string[] = Object.keys(named);

/**
 * The algorithm that is meant.
 *
 * @param given @default by the options
 * @param options those of its `train`
 * @param data what it is trained on
 * @throws InvalidArgumentError for an unknown name, and for anything that is neither a class nor a policy
 */
export function toAlgorithm<X, Y, Info>(
  given: AlgorithmLike<X, Y, Info> | undefined,
  options: object,
  data: DataOfRun,
): ChosenAlgorithm<X, Y, Info> {
  const meant: AlgorithmLike<X, Y, Info> = given ?? defaultAlgorithm(options, data);
  const algorithm: unknown = typeof meant === "string" ? byName<() => unknown>(meant, named, "algorithm")() : meant;
  if (isAlgorithmClass<X, Y, Info>(algorithm)) {
    const { comparesOnValidationData } = algorithm;
    return { meant, make: (...parts) => new algorithm(...parts), comparesOnValidationData, asksOptimizer: true };
  }
  if (!isPolicyLike(algorithm)) {
    const hint = typeof algorithm === "function" ? `. Call it to get a policy: ${algorithm.name || "search"}()` : "";
    throw new InvalidArgumentError(
      `Expected \`algorithm\` to be an algorithm class, a search policy, or the name of one, got ${describeValue(algorithm)}${hint}`,
    );
  }
  checkPolicy(algorithm);
  const { scored, proposals } = algorithm.appetite();
  return {
    meant,
    make: (agent, optimizer, trainer) => new PolicySearch<X, Y, Info>(agent, optimizer, algorithm, trainer),
    comparesOnValidationData: scored.some(({ on }) => on !== "batch"),
    asksOptimizer: proposals > 0,
  };
}

/** Data that the default algorithm depends on. */
export interface DataOfRun {
  readonly trainDataset: TrainDataset<unknown, unknown>;
  /** The part of the training data that the values are to be chosen on. */
  readonly setAside?: DatasetLike<unknown, unknown> | undefined;
}

/** With fewer training examples an epoch has less than five rounds; with fewer validation examples there are too few common ones to race on. */
const leastToRace = { train: 40, validate: 16 };

/** Options that a race does not have. */
const ofOthers = ["ensureImprovement", "improvementThreshold", "numProposals", "racing"];

/**
 * A race where there are enough data to tell candidates apart, unless an option asks for what it does not do: an option of another
 * algorithm, the last values, or no evaluation at all.
 */
function defaultAlgorithm(options: object, { trainDataset, setAside }: DataOfRun): AlgorithmName {
  const given = options as Readonly<Record<string, unknown>>;
  const hasOneOf = (names: readonly string[]): boolean => names.some((name) => given[name] !== undefined);
  const ofSeed = hasOneOf(basicSearchOptionNames) ? "BasicSearchAlgorithm" : "MinibatchAlgorithm";
  const validation = (given.validateDataset ?? setAside) as DatasetLike<unknown, unknown> | undefined;
  if (validation === undefined || given.keep === "last" || given.evalFrequency === 0 || hasOneOf(ofOthers)) return ofSeed;
  const train = datasetOf(trainDataset, "trainDataset");
  const isEnough = train.length >= leastToRace.train && toDataset(validation, "validateDataset").length >= leastToRace.validate;
  return isEnough ? "racingSearch" : ofSeed;
}

function isAlgorithmClass<X, Y, Info>(value: unknown): value is AlgorithmClass<X, Y, Info> {
  return typeof value === "function" && typeof value.prototype?.train === "function";
}

function isPolicyLike(value: unknown): value is SearchPolicy {
  return typeof value === "object" && value !== null && typeof (value as Partial<SearchPolicy>).iterate === "function";
}
