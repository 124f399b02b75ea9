/**
 * Comparing candidates of the archive: the rule of `data/comparison`, for every metric.
 *
 * @module
 */

import {
  type Cell,
  type CellCounts,
  compareCandidates,
  countCells,
  declaredFailureScore,
  type FailureScale,
  failureScore,
  leastCoverage,
  type Row,
  type Standing,
  sureMean,
} from "../data/comparison.ts";
import { counted } from "../data/number-text.ts";
import { comparableScores, comparedMetric, namedMetrics, type ObjectiveConfig } from "../data/objectives.ts";
import { mean as meanOf, type Scores } from "../data/scores.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { TrialTable } from "./trial-table.ts";

/** What a comparison goes by. */
export interface CompareOptions {
  readonly objective: ObjectiveConfig;
  /** The lowest and the highest score that the guide declares. */
  readonly scoreRange?: readonly [lowest: number, highest: number] | undefined;
  /**
   * The worst value of each metric that any candidate has had: a failure of one that is compared with no other counts as no better, and one
   * that lacks such a metric has failed to get it. @default nothing is known of others
   */
  readonly worst?: ReadonlyMap<string, number> | undefined;
}

/** What a candidate came to in a comparison. */
export interface Compared {
  /** The mean of every metric by which it is compared; `null` when it was not run on all examples, or too few were scored. */
  readonly means: Scores | null;
  /** The same as one number, by the objective; below all others for those that violate a constraint. */
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
  // A candidate that was proposed twice is one candidate, and no more evidence against the others than one.
  const different = [...new Set(tables)];
  if (different.length < tables.length) {
    const compared = new Map(compareTables(different, given, options).map((entry, index) => [different[index], entry]));
    return tables.map((table) => compared.get(table) as Compared);
  }
  const examples = distinct(given);
  if (examples.length === 0) return tables.map(() => ({ means: null, score: null, isEligible: false, counts: countCells([]) }));
  missingMetrics(tables, options);
  const metrics = metricsOf(tables, options.objective);
  // What a missing metric counts as where the objective says so is the objective's business.
  const hasAll = (table: TrialTable): boolean => {
    return options.objective.missingValue !== null || metrics.every((metric) => table.hasMetric(metric));
  };
  if (tables.every((table) => table.isWhole(examples) && hasAll(table))) {
    const counts = { scored: examples.length, failed: 0, unscored: 0, total: examples.length };
    return valued(
      tables.map((table) => ({ means: table.means(examples), isEligible: true, counts })),
      options,
    );
  }
  const byMetric = metrics.map((metric) => [metric, standingsOf(tables, examples, metric, options)] as const);
  const all = tables.map((_, index) => {
    const [, first] = byMetric[0] as (typeof byMetric)[number];
    const { isEligible, mean, ...counts } = first[index] as Standing;
    // Only what was run on everything, and is covered or loses examples by its own doing, is compared.
    const means = mean === null ? null : meansOf(byMetric, index, options.objective);
    return { means, isEligible: means !== null && isEligible, counts };
  });
  return valued(all, options);
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

/**
 * The mean of every metric of one candidate, compared with no other: failures count as the worst of its own, and so does what could not be
 * scored. `null` when it was not run on all examples, scored on less than 80% of them, has only failed, or lacks a metric that the objective
 * names and others had.
 *
 * @throws InvalidArgumentError when nothing has had such a metric so far
 */
export function sureMeans(table: TrialTable, examples: readonly number[], options: CompareOptions): Scores | null {
  if (missingMetrics([table], options).length > 0) return null;
  // What has only failed costs nothing, and is no bargain.
  if (!examples.some((example) => table.state(example) === "scored")) return null;
  const means: [metric: string, mean: number][] = [];
  for (const metric of metricsOf([table], options.objective)) {
    const sign = signOf(metric, options.objective);
    const row = rowOf(table, examples, metric, sign);
    if (leavesFailuresOut(metric, options.objective)) {
      const known = boundedMean(row);
      if (known !== null) means.push([metric, sign * known + 0]);
      continue;
    }
    const scale = knownScale(metric, sign, options);
    const lowest = Math.min(scale.minScore ?? 0, failureScore([row], scale));
    const mean = row.includes(undefined) ? null : sureMean(row, scale.scoreRange === undefined ? { minScore: lowest } : scale);
    if (mean === null) return null;
    means.push([metric, sign * mean + 0]);
  }
  return Object.fromEntries(means);
}

/** Numbers by the objective for what has means. */
function valued(all: readonly Omit<Compared, "score">[], { objective }: CompareOptions): Compared[] {
  const means = all.map((one) => one.means);
  return comparableScores(means, objective).map((score, index) => ({ ...(all[index] as Omit<Compared, "score">), score }));
}

/** Of some candidates; with those that the objective names, which they may all have failed to get. */
function metricsOf(tables: readonly TrialTable[], objective: ObjectiveConfig): string[] {
  const named = objective.missingValue === null ? namedMetrics(objective) : [];
  return [...new Set(["score", ...named, ...tables.flatMap((table) => [...table.metrics])])];
}

/**
 * The metrics that the objective names and none of these candidates has.
 *
 * @throws InvalidArgumentError when something was scored, and no candidate so far has had one of them
 */
function missingMetrics(tables: readonly TrialTable[], { objective, worst }: CompareOptions): string[] {
  const known = new Set(tables.flatMap((table) => [...table.metrics]));
  const all = namedMetrics(objective).filter((metric) => !known.has(metric));
  const missing = known.size === 0 ? [] : all.filter((metric) => worst?.has(metric) !== true);
  // What one candidate lacks counts as `missingValue`; what none has ever had is a mistake.
  if (missing.length === 0) return objective.missingValue === null ? all : [];
  const names = missing.map((metric) => `\`${metric}\``).join(", ");
  const remedy = missing.includes("costUsd")
    ? "; costs are known only for models with a price: set `calls.prices` for the others"
    : "; return it in `scores` of the guide, or change `objective`";
  throw new InvalidArgumentError(
    `Expected a metric ${names}, by which the objective compares, got ${[...known].join(", ")}${remedy}`,
  );
}

/** What a failed trial without a score counts as, for one candidate alone. */
export function lowestOf(table: TrialTable, examples: readonly number[], metric: string, options: CompareOptions): number {
  const sign = signOf(metric, options.objective);
  return sign * failureScore([rowOf(table, examples, metric, sign)], scaleOf(metric, sign, options)) + 0;
}

/** The same among all candidates. */
export function failureValue(metric: string, options: CompareOptions): number {
  const sign = signOf(metric, options.objective);
  return sign * (declaredFailureScore(knownScale(metric, sign, options)) ?? 0) + 0;
}

/** The worse of two values of a metric. */
export function worseOf(metric: string, a: number, b: number, { objective }: Pick<CompareOptions, "objective">): number {
  return signOf(metric, objective) === 1 ? Math.min(a, b) : Math.max(a, b);
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
  const { standings } = compareCandidates(rows, scaleOf(metric, sign, options));
  if (!leavesFailuresOut(metric, options.objective)) return standings;
  return standings.map((standing, index) => ({
    ...standing,
    mean: standing.mean === null ? null : boundedMean(rows[index] as Row),
  }));
}

/**
 * Whether a failure has no part in the mean of a metric: where the metric has a bound on its better side, counting a failure as the worst value would
 * help to meet it.
 */
export function leavesFailuresOut(metric: string, objective: ObjectiveConfig): boolean {
  const bounds = objective.constraints?.[metric];
  // What candidates are compared by alone has to have a value.
  if (bounds === undefined || metric === comparedMetric(objective)) return false;
  return (signOf(metric, objective) === 1 ? bounds.max : bounds.min) !== undefined;
}

/** The least share of the examples that must have such a metric: with less, the constraint is not met. */
export const leastBounded = 0.5;

/** The mean over the examples that have a metric; `null` when most of them lack it. */
function boundedMean(row: Row): number | null {
  const known = row.filter((cell) => typeof cell === "number");
  return known.length < leastBounded * row.length ? null : meanOf(known);
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

/** `scaleOf`, where the guide declares nothing by what any candidate has had. */
function knownScale(metric: string, sign: 1 | -1, options: CompareOptions): FailureScale {
  const scale = scaleOf(metric, sign, options);
  const worst = options.worst?.get(metric);
  return scale.scoreRange !== undefined || worst === undefined ? scale : { minScore: Math.min(0, sign * worst) };
}

function scaleOf(metric: string, sign: 1 | -1, { scoreRange }: CompareOptions): FailureScale {
  if (metric !== "score" || scoreRange === undefined) return {};
  return { scoreRange: sign === 1 ? scoreRange : [-scoreRange[1], -scoreRange[0]] };
}

/** "only 1 of 6 examples could be scored (5 unscored, even after another attempt); a decision needs 80%". */
export function describeCoverage({ scored, failed, unscored, total }: CellCounts): string {
  const known = scored + failed;
  const counts = `${known} of ${counted(total, "example")}`;
  return `only ${counts} could be scored (${unscored} unscored, even after another attempt); a decision needs ${leastCoverage * 100}%`;
}

/**
 * That too little of a candidate was scored to compare it, and what follows; `undefined` where enough was.
 *
 * @param isFirst whether it is the one that the others have to beat
 */
export function describeShortfall(id: string, { isEligible, means, counts }: Compared, isFirst: boolean): string | undefined {
  if (isEligible || counts.unscored === 0) return undefined;
  const coverage = describeCoverage(counts);
  if (!isFirst) return `Candidate ${id} cannot be selected: ${coverage}`;
  if (means === null) return `The current values are kept, because nothing can be compared with them: ${coverage}`;
  return `The current values: ${coverage}. All other candidates were scored on every example, so the unscored ones count as failed`;
}
