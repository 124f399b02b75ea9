/**
 * `PolicySearch`: the training algorithm of any search policy.
 *
 * @module
 */
import { DataLoader } from "../data/data-loader.ts";
import type { JsonValue } from "../data/json.ts";
import { minimizesScore } from "../data/objectives.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import { type GuideLike, scoreRangeOf, toGuide } from "../guides/guide.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { MinibatchTrainOptions } from "../search/algorithm-options.ts";
import { checkPolicy } from "../search/check-policy.ts";
import { standardHooks } from "../search/rollout-hooks.ts";
import { checkOptimizer, runSearch, type SearchPlan, type ValidationOptions, validationOf } from "../search/run-search.ts";
import type { SearchPolicy } from "../search/search.ts";
import type { TrainResult } from "../search/train-result.ts";
import { readTrainOptions, toLoader } from "../search/train-settings.ts";
import type { StepOutput } from "../trainer/standard-optimization-step.ts";
import { type TrainDataset, Trainer, type TrainerOptions } from "../trainer/trainer.ts";

/** Options of `PolicySearch.train`. */
export interface SearchTrainOptions<X = unknown, Y = unknown, Info = unknown>
  extends Omit<MinibatchTrainOptions<X, Info>, "ensureImprovement" | "improvementThreshold" | "validateDataset">,
    ValidationOptions<X, Y, Info> {}

/** What a policy decides itself: whose option it is, and what to do instead. */
const decidedByPolicy: Readonly<Record<string, readonly [owner: string, remedy: string]>> = {
  numProposals: ["BasicSearchAlgorithm", "Pass it to the policy, as in bestOf({ numProposals: 4 })"],
  racing: ["BasicSearchAlgorithm", "Pass it to the policy, as in bestOf({ errorProbability: 0.05 })"],
  ensureImprovement: ["MinibatchAlgorithm", "Leave it out: a policy decides itself which candidate is the current one"],
  improvementThreshold: ["MinibatchAlgorithm", "Leave it out: a policy decides itself which candidate is the current one"],
};

/**
 * Runs a policy on the search engine.
 *
 * @example
 * const search = new PolicySearch(agent, new OptoPrime(agent), beamSearch({ beamWidth: 4 }));
 * await search.train(guide, trainSet, { validateDataset, batchSize: 8, maxIterations: 10 });
 */
export class PolicySearch<X = unknown, Y = unknown, Info = unknown> extends Trainer<X, Y, Info> {
  readonly optimizer: Optimizer;
  readonly policy: SearchPolicy;

  /**
   * @throws InvalidArgumentError for what is no policy; when there is no optimizer, or it trains a parameter that the agent does
   * not have
   */
  constructor(agent: Module<X, Y>, optimizer: Optimizer, policy: SearchPolicy, options: TrainerOptions = {}) {
    super(agent, options);
    checkOptimizer(optimizer, agent);
    checkPolicy(policy);
    this.optimizer = optimizer;
    this.policy = policy;
  }

  /**
   * Runs the search until the epochs are over, or what ends it before.
   *
   * @throws InvalidArgumentError for an unknown option or a bad value, before anything is done
   */
  async train<I extends Info>(
    guide: GuideLike<X, Y, I>,
    trainDataset: TrainDataset<X, I>,
    options: SearchTrainOptions<X, Y, I> = {},
  ): Promise<TrainResult> {
    return runSearch(this.plan(guide, trainDataset, options), this.host());
  }

  /** What `train` will do: the search and all that it works on. Nothing is run. */
  plan<I extends Info>(
    guide: GuideLike<X, Y, I>,
    trainDataset: TrainDataset<X, I>,
    options: SearchTrainOptions<X, Y, I> = {},
  ): SearchPlan<X, Y, I, StepOutput<Y>> {
    const { validateDataset, validateGuide, ...rest } = options;
    refuseDecided(rest);
    const settings = readTrainOptions(withDefaultsOf(this.policy, rest, trainDataset), this.policy.name, this.numThreads);
    const loader = toLoader(trainDataset, settings);
    const own = toGuide(guide);
    const validation = validationOf<X, Y, I>({ validateDataset, validateGuide }, { guide: own, loader });
    const { agent, optimizer } = this;
    const policy = this.policy as SearchPolicy<JsonValue, StepOutput<Y>>;
    const hooks = standardHooks<X, Y, I>(agent, {
      minScore: settings.minScore,
      scoreRange: scoreRangeOf(own),
      lowerIsBetter: minimizesScore(settings.objective),
    });
    // What ends a run may change where it is resumed, and with it what is evaluated by default: neither makes another run of it.
    const identity = { evalFrequency: options.evalFrequency ?? policy.defaults?.evalFrequency ?? 1 };
    return { agent, optimizer, policy, hooks, guide: own, loader, settings, validation, identity };
  }
}

/** The options, with what suits the policy where none is given. A loader has its own batch size; what ends a run by a score waits for one in every iteration. */
function withDefaultsOf<X, Info>(
  { defaults = {} }: SearchPolicy,
  options: MinibatchTrainOptions<X, Info>,
  trainDataset: TrainDataset<X, Info>,
): MinibatchTrainOptions<X, Info> {
  const { stop } = options;
  const waitsForScores = stop?.targetScore !== undefined || stop?.patience !== undefined;
  return {
    ...options,
    batchSize: options.batchSize ?? (trainDataset instanceof DataLoader ? undefined : defaults.batchSize),
    evalFrequency: options.evalFrequency ?? (waitsForScores ? undefined : defaults.evalFrequency),
    // Where evaluations are rare only by default, every iteration is still logged.
    logFrequency: options.logFrequency ?? (options.evalFrequency === undefined ? 1 : undefined),
  };
}

/** @throws InvalidArgumentError for an option that a policy decides itself, with what to do instead */
function refuseDecided(options: object): void {
  for (const [name, [owner, remedy]] of Object.entries(decidedByPolicy)) {
    if (!Object.hasOwn(options, name)) continue;
    throw new InvalidArgumentError(`\`${name}\` is an option of ${owner}, not of a search policy. ${remedy}`);
  }
}
