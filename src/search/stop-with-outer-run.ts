/**
 * `stopWithOuterRun`: a run inside an agent ends with the rollout that it is part of.
 *
 * @module
 */

import { StopError } from "../errors.ts";
import type { RunContext } from "../graph/scope.ts";
import type { RunControl } from "../trainer/run-control.ts";
import { runServices } from "../trainer/run-services.ts";

/**
 * Stops a run when the run around it stops, or no longer waits for the rollout that began it.
 *
 * @param context where the run was begun
 * @returns functions that stop listening; none outside any run
 */
export function stopWithOuterRun(control: RunControl, context: Partial<RunContext> = {}): (() => void)[] {
  const { work } = context;
  const outer = runServices(context).control;
  const stopListening: (() => void)[] = [];
  if (outer !== undefined) {
    const stop = (): void => control.stop(outer.stopped as StopError);
    if (outer.stopped !== undefined) stop();
    else stopListening.push(outer.onStop(stop));
  }
  const signal = work?.signal;
  if (signal !== undefined) {
    const stop = (): void => control.stop(new StopError("interrupted", "The rollout that this run is part of was abandoned"));
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    stopListening.push(() => signal.removeEventListener("abort", stop));
  }
  return stopListening;
}
