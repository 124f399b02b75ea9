/**
 * `estimateRun`: what a training run will ask of language models and cost, before anything is spent.
 *
 * @module
 */
import { type Clock, systemClock } from "../data/clock.ts";
import { wholeFrom } from "../data/option-table.ts";
import { checkValue } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Module } from "../graph/module.ts";
import type { GuideLike } from "../guides/guide.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { estimatePlan } from "../search/estimate/estimate.ts";
import type { Estimate } from "../search/estimate/sum-estimate.ts";
import type { TrainDataset } from "../trainer/trainer.ts";
import type { BasicSearchTrainOptions } from "./basic-search-algorithm.ts";
import { planTraining } from "./plan-training.ts";
import { type AlgorithmLike, toAlgorithm } from "./to-algorithm.ts";

/** What is estimated: the parts of a run, and every option of the algorithm's own `train`. */
export interface EstimateOptions<X, Y, Info> extends BasicSearchTrainOptions<X, Y, Info> {
  readonly agent: Module<X, Y>;
  readonly guide: GuideLike<X, Y, Info>;
  readonly trainDataset: TrainDataset<X, Info>;
  /** The optimizer of the run. */
  readonly optimizer: Optimizer;
  /** As in `train`, but no data are set aside for an algorithm that is named. @default what `train` takes, with the data that it sets aside */
  readonly algorithm?: AlgorithmLike<X, Y, Info> | undefined;
  /** Examples to run for each kind of rollout, from the shortest to the longest. @default 3 */
  readonly numSamples?: number | undefined;
  /** Whether agent and guide may make requests of their own, which may cost money. @default false: connections are refused */
  readonly allowRequests?: boolean | undefined;
  /** @default that of the machine */
  readonly clock?: Clock | undefined;
}

/**
 * Runs agent and guide on a few examples with placeholders for replies, counts what they would ask, and multiplies it by the
 * work of the whole run, which the algorithm plans and its search declares in `appetite()`. No provider is called: models are answered
 * for, and connections that agent or guide open by themselves are refused, with a note. Anything else that they do, they do.
 *
 * The ends of each range are the cheapest and the most expensive that samples, replies of usual lengths and proposals allow:
 * a rule of thumb, not a promise. Each optimizer knows its own calls (`expectedCalls`).
 *
 * @throws InvalidArgumentError for an unknown option or a bad value, and for an algorithm of your own without `plan`
 * @throws ConfigurationError when a model would be called and none is named
 * @throws the reason of the signal, unchanged
 */
export async function estimateRun<X, Y, Info>(options: EstimateOptions<X, Y, Info>): Promise<Estimate> {
  const {
    agent,
    guide,
    trainDataset,
    optimizer,
    algorithm,
    numSamples = 3,
    allowRequests = false,
    clock = systemClock,
    ...rest
  } = options;
  checkValue(numSamples, wholeFrom(1), "`numSamples`");
  // Only `train` chooses, and sets data aside by what it chooses; an algorithm that is named may be used without it.
  const { algorithm: chosen, ...data } =
    algorithm === undefined
      ? planTraining<X, Y, Info>({ trainDataset, ...rest })
      : { algorithm: toAlgorithm(algorithm, rest, { trainDataset }), trainDataset, datasets: {} };
  const trainer = chosen.make(agent, optimizer);
  if (trainer.plan === undefined) {
    throw new InvalidArgumentError(
      `${trainer.constructor.name} cannot be estimated: it has no method \`plan\` that states what \`train\` will do. Minibatch and PolicySearch have one`,
    );
  }
  return estimatePlan(trainer.plan(guide, data.trainDataset, { ...rest, ...data.datasets }), {
    numSamples,
    allowRequests,
    clock,
  });
}
