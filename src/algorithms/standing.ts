/**
 * How searches rank candidates by all that was measured of them, whatever examples that were.
 *
 * @module
 */

import { textLength } from "../data/json.ts";
import { comparableScores, isByOwnScore, namedMetrics } from "../data/objectives.ts";
import { Random } from "../data/random.ts";
import type { Scores } from "../data/scores.ts";
import { selectTop } from "../data/selection.ts";
import type { Archive, Entry, Sample, Step, Trial } from "../search/search.ts";

/**
 * The means of entries by the objective, over all of their trials; lower than any other where there is none. What could not be scored counts as
 * failed, and an entry of which too little was scored has no higher mean than any of which enough was.
 */
export function meansOf(archive: Archive, entries: readonly Entry[], on?: Sample): number[] {
  const sure = entries.map((entry) => archive.sureMean(entry, on));
  const scores = comparableScores(
    sure.map(({ means }) => means),
    archive.objective,
  );
  const covered = scores.flatMap((score, index) => (score !== null && sure[index]?.isCovered ? [score] : []));
  const lowestCovered = covered.reduce((least, score) => Math.min(least, score), Number.POSITIVE_INFINITY);
  return scores.map((score, index) => {
    if (score === null) return Number.NEGATIVE_INFINITY;
    return sure[index]?.isCovered ? score : Math.min(score, lowestCovered);
  });
}

/** The mean of each entry by the objective on some examples, as `meansOf`. */
export function meansOn(archive: Archive, entries: readonly Entry[], on: Sample): (entry: Entry) => number {
  const scores = meansOf(archive, entries, on);
  const means = new Map(entries.map((entry, index) => [entry, scores[index] as number]));
  return (entry) => means.get(entry) ?? Number.NEGATIVE_INFINITY;
}

/** What one rollout came to by the objective, more being better; `null` where it failed, or has no score by what the objective names. */
export function orientedScore({ objective }: Pick<Archive, "objective">, trial: Trial | undefined): number | null {
  const scores = trial?.failed === false ? trial.scores : null;
  // Constraints are about means.
  const by = { ...objective, constraints: {} };
  if (scores === null) return null;
  if (by.missingValue === null && namedMetrics(by).some((metric) => !Object.hasOwn(scores, metric))) return null;
  return comparableScores([scores], by)[0] as number;
}

/**
 * A score that a user names, or a guide declares, on the scale of `orientedScore`: the guide's own, or what the objective makes of several metrics.
 */
export function orientedBound({ objective }: Pick<Archive, "objective">, score: number): number {
  return isByOwnScore(objective) ? (comparableScores([{ score }], { ...objective, constraints: {} })[0] as number) : score;
}

/** The lowest that a rollout can come to by the objective; `undefined` where nothing bounds it. */
export function lowestBound(
  archive: Pick<Archive, "objective">,
  scoreRange: readonly [lowest: number, highest: number] | undefined,
): number | undefined {
  // What bounds a score does not bound a sum of metrics.
  if (scoreRange === undefined || !isByOwnScore(archive.objective)) return undefined;
  return Math.min(...scoreRange.map((score) => orientedBound(archive, score)));
}

/**
 * Best by the objective first; of equals the one that was measured more often, then the earlier. What could not be scored counts as failed; those of
 * which too little was scored come after all others, and those without a trial last.
 */
export function byMean(archive: Archive, entries: readonly Entry[]): Entry[] {
  const all = entries.map((entry) => ({ entry, ...archive.sureMean(entry), count: archive.count(entry) }));
  const rows = all.sort((a, b) => b.count - a.count);
  const ranked = (scored: readonly (typeof rows)[number][]): Entry[] => {
    const means = scored.map((row) => row.means as Scores);
    const at = (index: number): Entry => scored[index]?.entry as Entry;
    return selectTop(means, means.length, archive.objective, (index) => textLength(at(index).values)).map(at);
  };
  const scored = rows.filter(({ means }) => means !== null);
  return [
    ...ranked(scored.filter(({ isCovered }) => isCovered)),
    ...ranked(scored.filter(({ isCovered }) => !isCovered)),
    ...rows.filter(({ means }) => means === null).map(({ entry }) => entry),
  ];
}

/**
 * The upper confidence bound of each entry (Auer, Cesa-Bianchi, Fischer 2002): `mean + exploration · spread · √(ln T / n)`, where T is
 * the number of trials of all entries, n that of one, and the spread is that of the means, so that it fits any unit of score.
 * Entries without a trial have the highest bound there is.
 */
export function upperBounds(archive: Archive, entries: readonly Entry[], exploration: number): ReadonlyMap<Entry, number> {
  const counts = entries.map((entry) => archive.count(entry));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const means = meansOf(archive, entries);
  const known = means.filter((mean) => Number.isFinite(mean));
  const spread = known.length === 0 ? 0 : Math.max(...known) - Math.min(...known) || Math.abs(known[0] as number) || 1;
  return new Map(
    entries.map((entry, index) => {
      const count = counts[index] as number;
      if (count === 0) return [entry, Number.POSITIVE_INFINITY];
      const width = exploration * spread * Math.sqrt(Math.log(Math.max(2, total)) / count);
      return [entry, (means[index] as number) + width];
    }),
  );
}

/** Which of these is drawn, in proportion to exp(score / temperature); those of no finite score are as likely as the lowest there is. */
export function softmaxIndex(random: Random, scores: readonly number[], temperature: number): number {
  const known = scores.filter(Number.isFinite);
  // Relative to the highest, so that no score is too large for the exponential.
  const [highest, lowest] = [Math.max(...known), Math.min(...known)];
  if (known.length === 0) return random.integer(0, scores.length - 1);
  return random.weightedIndex(
    scores.map((score) => Math.exp(((Number.isFinite(score) ? score : lowest) - highest) / temperature)),
  );
}

/** `size` examples of the validation dataset, drawn for this iteration; all of them when there are no more. */
export function drawValidation({ validation, random }: Step<unknown>, size: number | undefined): Sample {
  if (size === undefined || size >= validation.examples.length) return validation;
  return { ...validation, examples: random.fork("validation").sample([...validation.examples], size) };
}

/**
 * The next examples of a sample in an order that the seed decides; after the last the first follows again. So candidates that are scored block by
 * block are scored on the same examples as far as they go.
 *
 * @param from how many examples came before
 */
export function blockOf(sample: Sample, seed: number, from: number, size: number): Sample {
  const order = new Random(seed, "blocks").shuffle(sample.examples);
  const count = Math.min(size, order.length);
  return { ...sample, examples: Array.from({ length: count }, (_, at) => order[(from + at) % order.length] as number) };
}
