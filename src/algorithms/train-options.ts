/**
 * The options of `train`: their defaults, and what is refused.
 *
 * @module
 */

import { DataLoader } from "../data/data-loader.ts";
import { type DatasetLike, toDataset } from "../data/dataset.ts";
import { describeValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
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
  /** What the agent is evaluated on. @default the train dataset */
  readonly testDataset?: DatasetLike<X, Info> | null | undefined;
  /** Evaluates before the first iteration and after every so many; 0 is never. @default 1 */
  readonly evalFrequency?: number | undefined;
  /** Rollouts for each example of an evaluation. @default 1 */
  readonly numEvalSamples?: number | undefined;
  /** Logs scores and parameters every so many iterations; 0 is never. @default evalFrequency, or 1 when that is 0 */
  readonly logFrequency?: number | null | undefined;
  /** Saves the agent before the first iteration and after every so many, and at the end; `null` or 0 is never. @default null */
  readonly saveFrequency?: number | null | undefined;
  /** Where: `agent.json` gets the final agent, `agent_iter3.json` the one after iteration 3. @default "checkpoints/agent.json" */
  readonly savePath?: string | undefined;
  /** What an example scores on which the agent throws. @default null: 0 in a training step, no score in an evaluation */
  readonly minScore?: number | null | undefined;
  /** Reports the optimizer's prompts and replies; `"output"` for replies only. @default false */
  readonly verbose?: boolean | "output" | undefined;
  /** The most rollouts in flight at once. @default the trainer's own */
  readonly numThreads?: number | undefined;
  /** A new order of the examples in every epoch. @default true */
  readonly shuffle?: boolean | undefined;
  /** Decides the orders. @default 0 */
  readonly seed?: number | undefined;
  /** Aborts the run; `train` then rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** The options with their defaults filled in. */
export interface TrainSettings<X, Info> {
  readonly ensureImprovement: boolean;
  readonly improvementThreshold: number;
  readonly numEpochs: number;
  readonly batchSize: number | undefined;
  readonly testDataset: DatasetLike<X, Info> | null;
  readonly evalFrequency: number;
  readonly numEvalSamples: number;
  readonly logFrequency: number;
  readonly saveFrequency: number;
  readonly savePath: string;
  readonly minScore: number | null;
  readonly verbose: boolean | "output";
  readonly numThreads: number;
  readonly shuffle: boolean | undefined;
  readonly seed: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The names of the options of `Minibatch.train`. */
export const trainOptionNames: readonly (keyof MinibatchTrainOptions)[] = [
  "ensureImprovement",
  "improvementThreshold",
  "numEpochs",
  "batchSize",
  "testDataset",
  "evalFrequency",
  "numEvalSamples",
  "logFrequency",
  "saveFrequency",
  "savePath",
  "minScore",
  "verbose",
  "numThreads",
  "shuffle",
  "seed",
  "signal",
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
    evalFrequency,
    numEvalSamples: options.numEvalSamples ?? 1,
    logFrequency: options.logFrequency ?? (evalFrequency || 1),
    saveFrequency: options.saveFrequency ?? 0,
    savePath: options.savePath ?? "checkpoints/agent.json",
    minScore: options.minScore ?? null,
    verbose: options.verbose ?? false,
    numThreads: options.numThreads ?? numThreads,
    shuffle: options.shuffle,
    seed: options.seed,
    signal: options.signal,
  };
  for (const name of ["numEpochs", "numEvalSamples"] as const) wholeNumber(name, settings[name], 1);
  for (const name of ["evalFrequency", "logFrequency", "saveFrequency"] as const) wholeNumber(name, settings[name], 0);
  for (const name of ["improvementThreshold", "minScore"] as const) {
    const value = settings[name];
    if (value !== null && !Number.isFinite(value)) refuse(name, "a finite number", value);
  }
  const { ensureImprovement, verbose, signal } = settings;
  if (typeof ensureImprovement !== "boolean") refuse("ensureImprovement", "true or false", ensureImprovement);
  if (typeof verbose !== "boolean" && verbose !== "output") refuse("verbose", 'true, false or "output"', verbose);
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") refuse("signal", "an AbortSignal", signal);
  if (typeof settings.savePath !== "string" || settings.savePath === "") refuse("savePath", "a path", settings.savePath);
  return settings;
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
        `Expected \`${name}\` to be left to the DataLoader, which has ${trainDataset[name]}, got ${value}`,
      );
    }
  }
  return trainDataset;
}

/** Refuses anything but a whole number of at least `least`. */
export function wholeNumber(name: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) refuse(name, `a whole number of at least ${least}`, value);
}

function refuse(name: string, expected: string, value: unknown): never {
  throw new InvalidArgumentError(`Expected \`${name}\` to be ${expected}, got ${describeValue(value)}`);
}
