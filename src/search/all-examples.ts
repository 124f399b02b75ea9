/**
 * The places of all examples of a dataset.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";

const lists = new WeakMap<Dataset<unknown, unknown>, readonly number[]>();

/** From 0 to the last. The same list for the same dataset, so that what is known about all of its examples is found again. */
export function allExamples(dataset: Dataset<unknown, unknown>): readonly number[] {
  const examples = lists.get(dataset) ?? dataset.map((_, index) => index);
  lists.set(dataset, examples);
  return examples;
}
