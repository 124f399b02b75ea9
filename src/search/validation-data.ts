/**
 * `chooseValidationData`: what the best values of a run are chosen on when nothing is said about it.
 *
 * @module
 */
import { DataLoader, datasetOf } from "../data/data-loader.ts";
import type { DatasetLike } from "../data/dataset.ts";
import type { Seed } from "../data/random.ts";
import { splitDataset } from "../data/split-dataset.ts";
import type { TrainDataset } from "../trainer/trainer.ts";

/** The datasets of a run. */
export interface RunDatasets<X, Info> {
  readonly trainDataset: TrainDataset<X, Info>;
  readonly validateDataset: DatasetLike<X, Info>;
  readonly testDataset: DatasetLike<X, Info>;
  readonly isSplit: boolean;
}

/** With fewer examples than this none are set aside. */
const leastToSplit = 40;
/** The share of examples that is set aside, and the most of them. */
const [splitShare, mostSplit] = [0.25, 100];

/**
 * The validation data that were given; else a quarter of the training data, at most 100 examples, dealt out by the seed where
 * there are at least 40; else the training data themselves. A `DataLoader` is left as it is: its order is its own.
 *
 * Without a test dataset the validation data stand for it, so that nothing is evaluated that no decision needs.
 */
export function chooseValidationData<X, Info>(given: {
  readonly trainDataset: TrainDataset<X, Info>;
  readonly validateDataset?: DatasetLike<X, Info> | null | undefined;
  readonly testDataset?: DatasetLike<X, Info> | null | undefined;
  readonly seed?: Seed | undefined;
}): RunDatasets<X, Info> {
  const { trainDataset, validateDataset, testDataset, seed = 0 } = given;
  if (validateDataset) {
    return { trainDataset, validateDataset, testDataset: testDataset ?? validateDataset, isSplit: false };
  }
  const whole = datasetOf(trainDataset, "trainDataset");
  if (trainDataset instanceof DataLoader || whole.length < leastToSplit) {
    const train = trainDataset instanceof DataLoader ? trainDataset : whole;
    return { trainDataset: train, validateDataset: whole, testDataset: testDataset ?? whole, isSplit: false };
  }
  const share = Math.min(mostSplit, Math.round(whole.length * splitShare)) / whole.length;
  const { train, validate } = splitDataset(whole, { train: 1 - share, validate: share }, { seed });
  return { trainDataset: train, validateDataset: validate, testDataset: testDataset ?? validate, isSplit: true };
}
