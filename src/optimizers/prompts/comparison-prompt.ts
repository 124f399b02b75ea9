/**
 * The words that say which scores are better.
 *
 * @module
 */
import { isByOwnScore, type MetricBounds, minimizesScore, type ObjectiveConfig } from "../../data/objectives.ts";

/** How candidates are compared, in sentences. @param by @default by the guide's score, more being better */
export function comparisonText(by: ObjectiveConfig | undefined): string {
  if (by === undefined) return ownScore("higher");
  const bounds = Object.entries(by.constraints ?? {}).map(([metric, { min, max }]) => `${metric} ${boundText({ min, max })}`);
  const constraints = bounds.length === 0 ? "" : ` On average these bounds must be kept: ${bounds.join("; ")}.`;
  return basisText(by) + constraints;
}

/** Which direction of the guide's own score is better, where nothing else counts; `undefined` where something does. */
export function ownDirection(by: ObjectiveConfig | undefined): "higher" | "lower" | undefined {
  if (by === undefined) return "higher";
  if (by.mode === "pareto" || !isByOwnScore(by)) return undefined;
  return minimizesScore(by) ? "lower" : "higher";
}

function basisText(by: ObjectiveConfig): string {
  const { mode, scalarize, scoreKey, weights, paretoMetrics } = by;
  const own = ownDirection(by);
  if (own !== undefined) return ownScore(own);
  const directed = (metric: string): string => `${metric} (${directionOf(metric, by)} is better)`;
  if (mode === "pareto") {
    const which = paretoMetrics === null ? "in at least one metric" : "in at least one of these metrics";
    const list = paretoMetrics === null ? lowerList(by) : `: ${paretoMetrics.map(directed).join(", ")}`;
    return `Values are better that are better ${which} and worse in none${list}.`;
  }
  if (mode === "weighted" || scalarize === "weighted") {
    const parts = Object.entries(weights).filter(([, weight]) => weight > 0);
    if (parts.length === 0) return `What counts is \`total\`, the sum of all metrics${lowerList(by)}: higher is better.`;
    const terms = parts.map(([metric, weight]) => `${by.minimize.includes(metric) ? "-" : ""}${weight} × ${metric}`);
    return `What counts is \`total\` = ${terms.join(" + ").replaceAll("+ -", "- ")}: higher is better.`;
  }
  if (scalarize === "mean") return `What counts is \`total\`, the mean of all metrics${lowerList(by)}: higher is better.`;
  return `What counts is the metric ${scoreKey}: ${directionOf(scoreKey, by)} is better.`;
}

function ownScore(direction: "higher" | "lower"): string {
  return `Where there is a score, ${direction} is better.`;
}

function directionOf(metric: string, { minimize }: ObjectiveConfig): "higher" | "lower" {
  return minimize.includes(metric) ? "lower" : "higher";
}

/** Which of all metrics should be low. */
function lowerList({ minimize }: ObjectiveConfig): string {
  return minimize.length === 0 ? "" : ` (lower is better for ${minimize.join(", ")}, which count with the opposite sign)`;
}

function boundText({ min, max }: MetricBounds): string {
  if (min === undefined) return `at most ${max}`;
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`;
}
