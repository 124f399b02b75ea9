/**
 * How candidates compare example by example, and how often they had which score, for the prompts of optimizers.
 *
 * @module
 */
import { isByOwnScore, minimizesScore } from "../data/objectives.ts";
import type { HistoryView, PairedOutcome } from "../optimizers/optimizer.ts";
import type { SearchArchive } from "./archive.ts";
import { numberAt } from "./evidence.ts";
import type { Entry, SearchDataset } from "./search.ts";

/** What outcomes are read from. */
export interface OutcomeParts {
  readonly archive: SearchArchive;
  readonly dataset: SearchDataset;
}

/** How one entry did against another on the examples that both were scored on; failures are worse than anything. */
export function pairedOutcome(one: Entry, other: Entry, { archive, dataset }: OutcomeParts): PairedOutcome | undefined {
  const [own, theirs] = [archive.table(one, dataset), archive.table(other, dataset)];
  const outcome = { examples: 0, better: 0, worse: 0 };
  for (const example of own.examples()) {
    const [a, b] = [numberAt(own, example, archive.objective), numberAt(theirs, example, archive.objective)];
    if (a === null || b === null) continue;
    outcome.examples++;
    if (a > b) outcome.better++;
    if (a < b) outcome.worse++;
  }
  return outcome.examples === 0 ? undefined : outcome;
}

/** More different scores than these are not listed. */
const mostScores = 5;

/** How often an entry had which score on these examples; only where that alone counts. */
export function spreadOf(
  entry: Entry,
  { archive, dataset }: OutcomeParts,
  examples: readonly number[],
): ReturnType<NonNullable<HistoryView["spread"]>> {
  const { objective } = archive;
  if (!isByOwnScore(objective)) return undefined;
  const table = archive.table(entry, dataset);
  const counts = new Map<number, number>();
  for (const example of examples) {
    const { score } = table.state(example) === "scored" ? table.meansOf(example) : {};
    if (score === undefined) continue;
    counts.set(score, (counts.get(score) ?? 0) + 1);
    if (counts.size > mostScores) return undefined;
  }
  const sign = minimizesScore(objective) ? -1 : 1;
  return counts.size < 2 ? undefined : [...counts].sort(([a], [b]) => sign * (b - a));
}
