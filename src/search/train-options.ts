/**
 * The options of `train`: their defaults, and what is refused.
 *
 * @module
 */

import { DataLoader } from "../data/data-loader.ts";
import { type DatasetLike, toDataset } from "../data/dataset.ts";
import { describeValue, isPlainObject } from "../data/json.ts";
import { type ObjectiveConfig, type ObjectiveLike, objective } from "../data/objectives.ts";
import { checkOptions } from "../data/options.ts";
import { checkInfrastructureRule, type InfrastructureRule, InvalidArgumentError } from "../errors.ts";
import type { Budget } from "../llm/budget.ts";
import type { CallSchedulerOptions } from "../llm/call-scheduler.ts";
import type { Prices } from "../llm/model-price.ts";
import { checkRolloutTimeout, currentRolloutTimeoutMs } from "../trainer/rollout-timeout.ts";
import type { RunOpener } from "../trainer/run-keeper.ts";
import type { TrainDataset } from "../trainer/trainer.ts";

/** Options of `Minibatch.train`. */
export interface MinibatchTrainOptions<X = unknown, Info = unknown> {
  /** Takes an update back when the new parameters do not score higher on the very batch they were learned from. @default false */
  readonly ensureImprovement?: boolean | undefined;
  /** An update is an improvement when `newScore > currentScore + improvementThreshold`. In units of the score. @default 0 */
  readonly improvementThreshold?: number | undefined;
  /** How often every example is visited. @default 1 */
  readonly numEpochs?: number | undefined;
  /** Examples in a batch; the last one of an epoch may be smaller. @default 1 */
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
  /** Evaluates before the first iteration and after every `evalFrequency` iterations; 0 is never. @default 1 */
  readonly evalFrequency?: number | undefined;
  /**
   * Evaluates the parameters of an iteration while the next one is trained, in slots that would be idle. Scores, logs and
   * the kept run are the same as without. Not done with `targetScore`, `patience` or `budget`, which may end the run after an evaluation.
   *
   * @default true
   */
  readonly overlapEvaluation?: boolean | undefined;
  /** Rollouts for each example of an evaluation. @default 1 */
  readonly numEvalSamples?: number | undefined;
  /** Logs scores and parameters every `logFrequency` iterations; 0 is never. @default evalFrequency, or 1 when that is 0 */
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
  readonly run?: RunOpener | null | undefined;
  /** The most calls, tokens, dollars, rollouts and time that the run may use. Reaching one ends the run, which can be resumed. @default no limit */
  readonly budget?: Budget | undefined;
  /** Prices of models that the price table does not have, in dollars per million tokens. */
  readonly prices?: Prices | undefined;
  /** Limits, retries and timeouts of calls of language models. */
  readonly calls?: CallSchedulerOptions | undefined;
  /**
   * Whether identical model calls in flight share one answer. Saves money if variation does not
   * matter; samples of one prompt are then no longer independent.
   *
   * @default false
   */
  readonly mergeCalls?: boolean | undefined;
  /**
   * How long the agent, and then the guide, may take for one example, in milliseconds, model calls through opto not counted;
   * `null` is no limit. An agent that takes longer has failed on the example, a guide leaves it unscored.
   *
   * @default 600000
   */
  readonly rolloutTimeoutMs?: number | null | undefined;
  /**
   * Ends the run when the score on the test dataset is at least this, with at least 80% of its examples scored and the
   * unscored ones counted as failed.
   */
  readonly targetScore?: number | undefined;
  /** Ends the run after this many consecutive evaluations without better values, on the data that the best values are chosen on. */
  readonly patience?: number | undefined;
  /** Ends the run after `maxIterations` iterations. */
  readonly maxIterations?: number | undefined;
  /** Ends the run at this moment; it can be resumed. A date, or a string that `Date` can parse. */
  readonly deadline?: Date | string | undefined;
  /**
   * Ends the run gracefully at SIGINT (Ctrl-C) and SIGTERM: nothing new starts, work in flight has a moment to finish and is
   * kept, and `train` returns. A second one exits immediately.
   *
   * @default false; `train()` has true
   */
  readonly handleSignals?: boolean | undefined;
  /**
   * Which errors of your own clients are outages, besides those that opto knows by their shape: they leave an example unscored, in the
   * agent and in the guide. Receives the error and then each of its causes; `false` leaves the decision to opto.
   *
   * @default opto's own rule: `isInfrastructureError`
   */
  readonly isInfrastructure?: InfrastructureRule | undefined;
}

/** The options with their defaults filled in. */
export interface TrainSettings<X, Info> {
  readonly ensureImprovement: boolean;
  readonly improvementThreshold: number;
  readonly numEpochs: number;
  readonly batchSize: number | undefined;
  readonly testDataset: DatasetLike<X, Info> | null;
  readonly validateDataset: DatasetLike<X, Info> | null;
  readonly keep: "best" | "last";
  readonly evalFrequency: number;
  readonly overlapEvaluation: boolean;
  readonly numEvalSamples: number;
  readonly logFrequency: number;
  readonly saveFrequency: number;
  readonly savePath: string;
  readonly minScore: number | null;
  readonly objective: ObjectiveConfig;
  readonly verbose: boolean | "output";
  readonly numThreads: number;
  readonly shuffle: boolean | undefined;
  readonly seed: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly run: RunOpener | null;
  readonly budget: Budget | undefined;
  readonly prices: Prices | undefined;
  readonly calls: CallSchedulerOptions | undefined;
  readonly mergeCalls: boolean;
  readonly rolloutTimeoutMs: number | null;
  readonly targetScore: number | undefined;
  readonly patience: number | undefined;
  readonly maxIterations: number | undefined;
  /** In milliseconds since 1970. */
  readonly deadline: number | undefined;
  readonly handleSignals: boolean;
  readonly isInfrastructure: InfrastructureRule | undefined;
}

/** The names of the options of `Minibatch.train`. */
export const trainOptionNames: readonly (keyof MinibatchTrainOptions)[] = [
  "ensureImprovement",
  "improvementThreshold",
  "numEpochs",
  "batchSize",
  "testDataset",
  "validateDataset",
  "keep",
  "evalFrequency",
  "overlapEvaluation",
  "numEvalSamples",
  "logFrequency",
  "saveFrequency",
  "savePath",
  "minScore",
  "objective",
  "verbose",
  "numThreads",
  "shuffle",
  "seed",
  "signal",
  "run",
  "budget",
  "prices",
  "calls",
  "mergeCalls",
  "rolloutTimeoutMs",
  "targetScore",
  "patience",
  "maxIterations",
  "deadline",
  "handleSignals",
  "isInfrastructure",
];

/**
 * The options with their defaults.
 *
 * @throws InvalidArgumentError for an unknown name and for a value out of range
 */
export function readTrainOptions<X, Info>(
  options: MinibatchTrainOptions<X, Info>,
  owner: string,
  numThreads: number,
): TrainSettings<X, Info> {
  checkOptions(options, trainOptionNames, `${owner}.train`);
  const evalFrequency = options.evalFrequency ?? 1;
  const settings: TrainSettings<X, Info> = {
    ensureImprovement: options.ensureImprovement ?? false,
    improvementThreshold: options.improvementThreshold ?? 0,
    numEpochs: options.numEpochs ?? 1,
    batchSize: options.batchSize,
    testDataset: options.testDataset ?? null,
    validateDataset: options.validateDataset ?? null,
    keep: options.keep ?? "last",
    evalFrequency,
    overlapEvaluation: options.overlapEvaluation ?? true,
    numEvalSamples: options.numEvalSamples ?? 1,
    logFrequency: options.logFrequency ?? (evalFrequency || 1),
    saveFrequency: options.saveFrequency ?? 0,
    savePath: options.savePath ?? "checkpoints/agent.json",
    minScore: options.minScore ?? null,
    objective: readObjective(options.objective),
    verbose: options.verbose ?? false,
    numThreads: options.numThreads ?? numThreads,
    shuffle: options.shuffle,
    seed: options.seed,
    signal: options.signal,
    run: options.run ?? null,
    budget: options.budget,
    prices: options.prices,
    calls: options.calls,
    mergeCalls: options.mergeCalls ?? false,
    rolloutTimeoutMs: options.rolloutTimeoutMs === undefined ? currentRolloutTimeoutMs() : options.rolloutTimeoutMs,
    targetScore: options.targetScore,
    patience: options.patience,
    maxIterations: options.maxIterations,
    deadline: toMoment(options.deadline),
    handleSignals: options.handleSignals ?? false,
    isInfrastructure: options.isInfrastructure,
  };
  for (const name of ["numEpochs", "numEvalSamples"] as const) wholeNumber(name, settings[name], 1);
  for (const name of ["patience", "maxIterations"] as const) {
    if (settings[name] !== undefined) wholeNumber(name, settings[name], 1);
  }
  for (const name of ["evalFrequency", "logFrequency", "saveFrequency"] as const) wholeNumber(name, settings[name], 0);
  for (const name of ["improvementThreshold", "minScore", "targetScore"] as const) {
    const value = settings[name];
    if (value !== null && value !== undefined && !Number.isFinite(value)) refuse(name, "a finite number", value);
  }
  for (const name of ["targetScore", "patience"] as const) {
    if (settings[name] !== undefined && evalFrequency === 0) {
      refuse("evalFrequency", `at least 1 with \`${name}\`, which uses the score on the test dataset`, 0);
    }
  }
  checkRolloutTimeout(settings.rolloutTimeoutMs);
  const { verbose, signal, isInfrastructure } = settings;
  checkInfrastructureRule(isInfrastructure);
  for (const name of ["ensureImprovement", "overlapEvaluation", "mergeCalls", "handleSignals"] as const) {
    if (typeof settings[name] !== "boolean") refuse(name, "true or false", settings[name]);
  }
  if (typeof verbose !== "boolean" && verbose !== "output") refuse("verbose", 'true, false or "output"', verbose);
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") refuse("signal", "an AbortSignal", signal);
  if (settings.keep !== "best" && settings.keep !== "last") refuse("keep", '"best" or "last"', settings.keep);
  if (typeof settings.savePath !== "string" || settings.savePath === "") refuse("savePath", "a path", settings.savePath);
  return settings;
}

/** @throws InvalidArgumentError for what is no objective, and for one that names metrics which it does not compare by */
function readObjective(given: ObjectiveLike | undefined): ObjectiveConfig {
  if (given !== undefined && typeof given !== "string" && !isPlainObject(given)) {
    refuse("objective", "the name of a metric, or { weights, minimize, mode, constraints, … }", given);
  }
  const config = objective(given ?? {});
  const { mode, scalarize, scoreKey, minimize } = config;
  const unused = minimize.filter((metric) => metric !== scoreKey);
  if (mode === "scalar" && scalarize === "score" && unused.length > 0) {
    const names = unused.map((metric) => `\`${metric}\``).join(", ");
    throw new InvalidArgumentError(
      `Expected \`objective\` to say how ${names} in \`minimize\` counts, got an objective that compares by \`${scoreKey}\` alone; add \`weights\`, or \`mode: "pareto"\``,
    );
  }
  return config;
}

/** A loader of the train dataset by the settings; a loader that was given keeps its own. */
export function toLoader<X, Info>(trainDataset: TrainDataset<X, Info>, settings: TrainSettings<X, Info>): DataLoader<X, Info> {
  const { batchSize, shuffle, seed } = settings;
  if (!(trainDataset instanceof DataLoader)) {
    return new DataLoader(toDataset(trainDataset, "trainDataset"), {
      batchSize: batchSize ?? 1,
      shuffle: shuffle ?? true,
      seed: seed ?? 0,
    });
  }
  for (const name of ["batchSize", "shuffle", "seed"] as const) {
    const value = settings[name];
    if (value !== undefined && value !== trainDataset[name]) {
      throw new InvalidArgumentError(
        `The DataLoader decides \`${name}\` (${trainDataset[name]}): leave out the option, got ${value}`,
      );
    }
  }
  return trainDataset;
}

function toMoment(deadline: Date | string | undefined): number | undefined {
  if (deadline === undefined) return undefined;
  const moment = new Date(deadline).getTime();
  if (Number.isNaN(moment)) refuse("deadline", 'a date, or a string like "2030-01-31T06:00:00Z"', deadline);
  return moment;
}

/** Refuses anything but a whole number of at least `least`. */
export function wholeNumber(name: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) refuse(name, `a whole number of at least ${least}`, value);
}

function refuse(name: string, expected: string, value: unknown): never {
  throw new InvalidArgumentError(`Expected \`${name}\` to be ${expected}, got ${describeValue(value)}`);
}
