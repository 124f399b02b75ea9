/**
 * The contract of loggers: listeners to the event stream of a run.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { RunEvent } from "./events.ts";

/**
 * A listener to a run. Implement what is wanted: `log` for the named values (a score, a parameter) with their step,
 * `onEvent` for everything. A listener that throws, or returns a promise that is rejected, is reported once and never stops the
 * run; `log` and `onEvent` are not waited for.
 */
export interface Logger {
  /**
   * When events are reported: as they happen, or in logical order, which is the same in every run whatever the timing: what a
   * rollout emits then comes after all that the rollouts before it in its task do.
   *
   * @default "live"
   */
  readonly order?: "live" | "logical";
  /** A named value at an iteration: `log("Average test score", 0.8, 3)`. */
  log?(name: string, data: JsonValue, step: number): void;
  /** Any event, including those that `log` receives. */
  onEvent?(event: RunEvent): void;
  /** The run is over: flush and close files. Called once for each `train`. */
  close?(): void | Promise<void>;
}
