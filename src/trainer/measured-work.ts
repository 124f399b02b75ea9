/**
 * Rollouts with the metrics that opto measures itself: tokens, dollars, and milliseconds.
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";
import { withServices } from "../graph/scope.ts";
import { type MeasuredMetric, RolloutMeter } from "../llm/rollout-meter.ts";
import type { RolloutResult } from "./rollout.ts";
import { runServices } from "./run-services.ts";

/**
 * Does the work of a rollout and adds what the objective of the run wants measured to its metrics, and to those of an output that has a
 * score. A metric of the same name that the guide returns takes precedence.
 */
export function measured<R>(work: () => Promise<RolloutResult<R>>): Promise<RolloutResult<R>> {
  const { measures } = runServices();
  return measures === undefined ? work() : metered(measures, work);
}

async function metered<R>(measures: readonly MeasuredMetric[], work: () => Promise<RolloutResult<R>>): Promise<RolloutResult<R>> {
  const meter = new RolloutMeter();
  const done = await withServices({ ...runServices(), meter }, work);
  const scores = { ...meter.scores(measures), ...done.scores };
  const { result } = done;
  const isOutput = isPlainObject(result) && "score" in result;
  return { ...done, scores, result: isOutput ? ({ ...(result as object), scores } as R) : result };
}

/** What a rollout depends on besides its example and the values: nothing, or what is measured of it. */
export function measuredHere(): { readonly measures?: readonly MeasuredMetric[] } {
  const { measures } = runServices();
  return measures === undefined ? {} : { measures };
}
