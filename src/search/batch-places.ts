/**
 * Where examples are in a batch.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";

/** The indices, in a dataset, of the examples of a batch that are given, in its order; `undefined` when there are others. */
export function batchPlaces<X, Info>(
  batch: readonly number[],
  dataset: Dataset<X, Info>,
  examples: Dataset<X, Info>,
): readonly number[] | undefined {
  let next = 0;
  const indices = batch.filter((index) => {
    const [own, given] = [dataset[index], examples[next]];
    const isMatch = given !== undefined && own?.input === given.input && own?.info === given.info;
    if (isMatch) next++;
    return isMatch;
  });
  return indices.length === examples.length ? indices : undefined;
}
