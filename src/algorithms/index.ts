/**
 * The training algorithms.
 *
 * @module
 */

export { BasicSearchAlgorithm, type BasicSearchTrainOptions } from "./basic-search-algorithm.ts";
export { describeEstimate } from "./describe-estimate.ts";
export { type EstimateOptions, estimateRun } from "./estimate.ts";
export { Minibatch } from "./minibatch.ts";
export { MinibatchAlgorithm, type OptimizerStepOptions } from "./minibatch-algorithm.ts";
export type { ImprovementOptions, MeasuredScores, UpdateOptions } from "./minibatch-options.ts";
export type { Estimate, EstimateLine } from "./sum-estimate.ts";
export type { MinibatchTrainOptions } from "./train-options.ts";
export type { TrainResult } from "./train-result.ts";
