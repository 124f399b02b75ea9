/**
 * What code in the sandbox may use up, and how it is counted.
 *
 * @module
 */
import { systemClock } from "../data/clock.ts";
import type { Filled, OptionRule, OptionTable } from "../data/option-table.ts";
import { checkTable, withDefaults } from "../data/options.ts";
import { CodeError } from "./code-error.ts";
import { type MachineHost, stepsPerTick } from "./machine.ts";

/** The most that one call may use. */
export interface CodeLimits {
  /**
   * Steps: jumps of loops (one or two a turn) and calls of functions, counted in ten thousands, alike on every machine. Fifty
   * million take about a second. At least 10,000. @default 50,000,000
   */
  readonly steps?: number | undefined;
  /** Milliseconds of running, without the waiting for tools: for what steps do not count. 1 to 3,600,000. @default 10,000 */
  readonly timeMs?: number | undefined;
  /** Bytes of memory for program and values, 1 MiB to 1 GiB. @default 67,108,864 (64 MiB) */
  readonly memoryBytes?: number | undefined;
  /** Bytes of stack, 16 KiB to 512 KiB; a call of a small function takes some 300. @default 262,144 (256 KiB) */
  readonly stackBytes?: number | undefined;
}

const limitTable: OptionTable<CodeLimits> = {
  steps: { ...wholeWithin(stepsPerTick, Number.MAX_SAFE_INTEGER), default: 50_000_000 },
  timeMs: { ...wholeWithin(1, 3_600_000), default: 10_000 },
  memoryBytes: { ...wholeWithin(2 ** 20, 2 ** 30), default: 2 ** 26 },
  stackBytes: { ...wholeWithin(2 ** 14, 2 ** 19), default: 2 ** 18 },
};

/**
 * The limits with their defaults filled in.
 *
 * @throws InvalidArgumentError for an unknown limit or one out of range
 */
export function resolveLimits(limits: CodeLimits = {}): ResolvedLimits {
  checkTable(limits, limitTable, "limits", "limits.");
  return withDefaults<CodeLimits, keyof CodeLimits>(limits, limitTable);
}

/** Limits with nothing left open. */
export type ResolvedLimits = Filled<CodeLimits, keyof CodeLimits>;

function wholeWithin(least: number, most: number): OptionRule {
  return {
    expected: `a whole number from ${least} to ${most}`,
    holds: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  };
}

/** Counts what one call uses; the time of tools does not count. */
export class Meter implements Pick<MachineHost, "tick" | "look"> {
  readonly #limits: ResolvedLimits;
  #steps = 0;
  #spentMs = 0;
  #since = 0;
  #excess: CodeError | undefined;

  constructor(limits: ResolvedLimits) {
    this.#limits = limits;
  }

  /** Runs `work`, whose time counts. */
  run<T>(work: () => T): T {
    this.#since = systemClock.monotonic();
    try {
      return work();
    } finally {
      this.#spentMs += systemClock.monotonic() - this.#since;
    }
  }

  /** Runs `work` inside `run`; its time does not count. */
  pause<T>(work: () => T): T {
    const before = systemClock.monotonic();
    try {
      return work();
    } finally {
      this.#since += systemClock.monotonic() - before;
    }
  }

  /** The limit that was reached. */
  get excess(): CodeError | undefined {
    return this.#excess;
  }

  /** @throws CodeError when the steps or the time are used up, and were so at the last tick */
  tick(): boolean {
    // Some built-ins of the guest do not heed being interrupted.
    if (this.#excess !== undefined) throw this.#excess;
    this.#steps += stepsPerTick;
    const { steps, timeMs } = this.#limits;
    if (this.#steps > steps) {
      this.#excess = limitError(`more than ${inThousands(steps)} steps (loop iterations and function calls)`);
    } else if (this.#usedMs() > timeMs) {
      this.#excess = limitError(`ran longer than ${inThousands(timeMs)} milliseconds`);
    }
    return this.#excess !== undefined;
  }

  /** @throws CodeError when the time is used up, and a tick, which tells the line, has not come for a while */
  look(): void {
    const { timeMs } = this.#limits;
    if (this.#usedMs() > timeMs + graceMs) throw limitError(`ran longer than ${inThousands(timeMs)} milliseconds`);
  }

  #usedMs(): number {
    return systemClock.monotonic() - this.#since + this.#spentMs;
  }
}

const graceMs = 100;

/** The failure of a call that used too much memory. */
export function memoryError({ memoryBytes }: ResolvedLimits): CodeError {
  return limitError(`more than ${inThousands(memoryBytes)} bytes of memory`);
}

/** The failure of a call that called itself too often. */
export function stackError({ stackBytes }: ResolvedLimits): CodeError {
  return limitError(`more than ${inThousands(stackBytes)} bytes of stack: too deep a recursion`);
}

/** The failure of a call that used too much of something. */
function limitError(what: string): CodeError {
  return new CodeError({ name: "LimitError", message: what });
}

/** A number with commas, the same in every language of the machine. */
function inThousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
