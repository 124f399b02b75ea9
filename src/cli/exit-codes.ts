/**
 * What the program says to its caller by its exit code.
 *
 * @module
 */

/** The exit codes of `opto`; `docs/cli.md` has the same table. */
export const exitCodes = {
  done: 0,
  /** A score below the threshold, a file that is not what it should be, or any failure that has no code of its own. */
  failed: 1,
  /** The command, its options or the set-up are wrong, or the run cannot be begun or continued; nothing was done. */
  usage: 2,
  /** A budget or a provider's quota is spent; the run can be continued. */
  budget: 3,
  /** Stopped by a signal; the run can be continued. */
  interrupted: 130,
} as const;

/** One of them. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The code for why a run ended. */
export function exitCodeOf(stopReason: string): ExitCode {
  if (stopReason === "budget" || stopReason === "quota") return exitCodes.budget;
  return stopReason === "interrupted" ? exitCodes.interrupted : exitCodes.done;
}
