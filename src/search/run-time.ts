/**
 * `RunTime`: stops a run at its deadline, and when its budgeted time is spent.
 *
 * @module
 */
import type { Clock } from "../data/clock.ts";
import { StopError } from "../errors.ts";
import type { Ledger } from "../llm/spend/ledger.ts";
import type { RunControl } from "../trainer/run-control.ts";

/** What it looks at. */
export interface RunTimeParts {
  readonly control: RunControl;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** In milliseconds since 1970. */
  readonly deadline: number | undefined;
}

/** How long the clock is not looked at for a deadline, in milliseconds: it may be set, or the machine may sleep. */
const longestUnwatched = 30_000;

/** The time of one run. */
export class RunTime {
  readonly #parts: RunTimeParts;

  constructor(parts: RunTimeParts) {
    this.#parts = parts;
  }

  /** Stops the run when its time is over, also while nothing happens in it. @returns what ends the watch */
  watch(): () => void {
    let timer: NodeJS.Timeout | undefined;
    const look = (): void => {
      const leftMs = this.#leftMs();
      if (this.#parts.control.stopped !== undefined || leftMs === Number.POSITIVE_INFINITY) return;
      timer = setTimeout(look, Math.min(longestUnwatched, Math.max(1, leftMs))).unref();
    };
    // Immediately, too: when it is over already, the first iteration would have begun before a timer.
    look();
    return () => clearTimeout(timer);
  }

  /** Stops the run when its deadline has been reached. */
  checkDeadline(): void {
    const { control, clock, deadline } = this.#parts;
    if (deadline !== undefined && clock.now() >= deadline) {
      control.stop(new StopError("deadline", `The deadline ${new Date(deadline).toISOString()} was reached`));
    }
  }

  /** Until the run has to stop; stops it when that is now. */
  #leftMs(): number {
    const { control, ledger, clock, deadline } = this.#parts;
    this.checkDeadline();
    const budgetedMs = ledger.timeLeftMs();
    if (budgetedMs <= 0) {
      try {
        ledger.checkTime();
      } catch (error) {
        control.stop(error as StopError);
      }
    }
    return Math.min(budgetedMs, deadline === undefined ? Number.POSITIVE_INFINITY : deadline - clock.now());
  }
}
