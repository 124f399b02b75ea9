/**
 * Scores: one metric or several, by name.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue, isPlainObject } from "./json.ts";

/** Named metrics of one candidate or one answer, each a finite number. */
export type Scores = Readonly<Record<string, number>>;

/** A single score is the metric `score`; `true` is 1, `false` is 0. */
export type ScoresLike = number | boolean | Scores;

/**
 * Metrics by name, of a single score or of several.
 *
 * @param what - whose scores they are, for messages
 * @throws InvalidArgumentError when there is no metric, or one is not a finite number.
 */
export function toScores(value: unknown, what = "scores"): Scores {
  const given = typeof value === "number" || typeof value === "boolean" ? { score: value } : value;
  if (!isPlainObject(given) || Object.keys(given).length === 0) {
    throw new InvalidArgumentError(`Expected ${what} to be a number or at least one metric by name, got ${describeValue(value)}`);
  }
  return Object.fromEntries(
    Object.entries(given).map(([metric, score]) => {
      const number = typeof score === "boolean" ? Number(score) : score;
      if (typeof number === "number" && Number.isFinite(number)) return [metric, number];
      throw new InvalidArgumentError(`Expected ${what} to have a finite number as \`${metric}\`, got ${describeValue(score)}`);
    }),
  );
}

/** The score with further metrics, of which none replaces it. */
export function withScore(score: number, further: Scores = {}): Scores {
  // A spread keeps every name, `__proto__` too.
  return { ...{ score }, ...further, ...{ score } };
}

/** Metrics beside the score: one that is itself named `score` is called `score 2`. */
export function besideScore(metrics: Scores): Scores {
  if (!Object.hasOwn(metrics, "score")) return metrics;
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name === "score" ? freeName(name, metrics) : name, value]),
  );
}

/** The name, or the first `name 2`, `name 3`, … that is not there yet. */
export function freeName(name: string, taken: object): string {
  let free = name;
  for (let number = 2; Object.hasOwn(taken, free); number++) free = `${name} ${number}`;
  return free;
}

/** The mean of every metric over those of `list` that have it. */
export function meanScores(list: readonly ScoresLike[]): Scores {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const scores of toScoresList(list)) {
    for (const [metric, score] of Object.entries(scores)) {
      const { sum, count } = sums.get(metric) ?? { sum: 0, count: 0 };
      sums.set(metric, { sum: sum + score, count: count + 1 });
    }
  }
  return Object.fromEntries([...sums].map(([metric, { sum, count }]) => [metric, sum / count]));
}

/** The scores of every candidate, checked; messages name the candidate. */
export function toScoresList(candidates: readonly ScoresLike[]): Scores[] {
  return candidates.map((scores, index) => toScores(scores, `the scores of candidate ${index}`));
}

/** The mean of some numbers; `null` of none. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
