/**
 * Parts of racing search: how candidates are ranked and retired, which ones are improved or merged, and which children are measured further.
 *
 * @module
 */
import type { Archive, Entry, Sample, Step } from "../search/search.ts";
import { type DemonstrationPools, shownExamples } from "./demonstration-pools.ts";
import { type ScoreRow, scoreRows, type TwoWayEstimate } from "./two-way-estimates.ts";

/** Examples that a candidate has to be scored on to be retired. */
const leastToRetire = 16;

/**
 * Examples that a candidate has to be scored on to lead: two blocks of the usual size. Where validation examples are few, one block is a large part of
 * them, and a small budget may end after it.
 */
export function leastToLead(numExamples: number): number {
  const least = Math.min(leastToRetire, Math.max(8, Math.floor(numExamples / 3)));
  return Math.min(least, numExamples);
}

/** In turn the newest candidate, and one that is the best on one example after the other, in random order, of those that were scored there. */
export function specialistOf(
  { iteration, random, validation, archive }: Step,
  live: readonly Entry[],
  rows: ReadonlyMap<Entry, ScoreRow>,
): Entry | undefined {
  if (iteration % 2 === 0) return archive.entries.findLast((entry) => live.includes(entry));
  let left = live;
  for (const example of random.shuffle(validation.examples)) {
    if (left.length <= 1) break;
    const scores = left.map((entry) => rows.get(entry)?.get(example));
    const best = scores.reduce<number>((most, score) => Math.max(most, score ?? most), Number.NEGATIVE_INFINITY);
    const winners = left.filter((_, at) => scores[at] === undefined || scores[at] === best);
    if (winners.length > 0) left = winners;
  }
  return left[0];
}

/** The candidate that is better than the leader on most of the examples that both were scored on; `undefined` when none is on any. */
export function complementOf(leader: Entry, live: readonly Entry[], rows: ReadonlyMap<Entry, ScoreRow>): Entry | undefined {
  const own = rows.get(leader) ?? new Map<number, number>();
  const winsOf = (entry: Entry): number =>
    [...(rows.get(entry) ?? [])].filter(([example, score]) => score > (own.get(example) ?? score)).length;
  const [best] = live.filter((entry) => entry !== leader && winsOf(entry) > 0).sort((a, b) => winsOf(b) - winsOf(a));
  return best;
}

/** The children that are good enough on the examples that they were learned from. */
export async function screened(
  step: Step,
  pairs: readonly (readonly [child: Entry, parent: Entry])[],
  on: Sample,
  screen: "better" | "as-good" | "none",
): Promise<readonly Entry[]> {
  const children = pairs.map(([child]) => child);
  if (screen === "none") return children;
  await step.score(children, on);
  return pairs.flatMap(([child, parent]) => {
    const [before, after] = step.archive.compare([parent, child], on) as [number | null, number | null];
    const isGood = before !== null && after !== null && (screen === "better" ? after > before : after >= before);
    return isGood ? [child] : [];
  });
}

/**
 * The rows with what candidates came to on train examples that none of their ancestors was run on, and that they do not show: nothing in
 * their values can have been learned from those. Train examples have negative keys.
 */
export function withUnseenExamples(
  archive: Archive,
  rows: ReadonlyMap<Entry, ScoreRow>,
  pools: DemonstrationPools,
): ReadonlyMap<Entry, ScoreRow> {
  const examples = archive.measured("train");
  const measured = new Map<Entry, ReadonlySet<number>>();
  const measuredOf = (entry: Entry): ReadonlySet<number> => {
    const known = measured.get(entry);
    if (known !== undefined) return known;
    const trials = archive.trials(entry, { dataset: "train", examples });
    const own = new Set(examples.filter((_, at) => trials[at]?.length !== 0));
    measured.set(entry, own);
    return own;
  };
  const seen = new Map<Entry, ReadonlySet<number>>();
  const seenBefore = (entry: Entry): ReadonlySet<number> => {
    const known = seen.get(entry);
    if (known !== undefined) return known;
    const parents = entry.parents.map((id) => archive.get(id));
    const all = new Set(parents.flatMap((parent) => [...seenBefore(parent), ...measuredOf(parent)]));
    seen.set(entry, all);
    return all;
  };
  return new Map(
    [...rows].map(([entry, row]) => {
      const before = new Set([...seenBefore(entry), ...shownExamples(entry, pools)]);
      const unseen = [...measuredOf(entry)].filter((example) => !before.has(example));
      const own = scoreRows(archive, [entry], { dataset: "train", examples: unseen }).get(entry) ?? new Map<number, number>();
      return [entry, new Map([...row, ...[...own].map(([example, score]) => [-1 - example, score] as const)])];
    }),
  );
}

/** What the optimizer is advised of a merge. */
export const mergeAdvice: string =
  "Two candidates are given that succeed on different examples. Combine what makes each of them succeed.";

/** The highest estimate first; of equals the earlier in the list. */
export function ranked(entries: readonly Entry[], estimates: ReadonlyMap<Entry, TwoWayEstimate>): Entry[] {
  const scoreOf = (entry: Entry): number => {
    const { score = 0, examples = 0 } = estimates.get(entry) ?? {};
    return examples === 0 ? Number.NEGATIVE_INFINITY : score;
  };
  return entries.toSorted((a, b) => scoreOf(b) - scoreOf(a) || 0);
}

/** Whether the interval of two standard errors of one reaches that of the leader, or it was hardly scored. */
export function canStillWin(own: TwoWayEstimate | undefined, leader: TwoWayEstimate | undefined): boolean {
  if (own === undefined || leader === undefined || own.examples < leastToRetire) return true;
  return own.score + 2 * own.error >= leader.score - 2 * leader.error;
}
