/**
 * The settings of a training run: its options, checked, with their defaults.
 *
 * @module
 */
import { DataLoader } from "../data/data-loader.ts";
import { type DatasetLike, toDataset } from "../data/dataset.ts";
import { describeValue, isPlainObject } from "../data/json.ts";
import { type ObjectiveConfig, type ObjectiveLike, objective } from "../data/objectives.ts";
import type { Filled } from "../data/option-table.ts";
import { checkTable, withDefaults } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { CallOptions } from "../llm/pace/call-options.ts";
import { currentRolloutTimeoutMs } from "../trainer/limited-work.ts";
import type { RunOpener } from "../trainer/run-keeper.ts";
import type { TrainDataset } from "../trainer/trainer.ts";
import type { MinibatchTrainOptions, StopOptions, TrainRolloutOptions } from "./algorithm-options.ts";
import { minibatchTrainTable } from "./algorithm-table.ts";

/** The options that have a default. */
type Defaulted =
  | "ensureImprovement"
  | "improvementThreshold"
  | "numEpochs"
  | "keep"
  | "evalFrequency"
  | "numEvalSamples"
  | "savePath"
  | "verbose"
  | "numThreads";

/** The options with their defaults filled in. */
export interface TrainSettings<X, Info>
  extends Filled<Pick<MinibatchTrainOptions<X, Info>, Defaulted>, Defaulted>,
    Pick<MinibatchTrainOptions<X, Info>, "batchSize" | "shuffle" | "seed" | "signal" | "budget"> {
  readonly testDataset: DatasetLike<X, Info> | null;
  readonly validateDataset: DatasetLike<X, Info> | null;
  readonly logFrequency: number;
  readonly saveFrequency: number;
  readonly minScore: number | null;
  readonly objective: ObjectiveConfig;
  readonly keeper: RunOpener | null;
  /** `deadline` in milliseconds since 1970. */
  readonly stop: Omit<StopOptions, "deadline"> & { readonly deadline: number | undefined };
  readonly calls: CallOptions;
  readonly rollouts: Filled<TrainRolloutOptions, "timeoutMs" | "overlapEvaluation">;
}

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
  checkTable(options, minibatchTrainTable, `${owner}.train`, "");
  const filled = withDefaults<MinibatchTrainOptions, Defaulted>(options as MinibatchTrainOptions, minibatchTrainTable);
  const { evalFrequency, stop = {}, calls = {}, rollouts = {} } = filled;
  for (const name of ["targetScore", "patience"] as const) {
    if (stop[name] === undefined || evalFrequency > 0) continue;
    throw new InvalidArgumentError(
      `Expected \`evalFrequency\` to be at least 1 with \`stop.${name}\`, which uses the score on the test dataset, got 0`,
    );
  }
  const { deadline } = options.stop ?? {};
  return {
    ...filled,
    testDataset: options.testDataset ?? null,
    validateDataset: options.validateDataset ?? null,
    minScore: filled.minScore ?? null,
    keeper: filled.keeper ?? null,
    objective: readObjective(options.objective),
    logFrequency: filled.logFrequency ?? (evalFrequency || 1),
    saveFrequency: filled.saveFrequency ?? 0,
    numThreads: filled.numThreads ?? numThreads,
    calls,
    stop: { ...stop, deadline: deadline === undefined ? undefined : new Date(deadline).getTime() },
    rollouts: {
      ...(rollouts as Filled<TrainRolloutOptions, "overlapEvaluation">),
      timeoutMs: rollouts.timeoutMs === undefined ? currentRolloutTimeoutMs() : rollouts.timeoutMs,
    },
  };
}

/** @throws InvalidArgumentError for what is no objective, and for one that names metrics which it does not compare by */
function readObjective(given: ObjectiveLike | undefined): ObjectiveConfig {
  if (given !== undefined && typeof given !== "string" && !isPlainObject(given)) {
    throw new InvalidArgumentError(
      `Expected \`objective\` to be the name of a metric, or { weights, minimize, mode, constraints, … }, got ${describeValue(given)}`,
    );
  }
  const config = objective(given ?? {});
  const { mode, scalarize, scoreKey, minimize } = config;
  const unused = minimize.filter((metric) => metric !== scoreKey);
  if (mode === "scalar" && scalarize === "score" && unused.length > 0) {
    throw new InvalidArgumentError(
      `Expected \`objective\` to say how ${listOf(unused)} in \`minimize\` counts, got an objective that compares by \`${scoreKey}\` alone; add \`weights\`, or \`mode: "pareto"\``,
    );
  }
  refuseUnusedNames(config);
  return config;
}

/** @throws InvalidArgumentError for weights that leave nothing to compare by, and for metrics to minimize that a list of metrics does not have */
function refuseUnusedNames({ mode, scalarize, scoreKey, weights, minimize, paretoMetrics, constraints }: ObjectiveConfig): void {
  const weighted = Object.keys(weights);
  if (weighted.length > 0 && Object.values(weights).every((weight) => weight === 0)) {
    throw new InvalidArgumentError(`Expected a weight above 0 in \`objective.weights\`, got 0 for ${listOf(weighted)}`);
  }
  const isWeighted = mode === "weighted" || (mode === "scalar" && scalarize === "weighted");
  const compared = isWeighted ? weighted : (mode === "pareto" && paretoMetrics) || [];
  // Where no metrics are listed, all that answers have are compared.
  if (compared.length === 0) return;
  const known = new Set([...compared, ...weighted, ...Object.keys(constraints ?? {}), scoreKey]);
  const unknown = minimize.filter((metric) => !known.has(metric));
  if (unknown.length === 0) return;
  throw new InvalidArgumentError(
    `Expected \`objective.minimize\` to name metrics that candidates are compared by (${[...known].join(", ")}), got ${listOf(unknown)}`,
  );
}

function listOf(metrics: readonly string[]): string {
  return metrics.map((metric) => `\`${metric}\``).join(", ");
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
