/**
 * `PolicySearch`: the training algorithm of any search policy.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { Module } from "../graph/module.ts";
import { type GuideLike, scoreRangeOf, toGuide } from "../guides/guide.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { standardHooks } from "../search/rollout-hooks.ts";
import { checkOptimizer, runSearch, type ValidationOptions, validationOf } from "../search/run-search.ts";
import type { SearchPolicy } from "../search/search.ts";
import { type MinibatchTrainOptions, readTrainOptions, toLoader } from "../search/train-options.ts";
import type { TrainResult } from "../search/train-result.ts";
import type { StepOutput } from "../trainer/standard-optimization-step.ts";
import { type TrainDataset, Trainer, type TrainerOptions } from "../trainer/trainer.ts";

/** Options of `PolicySearch.train`. */
export interface SearchTrainOptions<X = unknown, Y = unknown, Info = unknown>
  extends Omit<MinibatchTrainOptions<X, Info>, "ensureImprovement" | "improvementThreshold" | "validateDataset">,
    ValidationOptions<X, Y, Info> {}

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

  /** @throws InvalidArgumentError when there is no optimizer, or it trains a parameter that the agent does not have */
  constructor(agent: Module<X, Y>, optimizer: Optimizer, policy: SearchPolicy, options: TrainerOptions = {}) {
    super(agent, options);
    checkOptimizer(optimizer, agent);
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
    const { validateDataset, validateGuide, ...rest } = options;
    const settings = readTrainOptions(rest, this.policy.name, this.numThreads);
    const loader = toLoader(trainDataset, settings);
    const own = toGuide(guide);
    const validation = validationOf<X, Y, I>({ validateDataset, validateGuide }, { guide: own, loader });
    const { agent, optimizer } = this;
    const policy = this.policy as SearchPolicy<JsonValue, StepOutput<Y>>;
    const hooks = standardHooks<X, Y, I>(agent, { minScore: settings.minScore, scoreRange: scoreRangeOf(own) });
    return runSearch<X, Y, I, StepOutput<Y>, JsonValue>(
      { agent, optimizer, policy, hooks, guide: own, loader, settings, validation },
      this.host(),
    );
  }
}
