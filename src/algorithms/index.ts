/**
 * The training algorithms: the seed's classes, and the searches that are policies.
 *
 * @module
 */

export type { MinibatchTrainOptions } from "../search/algorithm-options.ts";
export type { Estimate, EstimateLine } from "../search/estimate/sum-estimate.ts";
export { describeEstimate } from "../search/estimate/sum-estimate.ts";
export type { TrainResult } from "../search/train-result.ts";
export { BasicSearchAlgorithm, type BasicSearchTrainOptions } from "./basic-search-algorithm.ts";
export { type FallbackOptions, fallback, type SequencePart, sequence } from "./compose.ts";
export { type EstimateOptions, estimateRun } from "./estimate-run.ts";
export { type FeedbackBatchOptions, feedbackBatch, withFeedbackBatches } from "./feedback-batch.ts";
export { freshAdvice, freshOrigin } from "./fresh-advice.ts";
export type { ImprovementOptions, UpdateOptions } from "./minibatch.ts";
export { Minibatch } from "./minibatch.ts";
export { MinibatchAlgorithm, type OptimizerStepOptions } from "./minibatch-algorithm.ts";
export { PolicySearch, type SearchTrainOptions } from "./policy-search.ts";
export { commonProposers, type Proposer, type ProposersOptions, withProposers } from "./proposer-bandit.ts";
export * from "./searches.ts";
export type { Algorithm, AlgorithmClass, AlgorithmLike, AlgorithmName } from "./to-algorithm.ts";
