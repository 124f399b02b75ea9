/**
 * The archive as an optimizer reads it: attempts with comparable scores, by the optimizer's own names.
 *
 * @module
 */
import type { HistoryView, PastAttempt } from "../optimizers/optimizer.ts";
import type { SearchArchive } from "./archive.ts";
import type { Names } from "./names.ts";
import type { Entry, Sample } from "./search.ts";

/**
 * What was tried so far. Scores are those on `on`; attempts that were not scored on all of it have none.
 *
 * @param on @default what the latest entry was scored on
 */
export function historyOf(archive: SearchArchive, names: Names, on: Sample): HistoryView {
  const attempts = (entries: readonly Entry[]): PastAttempt[] => {
    return archive.compared(entries, on).map(({ score, counts }, index) => ({
      values: names.toOptimizer((entries[index] as Entry).values),
      score,
      examples: counts.scored,
    }));
  };
  return {
    latest: (count) => attempts(archive.entries.slice(-count)),
    best: (count) => attempts(archive.top(archive.entries, count, on)),
  };
}
