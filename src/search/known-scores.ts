/**
 * Scores that the archive has of a candidate, for evaluations that would measure them again.
 *
 * @module
 */
import type { Dataset } from "../data/dataset.ts";
import type { Guide } from "../guides/guide.ts";
import type { KnownScore } from "../trainer/evaluate.ts";
import type { SearchArchive } from "./archive.ts";
import type { Scoring } from "./score-candidates.ts";
import type { Entry } from "./search.ts";

/** Scores of one candidate, example by example; `null` where there is none. */
export interface KnownScores<X, Y, Info> {
  readonly dataset: Dataset<X, Info>;
  readonly guide: Guide<X, Y, Info>;
  readonly scores: readonly (KnownScore | null)[];
}

/** What is known of a candidate on the validation data, as it is now. */
export function knownScores<X, Y, Info>(
  archive: SearchArchive,
  entry: Entry,
  { dataset, guide }: Scoring<X, Y, Info>,
): KnownScores<X, Y, Info> {
  const table = archive.table(entry, "validate");
  const scores = dataset.map((_, example) => {
    if (table.stateOf(example, 0) !== "scored") return null;
    const { score, ...further } = table.meansOf(example);
    return score === undefined ? null : { score, scores: further, failed: false };
  });
  return { dataset, guide, scores };
}
