/**
 * The table of the options that every training algorithm has.
 *
 * @module
 */
import {
  anything,
  finiteNumber,
  groupOf,
  type OptionTable,
  oneOf,
  orNull,
  someText,
  trueOrFalse,
  wholeFrom,
  withMethod,
} from "../data/option-table.ts";
import { seedRule } from "../data/random.ts";
import { type CallOptions, callTable } from "../llm/pace/call-options.ts";
import { type Budget, budgetTable } from "../llm/spend/budget.ts";
import { rolloutTable } from "../trainer/rollout-options.ts";
import type { MinibatchTrainOptions, StopOptions, TrainRolloutOptions } from "./algorithm-options.ts";

/** What ends a run before its last epoch. */
export const stopTable: OptionTable<StopOptions> = {
  targetScore: {
    ...finiteNumber,
    otherwise: "none",
    about:
      "ends the run when the score on the test dataset is at least this (at most, where the objective minimizes `score`), with at least 80% of its examples scored",
  },
  patience: {
    ...wholeFrom(1),
    otherwise: "none",
    about: "ends the run after this many consecutive evaluations without better values",
  },
  maxIterations: { ...wholeFrom(1), otherwise: "none", about: "ends the run after this many iterations" },
  deadline: {
    expected: 'a date, or a string like "2030-01-31T06:00:00Z"',
    holds: (value) => !Number.isNaN(new Date(typeof value === "number" ? value : String(value)).getTime()),
    otherwise: "none",
    about: "ends the run at this time (a `Date` or a string); the run can be resumed",
  },
  onSignals: {
    ...trueOrFalse,
    default: false,
    about: "a first Ctrl-C (SIGINT) or SIGTERM ends the run gracefully, a second one immediately",
  },
};

/** How the rollouts of a training run are done. */
export const trainRolloutTable: OptionTable<TrainRolloutOptions> = {
  ...rolloutTable,
  overlapEvaluation: {
    ...trueOrFalse,
    default: true,
    about: "evaluates an iteration while the next one is trained, unless a score may end the run",
  },
};

/** The options of `Minibatch.train`. */
export const minibatchTrainTable: OptionTable<MinibatchTrainOptions> = {
  numEpochs: { ...wholeFrom(1), default: 1, about: "how often every example is visited" },
  batchSize: { ...wholeFrom(1), otherwise: "1", about: "examples in a batch; the last of an epoch may be smaller" },
  ensureImprovement: {
    ...trueOrFalse,
    default: false,
    about: "reverts an update that does not score higher on its own batch",
  },
  improvementThreshold: { ...finiteNumber, default: 0, about: "an update must be better by more than this" },
  testDataset: {
    ...anything,
    otherwise: "the train dataset; `train()` evaluates only what a decision needs",
    about: "what the agent is evaluated on; in `train()` the best values are never chosen on it",
  },
  validateDataset: {
    ...anything,
    otherwise: "the test dataset, or for a search the train dataset; `train()` sets aside a part of the train dataset",
    about: "what the best values are chosen on, and what `BasicSearchAlgorithm` compares proposals on",
  },
  keep: {
    ...oneOf(["best", "last"]),
    default: "last",
    about: "which values the agent ends with: those with the best score, or the last ones",
  },
  evalFrequency: {
    ...wholeFrom(0),
    default: 1,
    about: "evaluates before the first iteration, after every N iterations, and what the agent has in the end; 0 means never",
  },
  numEvalSamples: { ...wholeFrom(1), default: 1, about: "rollouts for each example of an evaluation" },
  logFrequency: {
    ...orNull(wholeFrom(0)),
    otherwise: "`evalFrequency` if it is set and not 0, else 1",
    about: "logs scores and parameters every N iterations",
  },
  saveFrequency: {
    ...orNull(wholeFrom(0)),
    default: null,
    about: "saves before the first iteration, after every N iterations, and at the end",
  },
  savePath: {
    ...someText,
    expected: "a path",
    default: "checkpoints/agent.json",
    about: "`agent_iter3.json` after iteration 3, `agent.json` at the end",
  },
  minScore: {
    ...orNull(finiteNumber),
    default: null,
    about:
      "score given to an example when the agent throws; `null` means the lowest score of the guide's `scoreRange`, else the lowest score it is compared with, at most 0",
  },
  objective: {
    ...anything,
    otherwise: "the guide's `score`",
    about: "how candidates are compared: one metric, weights, `pareto`, constraints: [Objectives](objectives.md)",
  },
  numThreads: {
    ...wholeFrom(1),
    otherwise: "8",
    about: "concurrency: the most rollouts in flight at the same time (async tasks, not operating system threads)",
    flag: { usage: "-j, --threads <number>", about: "concurrency: the most rollouts in flight at the same time" },
  },
  shuffle: { ...trueOrFalse, otherwise: "true", about: "a new order of the examples in every epoch" },
  seed: {
    ...seedRule,
    otherwise: "0",
    about: "determines the order of the examples and every other random choice",
    flag: { usage: "--seed <number>", rule: wholeFrom(0) },
  },
  verbose: {
    expected: 'true, false or "output"',
    holds: (value) => typeof value === "boolean" || value === "output",
    default: false,
    about: 'reports the optimizer\'s prompts and replies; `"output"` for replies only',
  },
  signal: {
    ...withMethod("throwIfAborted", "an AbortSignal"),
    otherwise: "none",
    about: "aborts the run: `train` rejects with `signal.reason`",
  },
  keeper: {
    ...orNull(withMethod("open", "what keeps a run, such as runDirectory()")),
    default: null,
    about: "keeps the run, so that it can be resumed: `runDirectory()` of `opto/runs`",
  },
  budget: {
    ...groupOf<Budget>(budgetTable),
    otherwise: "[no limit](training.md#what-ends-a-run)",
    about: "the most that the run may use; reaching it ends the run, which can be resumed",
  },
  stop: {
    ...groupOf<StopOptions>(stopTable),
    otherwise: "[its options](training.md#what-ends-a-run)",
    about: "what else ends the run, as a result with `stopReason`",
  },
  calls: {
    ...groupOf<CallOptions>(callTable),
    otherwise: "[its options](runs.md#rate-limits-and-outages)",
    about: "limits, retries, timeouts and prices of model calls",
  },
  rollouts: {
    ...groupOf<TrainRolloutOptions>(trainRolloutTable),
    otherwise: "[its options](training.md#rollouts)",
    about: "how long rollouts may take, which of their errors are outages, and where they run",
  },
};
