/**
 * Scores as prompts show them: the guide's own numbers, and only those that can be compared as such.
 *
 * @module
 */
import { digitsApart, fewestDigits, numberText } from "../data/number-text.ts";
import { isByOwnScore, minimizesScore, namedMetrics, type ObjectiveConfig, standingScore } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import type { PastAttempt } from "./optimizer.ts";

/** What is known of the score of values, as text. */
export interface ScoreText {
  /** The guide's own score. */
  readonly score?: string | undefined;
  /** Further metrics that the objective names. */
  readonly scores?: string | undefined;
  /** What the objective makes of several metrics. */
  readonly total?: string | undefined;
  /** The guide's own score, where it is only an estimate: one from some of the examples. */
  readonly estimate?: string | undefined;
  /** On how many of the examples they were scored, where that is not all. */
  readonly examples?: string | undefined;
}

/** How scores are told. */
export interface ScoreScale {
  /** How many examples the scores are over; `undefined` for scores as they were reported. */
  readonly scoredOn: number | undefined;
  /** @default by the guide's score, more being better */
  readonly comparedBy?: ObjectiveConfig | undefined;
  /** How many digits numbers have. @default as few as `numberText` */
  readonly digits?: Digits | undefined;
}

/** Digits that it takes to tell the attempts of a list apart: by the number that they are compared by, and by each metric. */
export interface Digits {
  readonly compared: number;
  readonly metrics: ReadonlyMap<string, number>;
}

type Measured = Pick<PastAttempt, "score" | "scores" | "estimate" | "examples">;

/** The digits for a list of attempts. */
export function digitsOf(attempts: readonly Measured[]): Digits {
  const metrics = new Map<string, number[]>();
  for (const { scores = {} } of attempts) {
    for (const [metric, value] of Object.entries(scores)) metrics.set(metric, [...(metrics.get(metric) ?? []), value]);
  }
  return {
    compared: digitsApart(attempts.flatMap(({ score, estimate }) => score ?? estimate ?? [])),
    metrics: new Map([...metrics].map(([metric, values]) => [metric, digitsApart(values)])),
  };
}

/** What is known of a score. Only scores over the same examples are shown as such. */
export function scoreText(
  { score, scores, estimate, examples }: Measured,
  { scoredOn, comparedBy, digits }: ScoreScale,
): ScoreText {
  if (score !== null) return numbersText(score, scores, comparedBy, digits);
  if (scoredOn === undefined || scoredOn === 0 || examples === undefined) return { score: undefined };
  const on = { examples: `${examples} of ${scoredOn}` };
  // A mean on other examples says more of these than of the values.
  if (estimate === undefined || examples === 0) return { score: undefined, estimate: undefined, ...on };
  const { score: own, ...others } = numbersText(estimate, scores, comparedBy, digits);
  return { score: undefined, ...others, estimate: own, ...on };
}

/** The number by which values are compared, more being better, and what it was made of. */
function numbersText(
  number: number,
  scores: Scores | undefined,
  by: ObjectiveConfig | undefined,
  { compared, metrics }: Digits = { compared: fewestDigits, metrics: new Map() },
): Omit<ScoreText, "examples"> {
  if (by === undefined) return { score: numberText(number, compared) };
  const isOwn = isByOwnScore(by);
  if (scores === undefined) {
    return isOwn
      ? { score: numberText(minimizesScore(by) ? 0 - number : number, compared) }
      : { total: numberText(number, compared) };
  }
  const isAll = by.mode === "pareto" && by.paretoMetrics === null;
  const named = new Set(namedMetrics(by));
  const further = Object.entries(scores).filter(([metric]) => metric !== "score" && (isAll || named.has(metric)));
  const isShown = isOwn || isAll || named.has("score");
  const isSum = by.mode === "weighted" || (by.mode === "scalar" && by.scalarize !== "score");
  return {
    ...(scores.score === undefined || !isShown ? {} : { score: numberText(scores.score, metrics.get("score")) }),
    ...(further.length === 0 ? {} : { scores: metricsText(Object.fromEntries(further), metrics) }),
    ...(isSum ? { total: numberText(standingScore(scores, by), compared) } : {}),
  };
}

/** `"politeness 0.25, cost 3"`. */
function metricsText(scores: Scores, digits: Digits["metrics"]): string {
  return Object.entries(scores)
    .map(([metric, value]) => `${metric} ${numberText(value, digits.get(metric))}`)
    .join(", ");
}
