/**
 * Fisher's exact test: whether one share is higher than another by more than chance.
 *
 * @module
 */

/** How many of some trials had an outcome. */
export interface Share {
  readonly count: number;
  readonly total: number;
}

/**
 * The probability that chance alone puts at least `one.count` of all the outcomes among the trials of `one`, when both sides
 * are equally prone to it (Fisher 1922, one-sided). Small when `one` has more than its share; 1 when either side has no trials.
 */
export function fisherExact(one: Share, other: Share): number {
  const outcomes = one.count + other.count;
  const all = one.total + other.total;
  if (one.total === 0 || other.total === 0) return 1;
  const logWays = logChoose(all, outcomes);
  let sum = 0;
  for (let count = one.count; count <= Math.min(one.total, outcomes); count++) {
    if (outcomes - count > other.total) continue;
    sum += Math.exp(logChoose(one.total, count) + logChoose(other.total, outcomes - count) - logWays);
  }
  return Math.min(1, sum);
}

function logChoose(total: number, count: number): number {
  const few = Math.min(count, total - count);
  let sum = 0;
  for (let index = 1; index <= few; index++) sum += Math.log((total - few + index) / index);
  return sum;
}
