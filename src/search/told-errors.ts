/**
 * The errors of candidates as optimizers may hear of them: an error often quotes its input, and what values are chosen by must not be learned from.
 *
 * @module
 */
import type { SearchArchive } from "./archive.ts";
import type { Scoring } from "./score-candidates.ts";
import type { Entry, Sample, SearchDataset } from "./search.ts";

const mostErrors = 3;

/** Whether scores on the validation data are on the training data: the same examples by the same guide. */
export function isTrainingData<X, Y, Info>({ train, validate }: Readonly<Record<SearchDataset, Scoring<X, Y, Info>>>): boolean {
  return train.dataset === validate.dataset && train.guide === validate.guide;
}

/**
 * The errors that an entry caused on a sample. Of data that are held out there is only their number, with the errors on training data.
 *
 * @param isHeldOut whether the validation data are not the training data
 */
export function toldErrors(archive: SearchArchive, entry: Entry, { dataset, examples }: Sample, isHeldOut: boolean): string[] {
  const table = archive.table(entry, dataset);
  if (dataset === "train" || !isHeldOut) return table.errors(examples).slice(0, mostErrors);
  if (table.errors(examples).length === 0) return [];
  const failed = examples.filter((example) => table.trials(example).some((trial) => trial.failed)).length;
  const known = archive.table(entry, "train");
  const errors = known.errors([...known.examples()]).slice(0, mostErrors);
  return [...errors, `${failed} of ${examples.length} examples failed.`];
}
