/**
 * The one home of time: everything that needs it takes a `Clock`.
 *
 * @module
 */

/** Tells time. Passed in wherever time is needed, so that a test can stand still. */
export interface Clock {
  /** Milliseconds since 1970, for showing and storing. May jump when the system's clock is set. */
  now(): number;
  /** Milliseconds since some fixed moment, never going back, for measuring how long something took. */
  monotonic(): number;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
