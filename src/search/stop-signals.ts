/**
 * What stops a run from outside: Ctrl-C, and the end of a run around it.
 *
 * @module
 */
import { constants } from "node:os";
import { StopError } from "../errors.ts";
import type { RunContext } from "../graph/scope.ts";
import type { RunControl } from "../trainer/run-control.ts";
import { runServices } from "../trainer/run-services.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

/** Hears what a person has done to stop a run, and by which signal, where it was one. */
type OnAsked = (what: string, signal?: NodeJS.Signals) => void;

/**
 * Listens to everything that may stop a run from outside.
 *
 * @param stop.onSignals whether to signals, too
 * @param context where the run was begun
 * @returns functions that stop listening
 */
export function stopFromOutside(
  control: RunControl,
  stop: { readonly onSignals?: boolean | undefined },
  context: Partial<RunContext> | undefined,
  onAsked: OnAsked,
): (() => void)[] {
  const onSignals = stop.onSignals ? [stopOnSignals(control, (signal) => onAsked(signal, signal))] : [];
  return [...onSignals, hearOfRequest(control, onAsked), ...stopWithOuterRun(control, context)];
}

/**
 * Stops the run at the first SIGINT or SIGTERM of the process, and exits at the second.
 *
 * @returns a function that listens no more
 */
export function stopOnSignals(control: RunControl, onFirst: (signal: NodeJS.Signals) => void): () => void {
  let isSecond = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    // The exit code that a shell gives a program which a signal has ended.
    if (isSecond) process.exit(128 + constants.signals[signal]);
    isSecond = true;
    control.stop(new StopError("interrupted", `Interrupted by ${signal}`));
    onFirst(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/**
 * Tells of a stop that a person has asked for without a signal; of one that came since the files were opened, immediately.
 *
 * @returns a function that listens no more
 */
function hearOfRequest(control: RunControl, onAsked: OnAsked): () => void {
  const onStop = (): void => {
    if (control.isAsked) onAsked(control.stopped?.message ?? "");
  };
  onStop();
  return control.onStop(onStop);
}

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
