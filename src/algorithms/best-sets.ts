/**
 * Which candidates are the best on a key: an example, a metric, or both; and which of them are needed to cover all keys.
 *
 * @module
 */
import { comparableScores, metricOf, namedMetrics, type ObjectiveConfig, orient } from "../data/objectives.ts";
import { mean, type Scores } from "../data/scores.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Archive, Entry, Sample } from "../search/search.ts";

/**
 * What the keys are: the examples; the metrics, over all examples; both of these; or every metric on every example.
 */
export type FrontBy = "instance" | "objective" | "hybrid" | "cartesian";

/**
 * The candidates that are the best on each key, in their order; of equals all. Candidates that were not scored on a key have no part in it, and
 * a key that none was scored on has no set. Constraints are about means and have no part in it.
 *
 * @throws InvalidArgumentError when metrics are keys, and the guide returns no further metrics
 */
export function bestSets(archive: Archive, entries: readonly Entry[], on: Sample, by: FrontBy): readonly (readonly Entry[])[] {
  const objective = { ...archive.objective, constraints: {} };
  const rows = entries.map((entry) =>
    on.examples.map((example) => archive.mean(entry, { dataset: on.dataset, examples: [example] })),
  );
  const metrics = by === "instance" ? [] : keyMetrics(rows.flat(), objective);
  const columns: (number | null)[][] = [];
  const perExample = by === "cartesian" ? metrics.map((metric) => (scores: Scores) => metricAt(scores, metric, objective)) : [];
  if (by === "instance" || by === "hybrid") perExample.push((scores) => comparableScores([scores], objective)[0] as number);
  for (const place of on.examples.keys()) {
    for (const read of perExample) {
      columns.push(rows.map((row) => (row[place] ? known(read(row[place] as Scores)) : null)));
    }
  }
  if (by === "objective" || by === "hybrid") {
    for (const metric of metrics) {
      columns.push(
        rows.map((row) => {
          const scored = row.filter((scores) => scores !== null);
          return mean(scored.map((scores) => known(metricAt(scores, metric, objective))).filter((value) => value !== null));
        }),
      );
    }
  }
  return columns.map((column) => bestOf(column, entries)).filter((set) => set.length > 0);
}

/**
 * The candidates that remain when, from the lowest mean up, each is removed without which every set still has a member; with the number of
 * sets that each is in. Of equal means the one that is in an earlier set is removed first.
 */
export function coveringCandidates(
  sets: readonly (readonly Entry[])[],
  meanOf: (entry: Entry) => number,
): ReadonlyMap<Entry, number> {
  const left = sets.map((set) => new Set(set));
  for (const entry of [...new Set(sets.flat())].sort((a, b) => meanOf(a) - meanOf(b))) {
    if (left.some((set) => set.has(entry) && set.size === 1)) continue;
    for (const set of left) set.delete(entry);
  }
  const counts = new Map<Entry, number>();
  for (const set of left) for (const entry of set) counts.set(entry, (counts.get(entry) ?? 0) + 1);
  return counts;
}

function bestOf(column: readonly (number | null)[], entries: readonly Entry[]): Entry[] {
  const best = column.reduce<number>((most, value) => Math.max(most, value ?? most), Number.NEGATIVE_INFINITY);
  return entries.filter((_, index) => column[index] !== null && column[index] === best);
}

/** The metrics that the objective names besides the guide's own score; where it names none, all further ones. */
function keyMetrics(rows: readonly (Scores | null)[], objective: ObjectiveConfig): readonly string[] {
  const named = namedMetrics(objective);
  if (named.some((metric) => metric !== "score")) return named;
  const all = [...new Set(rows.flatMap((scores) => Object.keys(scores ?? {})))];
  const further = all.filter((metric) => metric !== "score");
  if (further.length > 0 || all.length === 0) return further;
  throw new InvalidArgumentError(
    'A front over metrics needs at least one metric besides `score`. Return more metrics in `scores` of the guide, or use the front by "instance"',
  );
}

function metricAt(scores: Scores, metric: string, objective: ObjectiveConfig): number {
  return metricOf(orient(scores, objective), metric, objective);
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
