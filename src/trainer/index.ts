/**
 * The trainer: rollouts, evaluation, events, and the base of training algorithms.
 *
 * @module
 */
export { batchify } from "./batch-outputs.ts";
export { type EvaluateOptions, evaluate } from "./evaluate.ts";
export type { Evaluation } from "./evaluation.ts";
export type { ChosenOn, RolloutStatus, RunEvent, RunEventType, StopReason } from "./events.ts";
export type { ExampleSource } from "./example-source.ts";
export type {
  BrokenRollout,
  Executor,
  ExecutorContext,
  FinishedRollout,
  RolloutDataset,
  RolloutOutcome,
  RolloutPlace,
  RolloutTask,
  WrittenError,
} from "./executor.ts";
export { type PerformTaskOptions, performTask, type TaskData, type TaskParts } from "./perform-task.ts";
export type { BestSoFar, RunCheckpoint, RunIdentity, RunKeeper, RunOpener, RunStatus } from "./run-keeper.ts";
export type { RunReport } from "./run-report.ts";
export { type StepOutput, standardOptimizationStep } from "./standard-optimization-step.ts";
export { type TrainDataset, Trainer, type TrainerEvaluateOptions, type TrainerOptions } from "./trainer.ts";
