/**
 * What one output is worth by that which a search compares by.
 *
 * @module
 */
import type { Feedback } from "../../data/feedback.ts";
import { namedMetrics, type ObjectiveConfig, standingScore } from "../../data/objectives.ts";

/**
 * One number for an output, more being better, constraints aside: they are about means. `null` where there is no score, or none in a metric that
 * counts.
 *
 * @param by @default by the guide's score, more being better
 */
export function outputWorth({ score, scores }: Feedback, by?: ObjectiveConfig): number | null {
  if (score === null || by === undefined) return score;
  const all = { ...scores, score };
  if (by.missingValue === null && namedMetrics(by).some((metric) => !Object.hasOwn(all, metric))) return null;
  return standingScore(all, by);
}
