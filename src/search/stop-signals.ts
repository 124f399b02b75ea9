/**
 * Ctrl-C: once ends a run gracefully, twice immediately.
 *
 * @module
 */
import { constants } from "node:os";
import { StopError } from "../errors.ts";
import type { RunControl } from "../trainer/run-control.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

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
