/**
 * `partialScores`: what a search has measured of its values on a part of the validation data, where these are not evaluated.
 *
 * @module
 */
import type { Scores } from "../data/scores.ts";
import type { SearchArchive } from "./archive.ts";
import type { Entry } from "./search.ts";

/** What a candidate has come to on the validation examples that it was measured on. */
export interface PartialScores {
  readonly scores: Scores;
  readonly examples: number;
}

/** Whether the best values have no other score: nothing is evaluated, and the search does not measure candidates on all validation data. */
export function hasPartialScores(evalFrequency: number, validated: unknown): boolean {
  return evalFrequency === 0 && validated === undefined;
}

/** Failures count as the worst, and so does what could not be scored. @returns `undefined` where too little was scored */
export function partialScores(archive: SearchArchive, entry: Entry): PartialScores | undefined {
  const examples = [...archive.table(entry, "validate").examples()];
  const { means, isCovered } = archive.sureMean(entry, { dataset: "validate", examples });
  return means === null || !isCovered ? undefined : { scores: means, examples: examples.length };
}
