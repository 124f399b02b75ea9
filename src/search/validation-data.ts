/**
 * `chooseValidationData`: what the best values of a run are chosen on when nothing is said about it.
 *
 * @module
 */
import { DataLoader } from "../data/data-loader.ts";
import { type Dataset, type DatasetLike, toDataset } from "../data/dataset.ts";
import type { Seed } from "../data/random.ts";
import { splitDataset } from "../data/split-dataset.ts";
import type { TrainDataset } from "../trainer/trainer.ts";

/** The datasets of a run. */
export interface RunDatasets<X, Info> {
  readonly trainDataset: TrainDataset<X, Info>;
  readonly validateDataset: Dataset<X, Info>;
  readonly testDataset: Dataset<X, Info>;
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
  const read = readOnce<X, Info>();
  const whole = trainDataset instanceof DataLoader ? trainDataset.dataset : read(trainDataset, "trainDataset");
  const train = trainDataset instanceof DataLoader ? trainDataset : whole;
  const test = testDataset ? read(testDataset, "testDataset") : undefined;
  if (validateDataset) {
    const validate = read(validateDataset, "validateDataset");
    return { trainDataset: train, validateDataset: validate, testDataset: test ?? validate, isSplit: false };
  }
  if (trainDataset instanceof DataLoader || whole.length < leastToSplit) {
    return { trainDataset: train, validateDataset: whole, testDataset: test ?? whole, isSplit: false };
  }
  const share = Math.min(mostSplit, Math.round(whole.length * splitShare)) / whole.length;
  const split = splitDataset(whole, { train: 1 - share, validate: share }, { seed });
  return { trainDataset: split.train, validateDataset: split.validate, testDataset: test ?? split.validate, isSplit: true };
}

/** The same columns are the same dataset, as the same list is: what is known of an example is known wherever it occurs. */
function readOnce<X, Info>(): (like: DatasetLike<X, Info>, name: string) => Dataset<X, Info> {
  const known = new Map<DatasetLike<X, Info>, Dataset<X, Info>>();
  return (like, name) => {
    const dataset = known.get(like) ?? toDataset(like, name);
    known.set(like, dataset);
    return dataset;
  };
}
