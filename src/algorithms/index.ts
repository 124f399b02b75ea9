/**
 * The training algorithms.
 *
 * @module
 */
export { BasicSearchAlgorithm, type BasicSearchTrainOptions } from "./basic-search-algorithm.ts";
export { type ImprovementOptions, Minibatch, type UpdateOptions } from "./minibatch.ts";
export { MinibatchAlgorithm, type OptimizerStepOptions } from "./minibatch-algorithm.ts";
export type { MinibatchTrainOptions } from "./train-options.ts";
export type { TrainResult } from "./train-result.ts";
