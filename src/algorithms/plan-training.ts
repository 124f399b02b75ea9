/**
 * `planTraining`: which algorithm `train` runs, and what it trains, chooses, and tests on.
 *
 * @module
 */
import { chooseValidationData, type RunDatasets } from "../search/validation-data.ts";
import type { TrainDataset } from "../trainer/trainer.ts";
import type { BasicSearchTrainOptions } from "./basic-search-algorithm.ts";
import { type AlgorithmLike, type ChosenAlgorithm, toAlgorithm } from "./to-algorithm.ts";

/** What `train` makes of its options: the algorithm, and what is trained, chosen, and tested on. */
export interface TrainingPlan<X, Y, Info> {
  readonly algorithm: ChosenAlgorithm<X, Y, Info>;
  readonly trainDataset: TrainDataset<X, Info>;
  /** Options for the algorithm's own `train`. */
  readonly datasets: Pick<BasicSearchTrainOptions<X, Y, Info>, "validateDataset" | "testDataset" | "keep">;
  readonly isSplit: boolean;
}

/** Of the options of `train`, what it is made of. */
export interface PlannedOptions<X, Y, Info>
  extends Pick<BasicSearchTrainOptions<X, Y, Info>, "validateDataset" | "testDataset" | "evalFrequency" | "keep" | "seed"> {
  readonly trainDataset: TrainDataset<X, Info>;
  readonly algorithm?: AlgorithmLike<X, Y, Info> | undefined;
}

/** Which algorithm and which datasets these options of `train` mean. */
export function planTraining<X, Y, Info>(options: PlannedOptions<X, Y, Info>): TrainingPlan<X, Y, Info> {
  const { trainDataset, validateDataset, testDataset, evalFrequency, keep = "best", seed } = options;
  const choose = (): RunDatasets<X, Info> => chooseValidationData({ trainDataset, validateDataset, testDataset, seed });
  // The default depends on the validation data; an algorithm of the user's own may have datasets of its own kind.
  const known = options.algorithm === undefined ? choose() : undefined;
  const algorithm = toAlgorithm(options.algorithm, options, {
    trainDataset: known?.trainDataset ?? trainDataset,
    setAside: known?.isSplit ? known.validateDataset : undefined,
  });
  // Where nothing is evaluated, nothing is chosen; an algorithm of another kind has options of its own.
  const { comparesOnValidationData: compares } = algorithm;
  const chooses = compares === true || (compares === false && evalFrequency !== 0);
  if (!chooses || keep !== "best") {
    const given = { validateDataset, testDataset, keep: options.keep };
    const datasets = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return { algorithm, trainDataset, datasets, isSplit: false };
  }
  const { trainDataset: train, isSplit, ...datasets } = known ?? choose();
  return { algorithm, trainDataset: train, datasets: { ...datasets, keep }, isSplit };
}
