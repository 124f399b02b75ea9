/**
 * Objectives: what makes one candidate better than another if there are several metrics, and the constraints on them.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { isPlainObject } from "./json.ts";
import { digitsApart, numberText } from "./number-text.ts";
import { numberWithin, type OptionTable, oneOf } from "./option-table.ts";
import { checkTable } from "./options.ts";
import { type Seed, seedRule } from "./random.ts";
import { type Scores, type ScoresLike, toScores } from "./scores.ts";

/** Between which values a metric must be; one bound or both. */
export interface MetricBounds {
  /** The least, inclusive. */
  readonly min?: number | undefined;
  /** The most, inclusive. */
  readonly max?: number | undefined;
}

/** Bounds by metric, in the units that the guide reports, whether less or more of it is better. */
export type Constraints = Readonly<Record<string, MetricBounds>>;

/** What a value of constraints has to be, for messages. */
const expectedConstraints = "bounds by metric, such as { costUsd: { max: 0.02 } }";

/**
 * By how much metrics pass their bounds: the sum of the relative violations, each in parts of its bound (of 1 where that is 0). 0 when all
 * are met; infinite where a constrained metric is missing.
 */
export function violationOf(scores: Scores, constraints: Constraints | undefined): number {
  let total = 0;
  for (const [metric, { min, max }] of Object.entries(constraints ?? {})) {
    if (!Object.hasOwn(scores, metric)) return Number.POSITIVE_INFINITY;
    const value = scores[metric] as number;
    if (max !== undefined) total += Math.max(0, value - max) / (Math.abs(max) || 1);
    if (min !== undefined) total += Math.max(0, min - value) / (Math.abs(min) || 1);
  }
  return total;
}

/** Which constraints are violated, and by what, as text; empty when none is. */
export function describeViolation(scores: Scores, constraints: Constraints | undefined): string {
  const violated = Object.entries(constraints ?? {}).flatMap(([metric, { min, max }]) => {
    const value = Object.hasOwn(scores, metric) ? (scores[metric] as number) : undefined;
    if (value === undefined) return [`${metric} is not known`];
    const is = `${metric} is ${numberText(value, digitsApart([value, max ?? value, min ?? value]))}`;
    if (max !== undefined && value > max) return [`${is}, and must be at most ${max}`];
    return min !== undefined && value < min ? [`${is}, and must be at least ${min}`] : [];
  });
  return violated.length === 0 ? "" : `Violates a constraint: ${violated.join("; ")}.`;
}

/** Whether a value is `Constraints`. */
function isConstraints(value: unknown): value is Constraints {
  return isPlainObject(value) && Object.entries(value).every(([metric, bounds]) => metric !== "" && isBounds(bounds));
}

function isBounds(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  if (names.length === 0 || !names.every((name) => name === "min" || name === "max")) return false;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = value as MetricBounds;
  return names.every((name) => typeof value[name] === "number" && Number.isFinite(value[name])) && min <= max;
}

/** How candidates are compared. Made by `objective`; plain JSON, frozen. */
export interface ObjectiveConfig {
  /** `scalar`: by one number; `weighted`: by a weighted sum of metrics; `pareto`: by dominance on all metrics. */
  readonly mode: "scalar" | "weighted" | "pareto";
  /** How much each metric counts in the weighted sum, at least 0; others do not. Empty: all metrics count 1. */
  readonly weights: Readonly<Record<string, number>>;
  /** Metrics of which less is better; their sign is turned before anything else is done. */
  readonly minimize: readonly string[];
  /** What a metric that a candidate lacks counts as, more being better; `null` is worse than any number. */
  readonly missingValue: number | null;
  /** The metrics that `pareto` looks at; `null` for all there are. */
  readonly paretoMetrics: readonly string[] | null;
  /**
   * What orders candidates that `pareto` leaves undecided: their weighted sum, how far beyond the line through the ends of their front they
   * are (see `kneePoint`), metric after metric, or chance by `seed`. @default "weighted"; "knee" in mode `pareto` without weights
   */
  readonly tieBreak: "weighted" | "knee" | "lexicographic" | "random";
  /** Decides a `random` tie-break. */
  readonly seed: Seed;
  /** What the one number of `scalar` is: the metric `scoreKey`, the mean of all metrics, or the weighted sum. */
  readonly scalarize: "score" | "mean" | "weighted";
  /** The metric that `scalarize: "score"` takes. */
  readonly scoreKey: string;
  /**
   * What the means of a candidate must not pass, by metric. A candidate that meets all constraints beats every one that does not; of two that
   * do not the one with the smaller total violation is better (Deb 2000). @default none
   */
  readonly constraints?: Constraints;
  /** Of candidates that are equally good: the first, or the one whose parameters have the shorter text. @default "first" */
  readonly tie?: "first" | "shorter";
}

/** An objective as users write it: the name of a metric, or what differs from the defaults of `objective`. */
export type ObjectiveLike = string | Partial<ObjectiveConfig>;

const defaults: ObjectiveConfig = Object.freeze({
  mode: "scalar",
  weights: Object.freeze({}),
  minimize: Object.freeze([]),
  missingValue: null,
  paretoMetrics: null,
  tieBreak: "weighted",
  seed: 0,
  scalarize: "score",
  scoreKey: "score",
});

const objectiveTable: OptionTable<Partial<ObjectiveConfig>> = {
  mode: oneOf(["scalar", "weighted", "pareto"]),
  weights: {
    expected: "finite numbers of at least 0 by metric (list metrics that should be low in `minimize`)",
    holds: (weights) => isPlainObject(weights) && Object.values(weights).every(numberWithin({ least: 0 }).holds),
  },
  minimize: { expected: "a list of metrics", holds: isNameList },
  missingValue: {
    expected: "a finite number or null",
    holds: (value) => value === null || value === -Infinity || Number.isFinite(value),
  },
  paretoMetrics: {
    expected: "a list of at least one metric, or null",
    holds: (metrics) => metrics === null || (isNameList(metrics) && metrics.length > 0),
  },
  tieBreak: oneOf(["weighted", "knee", "lexicographic", "random"]),
  seed: seedRule,
  scalarize: oneOf(["score", "mean", "weighted"]),
  scoreKey: { expected: "the name of a metric", holds: (name) => isNameList([name]) },
  constraints: { expected: expectedConstraints, holds: isConstraints },
  tie: oneOf(["first", "shorter"]),
};

/**
 * Makes an `ObjectiveConfig`; what is not given compares by the metric `score`, more being better. A name alone is the metric to compare by.
 * Without a `mode`, weights mean `weighted`, and `paretoMetrics` mean `pareto`.
 *
 * @throws InvalidArgumentError for an unknown option or a value out of range.
 *
 * @example
 * ```ts
 * const cheapAndGood = objective({ mode: "weighted", weights: { accuracy: 1, cost: 0.2 }, minimize: ["cost"] });
 * selectBest([{ accuracy: 0.9, cost: 3 }, { accuracy: 0.8, cost: 1 }], cheapAndGood); // 1
 * ```
 */
export function objective(given: ObjectiveLike = {}): ObjectiveConfig {
  const options = typeof given === "string" ? { scoreKey: given } : given;
  checkTable(options, objectiveTable, "an objective");
  const config = withDefaults(options);
  const { weights, minimize, paretoMetrics, constraints } = config;
  const missingValue = config.missingValue === -Infinity ? null : config.missingValue;
  return Object.freeze({
    ...config,
    weights: Object.freeze({ ...weights }),
    minimize: Object.freeze([...minimize]),
    missingValue,
    paretoMetrics: paretoMetrics && Object.freeze([...paretoMetrics]),
    ...(constraints && { constraints: Object.freeze({ ...constraints }) }),
  });
}

/** Without what is `undefined`, so that an objective is plain JSON. */
function withDefaults(options: Partial<ObjectiveConfig>): ObjectiveConfig {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as typeof options;
  const hasWeights = isPlainObject(given.weights) && Object.keys(given.weights).length > 0;
  const isScalar = given.scalarize !== undefined || given.scoreKey !== undefined;
  const weighted = hasWeights && !isScalar ? "weighted" : "scalar";
  const config: ObjectiveConfig = { ...defaults, mode: given.paretoMetrics == null ? weighted : "pareto", ...given };
  return { ...config, tieBreak: given.tieBreak ?? (config.mode === "pareto" && !hasWeights ? "knee" : "weighted") };
}

/** Whether candidates are compared by nothing but the guide's own score, more being better. */
export function isByScore(by: ObjectiveConfig): boolean {
  return isByScoreAlone(by) && !minimizesScore(by);
}

/** The same, more or less of it being better. */
export function isByScoreAlone(by: ObjectiveConfig): boolean {
  const isPlain = by.mode === "scalar" && isByOwnScore(by);
  return isPlain && Object.keys(by.constraints ?? {}).length === 0 && by.tie !== "shorter";
}

/** Whether the guide's own score stands for a candidate, more or less of it being better: also on a front without weights. */
export function isByOwnScore({ mode, scalarize, scoreKey, weights }: ObjectiveConfig): boolean {
  if (mode === "pareto") return Object.keys(weights).length === 0;
  return mode === "scalar" && scalarize === "score" && scoreKey === "score";
}

/** Whether less of the guide's own score is better. */
export function minimizesScore(by: ObjectiveConfig | undefined): boolean {
  return by?.minimize.includes("score") === true;
}

/** The one metric that candidates are compared by; `undefined` where several are. */
export function comparedMetric(by: ObjectiveConfig): string | undefined {
  if (isByOwnScore(by)) return "score";
  return by.mode === "scalar" && by.scalarize === "score" ? by.scoreKey : undefined;
}

/** Whether candidates are compared by one metric, and less of it is better. */
export function isLowerBetter(by: ObjectiveConfig): boolean {
  const metric = comparedMetric(by);
  return metric !== undefined && by.minimize.includes(metric);
}

/** A number by which candidates are compared as people and prompts are told it: where it is one metric, as the guide gave it. */
export function toldScore<T extends number | null>(number: T, by: ObjectiveConfig): T {
  return number !== null && isLowerBetter(by) ? ((0 - number) as T) : number;
}

/** The metrics that an objective names, each once. */
export function namedMetrics(by: ObjectiveConfig): string[] {
  const { mode, scalarize, scoreKey, weights, minimize, paretoMetrics, constraints } = by;
  const weighted = Object.keys(weights).filter((metric) => (weights[metric] as number) > 0);
  const constrained = Object.keys(constraints ?? {});
  if (mode === "pareto") return [...new Set([...(paretoMetrics ?? minimize), ...weighted, ...constrained])];
  if (mode === "weighted" || scalarize === "weighted") {
    return [...new Set([...(weighted.length > 0 ? weighted : minimize), ...constrained])];
  }
  return [...new Set([...(scalarize === "mean" ? minimize : [scoreKey]), ...constrained])];
}

/**
 * One number for each candidate, more being better: `standingScore`; of those that violate a constraint a number below all others, the
 * lower the larger the violation (Deb 2000). `null` for a candidate without scores.
 */
export function comparableScores(candidates: readonly (ScoresLike | null)[], by: ObjectiveConfig = defaults): (number | null)[] {
  const list = candidates.map((candidate) => (candidate === null ? null : toScores(candidate)));
  const scores = list.map((candidate) => candidate && standingScore(candidate, by));
  const lowest = scores.reduce<number>((least, score) => Math.min(least, score ?? least), Number.POSITIVE_INFINITY);
  const violations = list.map((candidate) => (candidate === null ? 0 : violationOf(candidate, by.constraints)));
  // One of which a constrained metric is not known is behind all of which it is.
  const unknown = 1 + violations.reduce((most, violation) => (Number.isFinite(violation) ? Math.max(most, violation) : most), 0);
  return scores.map((score, index) => {
    const violation = Math.min(violations[index] as number, unknown);
    return score === null || violation === 0 ? score : lowest - violation;
  });
}

/** The one number that stands for scores, constraints aside: `scalarScore`, under `pareto` without weights the guide's own score, its sign turned where less of it is better. */
export function standingScore(scores: Scores, by: ObjectiveConfig): number {
  const own = by.mode === "pareto" && isByOwnScore(by) ? orient(scores, by).score : undefined;
  return own ?? scalarScore(scores, by);
}

/**
 * The sum of weight times metric, after the metrics to minimize have changed sign. Metrics without a weight are left
 * out, a missing one counts as `missingValue`; a weight of 0 counts nothing, even of a missing metric.
 */
export function weightedScore(scores: ScoresLike, by: ObjectiveConfig = defaults): number {
  const oriented = orient(toScores(scores), by);
  const weights = Object.entries(by.weights);
  if (weights.length === 0) return sum(Object.values(oriented));
  return sum(weights.map(([metric, weight]) => (weight === 0 ? 0 : weight * metricOf(oriented, metric, by))));
}

/**
 * The one number, more being better, that stands for a candidate: in mode `scalar` what `scalarize` says, else the
 * weighted sum.
 *
 * @throws InvalidArgumentError when `scalarize` is `score` and the metric `scoreKey` is not there.
 */
export function scalarScore(scores: ScoresLike, by: ObjectiveConfig = defaults): number {
  if (by.mode !== "scalar" || by.scalarize === "weighted") return weightedScore(scores, by);
  const oriented = orient(toScores(scores), by);
  if (by.scalarize === "mean") return sum(Object.values(oriented)) / Object.keys(oriented).length;
  if (Object.hasOwn(oriented, by.scoreKey)) return oriented[by.scoreKey]!;
  throw new InvalidArgumentError(
    `Expected a metric \`${by.scoreKey}\` to compare by, got ${Object.keys(oriented).join(", ")}; pass an objective that says how they count`,
  );
}

/** The same metrics with more being better in all of them. */
export function orient(scores: Scores, by: ObjectiveConfig): Scores {
  if (by.minimize.length === 0) return scores;
  // 0 - score, because -0 would be a surprise to whoever compares with Object.is.
  const turned = Object.entries(scores).map(([metric, score]) => [metric, by.minimize.includes(metric) ? 0 - score : score]);
  return Object.fromEntries(turned) as Scores;
}

/** A metric of oriented scores, or what stands for a missing one. */
export function metricOf(scores: Scores, metric: string, by: ObjectiveConfig): number {
  return Object.hasOwn(scores, metric) ? scores[metric]! : (by.missingValue ?? -Infinity);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function isNameList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "");
}
