/**
 * Comparing candidates of the archive: the rule of `data/comparison`, for every metric.
 *
 * @module
 */
import { type Cell, type CellCounts, compareCandidates, type FailureScale, type Row, type Standing } from "../data/comparison.ts";
import { type ObjectiveConfig, scalarScore } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import type { TrialTable } from "./trial-table.ts";

/** What a comparison goes by. */
export interface CompareOptions {
  readonly objective: ObjectiveConfig;
  /** The lowest and the highest score that the guide declares. */
  readonly scoreRange?: readonly [lowest: number, highest: number] | undefined;
}

/** What a candidate came to in a comparison. */
export interface Compared {
  /** The mean of every metric by which it is compared; `null` when it was not run on all examples, or too few were scored. */
  readonly means: Scores | null;
  /** The same as one number, by the objective. */
  readonly score: number | null;
  /** Whether it may be chosen. */
  readonly isEligible: boolean;
  /** How its examples went. */
  readonly counts: CellCounts;
}

/**
 * Compares candidates on some examples. The first is the one that the others have to beat: examples that it could not be scored on
 * count for none, and those that another could not be scored on count as failed for that one. `compareCandidates` has the whole rule.
 */
export function compareTables(tables: readonly TrialTable[], given: readonly number[], options: CompareOptions): Compared[] {
  const examples = distinct(given);
  if (tables.every((table) => table.isWhole(examples))) {
    const counts = { scored: examples.length, failed: 0, unscored: 0, total: examples.length };
    return tables.map((table) => {
      const { means, score } = valued(table.means(examples), options);
      return { means, score, isEligible: true, counts };
    });
  }
  const metrics = [...new Set(["score", ...tables.flatMap((table) => [...table.metrics])])];
  const byMetric = metrics.map((metric) => [metric, standingsOf(tables, examples, metric, options)] as const);
  return tables.map((_, index) => {
    const [, first] = byMetric[0] as (typeof byMetric)[number];
    const { isEligible, mean, ...counts } = first[index] as Standing;
    // Only what was run on everything, and is covered or loses examples by its own doing, is compared.
    const means = mean === null ? null : meansOf(byMetric, index, options.objective);
    return { ...valued(means, options), isEligible: means !== null && isEligible, counts };
  });
}

/** Each once. A list that is asked about again is not looked through again. */
function distinct(examples: readonly number[]): readonly number[] {
  if (areDistinct.has(examples)) return examples;
  const all = new Set(examples);
  if (all.size < examples.length) return [...all];
  areDistinct.add(examples);
  return examples;
}

const areDistinct = new WeakSet<readonly number[]>();

function valued(means: Scores | null, { objective }: CompareOptions): Pick<Compared, "means" | "score"> {
  if (means === null) return { means, score: null };
  const known = scalars.get(means);
  if (known?.objective === objective) return { means, score: known.score };
  const score = scalarScore(means, objective);
  scalars.set(means, { objective, score });
  return { means, score };
}

/** Means that tables keep are asked for again and again. */
const scalars = new WeakMap<Scores, { readonly objective: ObjectiveConfig; readonly score: number }>();

/** What a failed trial without a score counts as, for one candidate alone. */
export function lowestOf(table: TrialTable, examples: readonly number[], metric: string, options: CompareOptions): number {
  const sign = signOf(metric, options.objective);
  const { failureScore } = compareCandidates([rowOf(table, examples, metric, sign)], scaleOf(metric, sign, options));
  return sign * failureScore + 0;
}

/** Every metric with more being better, so that the lowest is the worst. */
function standingsOf(
  tables: readonly TrialTable[],
  examples: readonly number[],
  metric: string,
  options: CompareOptions,
): readonly Standing[] {
  const sign = signOf(metric, options.objective);
  const rows = tables.map((table) => rowOf(table, examples, metric, sign));
  return compareCandidates(rows, scaleOf(metric, sign, options)).standings;
}

/** What every example came to by one metric. @param sign 1 where more is better, -1 where less is */
export function rowOf(table: TrialTable, examples: readonly number[], metric: string, sign: 1 | -1): Row {
  return examples.map((example): Cell | undefined => {
    const state = table.state(example);
    if (state === "unmeasured") return undefined;
    if (state !== "scored") return state;
    const value = table.value(metric, example, Number.NaN);
    // A failure with a `minScore` has no other metrics, nor has an answer of which the guide did not say them.
    return Number.isNaN(value) ? "failed" : sign * value;
  });
}

function meansOf(
  byMetric: readonly (readonly [string, readonly Standing[]])[],
  index: number,
  objective: ObjectiveConfig,
): Scores {
  const means = byMetric.flatMap(([metric, standings]) => {
    const mean = standings[index]?.mean ?? null;
    return mean === null ? [] : [[metric, signOf(metric, objective) * mean + 0] as const];
  });
  return Object.fromEntries(means);
}

function signOf(metric: string, { minimize }: ObjectiveConfig): 1 | -1 {
  return minimize.includes(metric) ? -1 : 1;
}

function scaleOf(metric: string, sign: 1 | -1, { scoreRange }: CompareOptions): FailureScale {
  if (metric !== "score" || scoreRange === undefined) return {};
  return { scoreRange: sign === 1 ? scoreRange : [-scoreRange[1], -scoreRange[0]] };
}
