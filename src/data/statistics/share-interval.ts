/**
 * `shareInterval`: between which shares of all examples the true one lies, by how many of a few had it.
 *
 * @module
 */

/** The ends of an interval. */
export type Interval = readonly [low: number, high: number];

/**
 * The bounds of Clopper and Pearson (1934, "The use of confidence or fiducial limits illustrated in the case of the binomial").
 *
 * @param tail the probability, at most, that the true share is beyond one of them
 */
export function shareInterval(hits: number, count: number, tail: number): Interval {
  return [lowestShare(hits, count, tail), 1 - lowestShare(count - hits, count, tail)];
}

/** The share at which so many hits, or more, have the probability `tail`. */
function lowestShare(hits: number, count: number, tail: number): number {
  if (hits === 0) return 0;
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 60; halving++) {
    const share = (low + high) / 2;
    if (atLeast(hits, count, share) < tail) low = share;
    else high = share;
  }
  return low;
}

/** The probability of so many hits or more. */
function atLeast(hits: number, count: number, share: number): number {
  let [sum, ways] = [0, 1];
  for (let found = 0; found <= count; found++) {
    if (found >= hits) sum += ways * share ** found * (1 - share) ** (count - found);
    ways = (ways * (count - found)) / (found + 1);
  }
  return sum;
}
