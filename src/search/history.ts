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
    const compared = archive.compared(entries, on);
    const scores = archive.compare(entries, on);
    return entries.map((entry, index) => ({
      values: names.toOptimizer(entry.values),
      score: scores[index] ?? null,
      examples: compared[index]?.counts.scored ?? 0,
    }));
  };
  return {
    latest: (count) => attempts(archive.entries.slice(-count)),
    best: (count) => attempts(archive.top(archive.entries, count, on)),
  };
}
