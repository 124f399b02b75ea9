/**
 * Constraints: what a candidate's metrics must not pass, such as the most dollars that an answer may cost.
 *
 * @module
 */
import { isPlainObject } from "./json.ts";
import type { Scores } from "./scores.ts";

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
export const expectedConstraints = "bounds by metric, such as { costUsd: { max: 0.02 } }";

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
    const is = `${metric} is ${Number(value.toPrecision(4))}`;
    if (max !== undefined && value > max) return [`${is}, and must be at most ${max}`];
    return min !== undefined && value < min ? [`${is}, and must be at least ${min}`] : [];
  });
  return violated.length === 0 ? "" : `Violates a constraint: ${violated.join("; ")}.`;
}

/** Whether a value is `Constraints`. */
export function isConstraints(value: unknown): value is Constraints {
  return isPlainObject(value) && Object.entries(value).every(([metric, bounds]) => metric !== "" && isBounds(bounds));
}

function isBounds(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  if (names.length === 0 || !names.every((name) => name === "min" || name === "max")) return false;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = value as MetricBounds;
  return names.every((name) => typeof value[name] === "number" && Number.isFinite(value[name])) && min <= max;
}
