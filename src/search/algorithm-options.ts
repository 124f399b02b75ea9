/**
 * The options that every training algorithm has.
 *
 * @module
 */
import type { DatasetLike } from "../data/dataset.ts";
import type { ObjectiveLike } from "../data/objectives.ts";
import type { CallOptions } from "../llm/pace/call-options.ts";
import type { Budget } from "../llm/spend/budget.ts";
import type { RolloutOptions } from "../trainer/rollout-options.ts";
import type { RunOpener } from "../trainer/run-keeper.ts";

/** What ends a run before its last epoch. */
export interface StopOptions {
  /**
   * Ends the run when the guide's score on the test dataset is at least this (at most, where the objective minimizes `score`), with at least 80% of
   * its examples scored and the unscored ones counted as failed.
   */
  readonly targetScore?: number | undefined;
  /** Ends the run after this many consecutive evaluations without better values, on the data that the best values are chosen on. */
  readonly patience?: number | undefined;
  /** Ends the run after this many iterations. */
  readonly maxIterations?: number | undefined;
  /** Ends the run at this moment; it can be resumed. A date, or a string that `Date` can parse. */
  readonly deadline?: Date | string | undefined;
  /**
   * Ends the run gracefully at SIGINT (Ctrl-C) and SIGTERM: nothing new starts, work in flight has a moment to finish and is
   * kept, and `train` returns. A second one exits immediately.
   *
   * @default false; `train()` has true
   */
  readonly onSignals?: boolean | undefined;
}

/** How the rollouts of a training run are done. */
export interface TrainRolloutOptions extends RolloutOptions {
  /**
   * Evaluates the parameters of an iteration while the next one is trained, in slots that would be idle. Scores, logs and
   * the kept run are the same as without. Not done with a target score, patience or a budget, which may end the run after an evaluation.
   *
   * @default true
   */
  readonly overlapEvaluation?: boolean | undefined;
}

/** Options of `Minibatch.train`. */
export interface MinibatchTrainOptions<X = unknown, Info = unknown> {
  /** Takes an update back when the new parameters do not score higher on the very batch they were learned from. @default false */
  readonly ensureImprovement?: boolean | undefined;
  /** An update is an improvement when `newScore > currentScore + improvementThreshold`. In units of the score. @default 0 */
  readonly improvementThreshold?: number | undefined;
  /** How often every example is visited. @default 1 */
  readonly numEpochs?: number | undefined;
  /** Examples in a batch; the last one of an epoch may be smaller. @default 1, or that of the search policy */
  readonly batchSize?: number | undefined;
  /** What the agent is evaluated on. @default the train dataset; in `train()` only what the best values are chosen on */
  readonly testDataset?: DatasetLike<X, Info> | null | undefined;
  /**
   * What the best values of the run are chosen on; a search compares its proposals on it.
   *
   * @default the test dataset, or for a search the train dataset; in `train()` a part of the train dataset that is set aside
   */
  readonly validateDataset?: DatasetLike<X, Info> | null | undefined;
  /**
   * Which values the agent has in the end: those of the best score, or those after the last iteration.
   *
   * @default "last"; `train()` has "best"
   */
  readonly keep?: "best" | "last" | undefined;
  /**
   * Evaluates before the first iteration, after every `evalFrequency` iterations, and what the agent has in the end unless that was evaluated
   * before; 0 is never. @default 1, or that of the search policy
   */
  readonly evalFrequency?: number | undefined;
  /** Rollouts for each example of an evaluation. @default 1 */
  readonly numEvalSamples?: number | undefined;
  /** Logs scores and parameters every `logFrequency` iterations; 0 is never. @default evalFrequency if it is set and not 0, else 1 */
  readonly logFrequency?: number | null | undefined;
  /** Saves the agent before the first iteration, after every `saveFrequency` iterations, and at the end; `null` or 0 is never. @default null */
  readonly saveFrequency?: number | null | undefined;
  /** Where: `agent.json` gets the final agent, `agent_iter3.json` the one after iteration 3. @default "checkpoints/agent.json" */
  readonly savePath?: string | undefined;
  /**
   * The score of an example on which the agent throws. `null`: the lowest of the guide's `scoreRange`, else the lowest score that
   * it is compared with, at most 0.
   *
   * @default null
   */
  readonly minScore?: number | null | undefined;
  /**
   * How candidates are compared if a guide returns several metrics: the name of one, weights, or `mode: "pareto"`; which of them to minimize,
   * and their bounds. `tokens`, `costUsd`, and `latencyMs` are measured if they are named. See `docs/objectives.md`.
   *
   * @default by the guide's `score`, higher being better
   */
  readonly objective?: ObjectiveLike | undefined;
  /** Reports the optimizer's prompts and replies; `"output"` for replies only. @default false */
  readonly verbose?: boolean | "output" | undefined;
  /** The most rollouts that run concurrently. @default the trainer's own */
  readonly numThreads?: number | undefined;
  /** A new order of the examples in every epoch. @default true */
  readonly shuffle?: boolean | undefined;
  /** Determines these orders. @default 0 */
  readonly seed?: number | undefined;
  /** Aborts the run; `train` then rejects with `signal.reason`. A run that is kept can still be resumed. */
  readonly signal?: AbortSignal | undefined;
  /** Keeps the run, so that it can be resumed after any interruption: `runDirectory()` of `opto/runs`. @default it is not kept */
  readonly keeper?: RunOpener | null | undefined;
  /** The most calls, tokens, dollars, rollouts and time that the run may use. Reaching one ends the run, which can be resumed. @default no limit */
  readonly budget?: Budget | undefined;
  /** What else ends the run. */
  readonly stop?: StopOptions | undefined;
  /** Limits, retries, timeouts and prices of calls of language models. */
  readonly calls?: CallOptions | undefined;
  /** How long rollouts may take, and which of their errors are outages. */
  readonly rollouts?: TrainRolloutOptions | undefined;
}
