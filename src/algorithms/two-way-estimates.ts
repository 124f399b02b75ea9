/**
 * Estimates of candidates that were scored on different examples: how hard an example is counts for none of them.
 *
 * @module
 */
import { comparableScores } from "../data/objectives.ts";
import type { Archive, Entry, Sample } from "../search/search.ts";

/** What a candidate would score on all examples. */
export interface TwoWayEstimate {
  readonly score: number;
  /** Its standard error. */
  readonly error: number;
  /** On how many examples it was scored. */
  readonly examples: number;
}

/** One number for each example of a sample that an entry was tried on. */
export type ScoreRow = ReadonlyMap<number, number>;

/**
 * The scores of entries on the examples of a sample, one number each by the objective; constraints are about means and have no part in it. What could
 * not be scored counts as failed.
 */
export function scoreRows(archive: Archive, entries: readonly Entry[], on: Sample): ReadonlyMap<Entry, ScoreRow> {
  const objective = { ...archive.objective, constraints: {} };
  return new Map(
    entries.map((entry) => {
      const trials = archive.trials(entry, on);
      const row = new Map<number, number>();
      for (const [place, example] of on.examples.entries()) {
        if (trials[place]?.length === 0) continue;
        const { means } = archive.sureMean(entry, { dataset: on.dataset, examples: [example] });
        const [score] = comparableScores([means], objective);
        if (score !== null && score !== undefined) row.set(example, score);
      }
      return [entry, row];
    }),
  );
}

/** Scores that every example is thought to have had, at the overall mean. */
const priorScores = 2;

/**
 * The two-way model: a score is the difficulty of its example and an effect of the candidate. The effect is the mean distance to the mean of each
 * example; the estimate is the overall mean and the effect.
 *
 * @param shrinkage how many examples the estimate of the parents counts for; 0 for none
 */
export function twoWayEstimates(rows: ReadonlyMap<Entry, ScoreRow>, shrinkage = 0): ReadonlyMap<Entry, TwoWayEstimate> {
  const sums = new Map<number, { sum: number; count: number }>();
  let [total, scores] = [0, 0];
  for (const row of rows.values()) {
    for (const [example, score] of row) {
      const { sum, count } = sums.get(example) ?? { sum: 0, count: 0 };
      sums.set(example, { sum: sum + score, count: count + 1 });
      total += score;
      scores++;
    }
  }
  const overall = scores === 0 ? 0 : total / scores;
  const levels = new Map(
    [...sums].map(([example, { sum, count }]) => [example, (sum + priorScores * overall) / (count + priorScores)]),
  );
  const effects = new Map<string, number>();
  let [squares, freedom] = [0, 0];
  for (const [entry, row] of rows) {
    const distances = [...row].map(([example, score]) => score - (levels.get(example) as number));
    const known = entry.parents.flatMap((id) => effects.get(id) ?? []);
    const base = known.length === 0 ? 0 : known.reduce((sum, effect) => sum + effect, 0) / known.length;
    const weight = row.size + shrinkage;
    const effect = weight === 0 ? base : (distances.reduce((sum, one) => sum + one, 0) + shrinkage * base) / weight;
    effects.set(entry.id, effect);
    squares += distances.reduce((sum, distance) => sum + (distance - effect) ** 2, 0);
    freedom += Math.max(0, row.size - 1);
  }
  const variance = freedom === 0 ? 0 : squares / freedom;
  return new Map(
    [...rows].map(([entry, row]) => {
      const weight = row.size + shrinkage;
      const error = weight === 0 || freedom === 0 ? Number.POSITIVE_INFINITY : Math.sqrt(variance / weight);
      return [entry, { score: overall + (effects.get(entry.id) as number), error, examples: row.size }];
    }),
  );
}
