/**
 * Objectives: what makes one candidate better than another when there are several metrics.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue, isPlainObject } from "./json.ts";
import { checkOptions } from "./options.ts";
import { isSeed, type Seed } from "./random.ts";
import { type Scores, type ScoresLike, toScores } from "./scores.ts";

/** How candidates are compared. Made by `objective`; plain JSON, frozen. */
export interface ObjectiveConfig {
  /** `scalar`: by one number; `weighted`: by a weighted sum of metrics; `pareto`: by who beats whom on all metrics. */
  readonly mode: "scalar" | "weighted" | "pareto";
  /** How much each metric counts in the weighted sum, at least 0; others do not. Empty: all metrics count 1. */
  readonly weights: Readonly<Record<string, number>>;
  /** Metrics of which less is better; their sign is turned before anything else is done. */
  readonly minimize: readonly string[];
  /** What a metric that a candidate lacks counts as, more being better; `null` is worse than any number. */
  readonly missingValue: number | null;
  /** The metrics that `pareto` looks at; `null` for all there are. */
  readonly paretoMetrics: readonly string[] | null;
  /** What orders candidates that `pareto` leaves undecided: their weighted sum, metric after metric, or chance by `seed`. */
  readonly tieBreak: "weighted" | "lexicographic" | "random";
  /** Decides a `random` tie-break. */
  readonly seed: Seed;
  /** What the one number of `scalar` is: the metric `scoreKey`, the mean of all metrics, or the weighted sum. */
  readonly scalarize: "score" | "mean" | "weighted";
  /** The metric that `scalarize: "score"` takes. */
  readonly scoreKey: string;
}

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

/**
 * Makes an `ObjectiveConfig`; what is not given compares by the metric `score`, more being better.
 *
 * @throws InvalidArgumentError for an unknown option or a value out of range.
 *
 * @example
 * ```ts
 * const cheapAndGood = objective({ mode: "weighted", weights: { accuracy: 1, cost: 0.2 }, minimize: ["cost"] });
 * selectBest([{ accuracy: 0.9, cost: 3 }, { accuracy: 0.8, cost: 1 }], cheapAndGood); // 1
 * ```
 */
export function objective(options: Partial<ObjectiveConfig> = {}): ObjectiveConfig {
  checkOptions(options, Object.keys(defaults), "objective");
  const config = { ...defaults, ...options };
  const { weights, minimize, paretoMetrics, seed, scoreKey } = config;
  const missingValue = config.missingValue === -Infinity ? null : config.missingValue;
  const expectations: Record<string, [expected: string, holds: boolean]> = {
    mode: oneOf(["scalar", "weighted", "pareto"], config.mode),
    weights: ["finite numbers of at least 0 by metric", isPlainObject(weights) && Object.values(weights).every(isWeight)],
    minimize: ["a list of metrics", isNameList(minimize)],
    missingValue: ["a finite number or null", missingValue === null || Number.isFinite(missingValue)],
    paretoMetrics: [
      "a list of at least one metric, or null",
      paretoMetrics === null || (isNameList(paretoMetrics) && paretoMetrics.length > 0),
    ],
    tieBreak: oneOf(["weighted", "lexicographic", "random"], config.tieBreak),
    seed: ["a finite number or a string", isSeed(seed)],
    scalarize: oneOf(["score", "mean", "weighted"], config.scalarize),
    scoreKey: ["the name of a metric", isNameList([scoreKey])],
  };
  for (const [name, [expected, holds]] of Object.entries(expectations)) {
    if (holds) continue;
    const value = describeValue(config[name as keyof ObjectiveConfig]);
    throw new InvalidArgumentError(`Expected \`${name}\` of an objective to be ${expected}, got ${value}`);
  }
  return Object.freeze({
    ...config,
    weights: Object.freeze({ ...weights }),
    minimize: Object.freeze([...minimize]),
    missingValue,
    paretoMetrics: paretoMetrics && Object.freeze([...paretoMetrics]),
  });
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

function isWeight(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isNameList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "");
}

function oneOf(allowed: readonly string[], value: string): [expected: string, holds: boolean] {
  return [`one of ${allowed.join(", ")}`, allowed.includes(value)];
}
