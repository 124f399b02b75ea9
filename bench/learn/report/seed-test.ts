/**
 * Whether an algorithm gains more than its runs differ: a t test over the means of seeds.
 *
 * @module
 */

/** From how many runs on a gain can be confirmed. Two runs agree by chance too often. */
export const fewestSeeds = 3;

/**
 * Student's paired t test, one-sided: how likely a mean above 0 as large as this one is when further runs would gain nothing. One run is one observation,
 * however many examples it was scored on.
 *
 * @param gains the mean difference of each seed
 * @returns 1 with fewer seeds than `fewestSeeds`
 */
export function seedTest(gains: readonly number[]): number {
  const count = gains.length;
  if (count < fewestSeeds) return 1;
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / count;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (count - 1);
  if (mean <= 0) return 1;
  return variance === 0 ? 0 : upperTail(mean / Math.sqrt(variance / count), count - 1);
}

/** The probability above `t`, which is at least 0, by the sums for whole degrees of freedom (Abramowitz, Stegun 26.7.3 and 26.7.4). */
function upperTail(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let power = isOdd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= ((power - 1) / power) * cosine ** 2;
    sum += term;
  }
  const within = isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
  return Math.max(0, (1 - within) / 2);
}
