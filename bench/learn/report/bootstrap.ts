/**
 * Bootstrap intervals of a mean over seeds, each with its own examples.
 *
 * @module
 */
import { Random } from "opto/data";

/** The values of one seed; `null` where there is none. */
export type SeedValues = readonly (number | null)[];

/** Options of `bootstrapInterval`. */
export interface BootstrapOptions {
  /** @default 0.95 */
  readonly confidence?: number | undefined;
  /** @default 1000 */
  readonly resamples?: number | undefined;
}

/**
 * The percentile interval of the mean of the seeds' means. Seeds are drawn with replacement, and in each of them examples, so that it covers both
 * what differs between runs and what differs between test sets.
 *
 * @returns `null` where no seed has a value
 */
export function bootstrapInterval(
  seeds: readonly SeedValues[],
  { confidence = 0.95, resamples = 1_000 }: BootstrapOptions = {},
): readonly [low: number, high: number] | null {
  const known = seeds.map((values) => values.filter((value) => value !== null)).filter(({ length }) => length > 0);
  if (known.length === 0) return null;
  const random = new Random(0, "bootstrap");
  const drawnMean = (values: readonly number[]): number => {
    let sum = 0;
    for (let at = 0; at < values.length; at++) sum += values[Math.floor(random.next() * values.length)] as number;
    return sum / values.length;
  };
  const means = Array.from({ length: resamples }, () => {
    const drawn = known.map(() => drawnMean(known[Math.floor(random.next() * known.length)] as readonly number[]));
    return drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
  }).toSorted((a, b) => a - b);
  const tail = Math.round(((1 - confidence) / 2) * (resamples - 1));
  return [means[tail] as number, means[resamples - 1 - tail] as number];
}
