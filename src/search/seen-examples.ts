/**
 * `seenExamples`: which examples of a test dataset a run has learned or chosen from.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import { textOf } from "../data/json.ts";

type Inputs = Iterable<{ readonly input: unknown }>;

/**
 * The places of the examples whose input is also one of `used`: the same file given twice, or examples that are in both of two files.
 *
 * @param used the training data and the validation data
 */
export function seenExamples(test: Dataset<unknown, unknown>, used: readonly Inputs[]): ReadonlySet<number> {
  const seen = new Set<string>();
  for (const dataset of new Set(used)) for (const { input } of dataset) seen.add(textOf(input));
  return new Set([...test.entries()].flatMap(([place, { input }]) => (seen.has(textOf(input)) ? [place] : [])));
}
