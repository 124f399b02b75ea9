/**
 * Metrics, candidates, and objectives as short texts.
 *
 * @module
 */
import type { ObjectiveConfig } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { formatNumber } from "./format-number.ts";
import { onOneLine } from "./printable.ts";

/** As `formatNumber`, with at least three significant digits: what an answer costs is small. */
export function formatMetric(value: number): string {
  return value !== 0 && Math.abs(value) < 0.1 ? String(Number(value.toPrecision(3))) : formatNumber(value);
}

/** `score 0.82  accuracy 0.91  costUsd 0.0031`. */
export function metricsText(scores: Scores): string {
  return Object.entries(scores)
    .map(([metric, value]) => `${onOneLine(metric)} ${formatMetric(value)}`)
    .join("  ");
}

/** A candidate by its id: `3.2` is the second proposal, counted from 0, of iteration 3. */
export function candidateText(id: string): string {
  const [, iteration, proposal] = /^iteration\/(\d+)\/proposal\/(\d+)$/.exec(id) ?? [];
  return iteration === undefined ? onOneLine(id) : `${iteration}.${proposal}`;
}

/** How candidates are compared, in words. */
export function objectiveText(by: ObjectiveConfig): string {
  const parts = [
    goalText(by),
    ...Object.entries(by.constraints ?? {}).map(([metric, bounds]) => boundsText(onOneLine(metric), bounds)),
    ...(by.tie === "shorter" ? ["the shorter text wins ties"] : []),
  ];
  return parts.join("; ");
}

function goalText({ mode, scalarize, scoreKey, weights, minimize, paretoMetrics }: ObjectiveConfig): string {
  const of = (metric: string): string => `${onOneLine(metric)}${minimize.includes(metric) ? " (lower is better)" : ""}`;
  const weighted = Object.entries(weights).map(([metric, weight]) => `${formatMetric(weight)} × ${of(metric)}`);
  if (mode === "pareto") {
    const metrics = paretoMetrics?.map(of) ?? ["all metrics", ...minimize.map(of)];
    return `Pareto front of ${metrics.join(", ")}${weighted.length > 0 ? `; compromise by ${weighted.join(" + ")}` : ""}`;
  }
  if (mode === "weighted" || scalarize === "weighted") return weighted.length > 0 ? weighted.join(" + ") : "sum of all metrics";
  return scalarize === "mean" ? "mean of all metrics" : of(scoreKey);
}

function boundsText(
  metric: string,
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
): string {
  const bounds = [
    ...(min === undefined ? [] : [`≥ ${formatMetric(min)}`]),
    ...(max === undefined ? [] : [`≤ ${formatMetric(max)}`]),
  ];
  return bounds.map((bound) => `${metric} ${bound}`).join(", ");
}
