/**
 * Scores as prompts show them: the guide's own numbers, and only those that can be compared as such.
 *
 * @module
 */
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
}

/** What is known of a score. Only scores over the same examples are shown as such. */
export function scoreText(
  { score, scores, estimate, examples }: Pick<PastAttempt, "score" | "scores" | "estimate" | "examples">,
  { scoredOn, comparedBy }: ScoreScale,
): ScoreText {
  if (score !== null) return numbersText(score, scores, comparedBy);
  if (scoredOn === undefined || scoredOn === 0 || examples === undefined) return { score: undefined };
  const on = { examples: `${examples} of ${scoredOn}` };
  // A mean on other examples says more of these than of the values.
  if (estimate === undefined || examples === 0) return { score: undefined, estimate: undefined, ...on };
  const { score: own, ...others } = numbersText(estimate, scores, comparedBy);
  return { score: undefined, ...others, estimate: own, ...on };
}

/** The number by which values are compared, more being better, and what it was made of. */
function numbersText(number: number, scores: Scores | undefined, by: ObjectiveConfig | undefined): Omit<ScoreText, "examples"> {
  if (by === undefined) return { score: numberText(number) };
  const isOwn = isByOwnScore(by);
  if (scores === undefined) {
    return isOwn ? { score: numberText(minimizesScore(by) ? 0 - number : number) } : { total: numberText(number) };
  }
  const isAll = by.mode === "pareto" && by.paretoMetrics === null;
  const named = new Set(namedMetrics(by));
  const further = Object.entries(scores).filter(([metric]) => metric !== "score" && (isAll || named.has(metric)));
  const isShown = isOwn || isAll || named.has("score");
  const isSum = by.mode === "weighted" || (by.mode === "scalar" && by.scalarize !== "score");
  return {
    ...(scores.score === undefined || !isShown ? {} : { score: numberText(scores.score) }),
    ...(further.length === 0 ? {} : { scores: metricsText(Object.fromEntries(further)) }),
    ...(isSum ? { total: numberText(standingScore(scores, by)) } : {}),
  };
}

/** `"politeness 0.25, cost 3"`. */
export function metricsText(scores: Scores): string {
  return Object.entries(scores)
    .map(([metric, value]) => `${metric} ${numberText(value)}`)
    .join(", ");
}

/** A number without digits that say nothing. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(4)));
}
