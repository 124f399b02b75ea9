/**
 * The training algorithms: the seed's classes, and the searches that are policies.
 *
 * @module
 */
export { describeEstimate } from "../search/estimate/describe-estimate.ts";
export { type EstimateOptions, estimateRun } from "../search/estimate/estimate.ts";
export type { Estimate, EstimateLine } from "../search/estimate/sum-estimate.ts";
export type { MinibatchTrainOptions } from "../search/train-options.ts";
export type { TrainResult } from "../search/train-result.ts";
export { type BestOfNOptions, bestOfN, sequentialRefinement } from "./baselines.ts";
export { BasicSearchAlgorithm, type BasicSearchTrainOptions } from "./basic-search-algorithm.ts";
export { type BeamSearchOptions, beamSearch, beamSearchWithHistory } from "./beam-search.ts";
export { type BestOfOptions, bestOf } from "./best-of.ts";
export { type ImprovementOptions, Minibatch, type UpdateOptions } from "./minibatch.ts";
export { MinibatchAlgorithm, type OptimizerStepOptions } from "./minibatch-algorithm.ts";
export { type ParetoSearchOptions, paretoSearch } from "./pareto-search.ts";
export { PolicySearch, type SearchTrainOptions } from "./policy-search.ts";
export { type PrioritySearchOptions, prioritySearch, sequentialSearch, sequentialUpdate } from "./priority-search.ts";
export { type StreamingSearchOptions, streamingSearch } from "./streaming-search.ts";
export { type UCBSearchOptions, ucbSearch } from "./ucb-search.ts";
