/**
 * opto trains LLM agents: it runs them, records what they did as a graph, asks a guide for scores and feedback,
 * carries the feedback back to their parameters, and lets an optimizer propose better ones.
 *
 * The everyday names; everything else is under the subpaths (`opto/graph`, `opto/llm`, …).
 *
 * @module
 */
export { fromAgent } from "./adapters/from-agent.ts";
export { type FunctionPrompts, fromFunction } from "./adapters/from-function.ts";
export { promptFile } from "./adapters/prompt-file.ts";
export { promptFrom } from "./adapters/prompt-store.ts";
export { writeBack } from "./adapters/write-back.ts";
export {
  BasicSearchAlgorithm,
  type BasicSearchTrainOptions,
} from "./algorithms/basic-search-algorithm.ts";
export { type FallbackOptions, fallback, type SequencePart, sequence } from "./algorithms/compose.ts";
export { withFeedbackBatches } from "./algorithms/feedback-batch.ts";
export { Minibatch } from "./algorithms/minibatch.ts";
export { MinibatchAlgorithm } from "./algorithms/minibatch-algorithm.ts";
export * from "./algorithms/searches.ts";
export type { AlgorithmName } from "./algorithms/to-algorithm.ts";
export { defineConfig, type EvalFileConfig, type OptoConfig } from "./cli/define-config.ts";
export { CodeError } from "./code/code-error.ts";
export type { CodeLimits } from "./code/limits.ts";
export { loadSandbox } from "./code/sandbox.ts";
export { type Batch, DataLoader, type DataLoaderOptions } from "./data/data-loader.ts";
export type { Dataset, DatasetLike, Example } from "./data/dataset.ts";
export type { Feedback } from "./data/feedback.ts";
export type { JsonValue } from "./data/json.ts";
export { loadDataset } from "./data/load-dataset.ts";
export { splitDataset } from "./data/split-dataset.ts";
export {
  CheckpointError,
  ConfigurationError,
  GraphError,
  GuideError,
  InfrastructureError,
  type InfrastructureRule,
  InvalidArgumentError,
  isInfrastructureError,
  MissingPackageError,
  NothingScoredError,
  OptoError,
  OutputParseError,
  StopError,
  UnusableAnswerError,
} from "./errors.ts";
export { backward, type Gradient } from "./graph/backward.ts";
export { bundle } from "./graph/bundle.ts";
export { choices, range, subset } from "./graph/domain.ts";
export { ExecutionError } from "./graph/execution-error.ts";
export { Module, model, type ValuesOf } from "./graph/module.ts";
export { isNode, Node, node } from "./graph/node.ts";
export * as operators from "./graph/operators.ts";
export { Parameter, type ParameterOptions, parameter } from "./graph/parameter.ts";
export { noTrace } from "./graph/scope.ts";
export { text } from "./graph/text.ts";
export { TraceGraph } from "./graph/trace-graph.ts";
export { type Candidate, withValues } from "./graph/with-values.ts";
export { cascade, panel } from "./guides/combined-guides.ts";
export { exactMatch } from "./guides/exact-match.ts";
export { fromScorer } from "./guides/from-scorer.ts";
export { Guide, type GuideFunction, type GuideLike } from "./guides/guide.ts";
export { LLMJudge } from "./guides/llm-judge.ts";
export { numericMatch } from "./guides/numeric-match.ts";
export { overlap } from "./guides/overlap.ts";
export { pairwisePreference } from "./guides/pairwise-preference.ts";
export { editSimilarity, semanticSimilarity } from "./guides/similarity.ts";
export { contains, regexMatch } from "./guides/text-match.ts";
export { validJson } from "./guides/valid-json.ts";
export { rubric, weighted } from "./guides/weighted.ts";
export { generate } from "./llm/generate.ts";
export type { ModelLike } from "./llm/language-model.ts";
export { openAIClient } from "./llm/openai/openai-client.ts";
export { tracked } from "./llm/tracked.ts";
export { ConsoleLogger } from "./loggers/console-logger.ts";
export { JsonlLogger } from "./loggers/jsonl-logger.ts";
export { leakGuard } from "./optimizers/edit-rules/leak-guard.ts";
export { OPRO } from "./optimizers/opro.ts";
export { Optimizer, type StepOptions } from "./optimizers/optimizer.ts";
export { OptoPrime } from "./optimizers/opto-prime.ts";
export { OptoPrimeMulti } from "./optimizers/opto-prime-multi.ts";
export { TextGrad } from "./optimizers/text-grad.ts";
export { TPE } from "./optimizers/tpe.ts";
export type { MinibatchTrainOptions, StopOptions } from "./search/algorithm-options.ts";
export type { SearchPolicy } from "./search/search.ts";
export type { TrainResult } from "./search/train-result.ts";
export { train } from "./train.ts";
export type { RolloutSettings, RunOptions, TrainOptions } from "./train-options.ts";
export type { OptimizerName } from "./train-parts.ts";
export { batchify } from "./trainer/batch-outputs.ts";
export { evaluate } from "./trainer/evaluate.ts";
export type { Evaluation } from "./trainer/evaluation.ts";
export type { ChosenOn, Logger, RunEvent } from "./trainer/events.ts";
export type { RunReport } from "./trainer/run-report.ts";
export { type StepOutput, standardOptimizationStep } from "./trainer/standard-optimization-step.ts";
export { Trainer, type TrainerOptions } from "./trainer/trainer.ts";
