/**
 * What a search measures on validation data by itself: the best values of the run are chosen by it.
 *
 * @module
 */
import type { Cell, FailureScale } from "../data/comparison.ts";
import type { Dataset } from "../data/dataset.ts";
import { fingerprint } from "../data/fingerprint.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { SearchArchive } from "./archive.ts";
import type { Entry } from "./search.ts";

/** Which data a search validates on. */
export interface ValidatedData {
  readonly dataset: Dataset<unknown, unknown>;
  readonly scale: FailureScale;
  /** Whether the validation data also stand for a test dataset, so that nothing else is evaluated. */
  readonly isTest: boolean;
}

/** The same with what is known of some values. */
export interface Validated extends ValidatedData {
  /** The cells of these values of the agent, where they are known. */
  readonly cellsOf: (values: Candidate) => readonly Cell[] | undefined;
}

/** What is known now of some entries: what is measured later does not change it. */
export function validatedNow(data: ValidatedData, archive: SearchArchive, entries: readonly Entry[]): Validated {
  const all = data.dataset.map((_, example) => example);
  const known = new Map(
    entries.map((entry) => [fingerprint(entry.values), archive.cells(entry, { dataset: "validate", examples: all })]),
  );
  return { ...data, cellsOf: (values) => known.get(fingerprint(values)) };
}
