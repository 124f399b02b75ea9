/**
 * What a benchmark is, and how time is taken.
 *
 * @module
 */

/** One number that is measured again and again. */
export interface Benchmark {
  readonly name: string;
  readonly unit: string;
  /** The most that the project promises, in the same unit. */
  readonly limit: number;
  /** Measures once. */
  readonly sample: () => number | Promise<number>;
}

/** Milliseconds that `work` kept the program busy. */
export function busyMs(work: () => Promise<void>): Promise<number>;
export function busyMs(work: () => void): number;
export function busyMs(work: () => void | Promise<void>): number | Promise<number> {
  const stop = startTimer();
  const result = work();
  return result === undefined ? stop() : result.then(stop);
}

/**
 * The main thread was busy for at most the time that went by, and for at most the processor time of all threads. The first
 * grows with what else the machine does, the second with garbage collection on other threads; the smaller is closer.
 */
function startTimer(): () => number {
  const started = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return Math.min(performance.now() - started, (user + system) / 1_000);
  };
}

/** The middle value, or the mean of the middle two; the values need not be sorted. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
