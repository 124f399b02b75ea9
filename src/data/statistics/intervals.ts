/**
 * Intervals for the mean of paired differences: by bootstrap, and by exact arguments where there is little to resample; and for a share.
 *
 * @module
 */
import { Random, type Seed } from "../random.ts";
import { normalProbability, normalQuantile } from "./normal-distribution.ts";
import { type Cluster, meanOfClusters } from "./paired-differences.ts";

/** How an interval is made. */
export interface IntervalOptions {
  /** The probability that such intervals hold the true mean. */
  readonly confidence: number;
  /** The lowest and the highest score, where they are known. */
  readonly range: Interval | undefined;
  readonly seed: Seed;
  readonly resamples: number;
}

/** With fewer independent examples than these there is too little to resample, with more the normal distribution is as good. */
const [leastResampled, mostResampled] = [10, 400];

/**
 * An interval for the mean, made by what the number of clusters allows:
 *
 * - all differences are equal: see `intervalOfEqual`;
 * - fewer than 10: see `intervalOfShares` where each is won or lost as a whole or equal, else `intervalOfSubsets`;
 * - up to 400: the bootstrap, see `bootstrapInterval`;
 * - more: the normal approximation.
 *
 * @returns `null` where nothing can be said: on a scale of unknown range, of too few or equal differences
 */
export function intervalOfMean(clusters: readonly Cluster[], options: IntervalOptions): Interval | null {
  const { range } = options;
  const spread = range === undefined ? undefined : range[1] - range[0];
  const values = clusters.map(({ sum, size }) => sum / size);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const areEqual = highest - lowest <= 1e-9 * Math.max(Math.abs(lowest), Math.abs(highest));
  if (areEqual) {
    if (spread === undefined) return null;
    const mean = meanOfClusters(clusters);
    const isWhole = clusters.length < leastResampled && Math.abs(mean) === spread;
    // With few that are all won, the intervals of other outcomes, which as easily miss on the other side, need half of the probability.
    const confidence = isWhole ? (1 + options.confidence) / 2 : options.confidence;
    return intervalOfEqual(mean, clusters.length, spread, { confidence });
  }
  if (clusters.length < leastResampled) return intervalOfFew(clusters, spread, options);
  return clusters.length > mostResampled ? normalInterval(clusters, options) : bootstrapInterval(clusters, options);
}

/**
 * When all of `count` differences are equal, at most a share of `1 - α^(1/count)` of all examples is otherwise, or so many equal ones would be less
 * likely than α (for α = 5% about 3/count, "the rule of three": Hanley, Lippman-Hand 1983). Those may differ by the whole `spread` of scores.
 */
function intervalOfEqual(
  mean: number,
  count: number,
  spread: number,
  { confidence }: Pick<IntervalOptions, "confidence">,
): Interval {
  const others = 1 - (1 - confidence) ** (1 / count);
  return [Math.max(-spread, (1 - others) * mean - others * spread), Math.min(spread, (1 - others) * mean + others * spread)];
}

/** Of fewer than can be resampled. It is never narrower than of as many that are all equal to their mean, which say more. */
function intervalOfFew(clusters: readonly Cluster[], spread: number | undefined, options: IntervalOptions): Interval | null {
  if (spread === undefined) return intervalOfSubsets(clusters, spread, options);
  const isWhole = ({ sum, size }: Cluster): boolean => size === 1 && (sum === 0 || Math.abs(sum) === spread);
  const [low, high] = clusters.every(isWhole)
    ? intervalOfShares(clusters, spread, options)
    : (intervalOfSubsets(clusters, spread, options) as Interval);
  const [lowOfEqual, highOfEqual] = intervalOfEqual(meanOfClusters(clusters), clusters.length, spread, options);
  return [Math.min(low, lowOfEqual), Math.max(high, highOfEqual)];
}

/**
 * Where answers are right or wrong the gain is the share of examples that are won less the share of those that are lost. Each of the two has bounds that miss
 * it with at most half of the probability left, so that both hold together at least as often as they should.
 */
function intervalOfShares(clusters: readonly Cluster[], spread: number, { confidence }: IntervalOptions): Interval {
  const count = clusters.length;
  const tail = (1 - confidence) / 4;
  const won = shareInterval(clusters.filter(({ sum }) => sum > 0).length, count, tail);
  const lost = shareInterval(clusters.filter(({ sum }) => sum < 0).length, count, tail);
  return [spread * (won[0] - lost[1]), spread * (won[1] - lost[0])];
}

/**
 * The means of all subsets part the line into intervals that are equally likely to hold the center of symmetric differences (Hartigan 1969, "Using
 * subsample values as typical values"), which also are the values that the sign-flip test does not refuse. Exact for symmetric
 * differences, for others near; with less than 6 the outermost ones already have more than 5% together, so only the range of scores bounds the mean.
 */
function intervalOfSubsets(
  clusters: readonly Cluster[],
  spread: number | undefined,
  { confidence }: IntervalOptions,
): Interval | null {
  const means: number[] = [];
  for (let subset = 1; subset < 2 ** clusters.length; subset++) {
    means.push(meanOfClusters(clusters.filter((_, index) => (subset & (1 << index)) !== 0)));
  }
  means.sort((a, b) => a - b);
  const left = outermostLeft(clusters.length, confidence);
  if (left >= 1) return [means[left - 1] as number, means[means.length - left] as number];
  return spread === undefined ? null : [-spread, spread];
}

/** How many of the means of all subsets of so many differences have no more than the probability beyond an interval, on each side. */
function outermostLeft(count: number, confidence: number): number {
  return Math.floor(((1 - confidence) / 2) * 2 ** count + 1e-9);
}

/** Whether so few differences that are not all equal have no interval, on a scale of unknown range. */
export function areTooFew(count: number, confidence: number): boolean {
  return count < leastResampled && outermostLeft(count, confidence) < 1;
}

/**
 * The bias-corrected and accelerated bootstrap (Efron 1987, "Better bootstrap confidence intervals"), which draws clusters. Not the studentized one: most
 * differences of right and wrong answers are 0, and a resample of equal differences has no spread to divide by. Its levels are widened as a
 * t distribution would widen them (Hesterberg 2015, "What teachers should know about the bootstrap"), without which it is too narrow for few examples.
 */
function bootstrapInterval(clusters: readonly Cluster[], { confidence, seed, resamples }: IntervalOptions): Interval {
  const count = clusters.length;
  const mean = meanOfClusters(clusters);
  const random = new Random(seed).fork("bootstrap");
  const sums = Float64Array.from(clusters, ({ sum }) => sum);
  const sizes = Float64Array.from(clusters, ({ size }) => size);
  const means = Float64Array.from({ length: resamples }, () => {
    let [sum, size] = [0, 0];
    for (let draw = 0; draw < count; draw++) {
      const drawn = Math.floor(random.next() * count);
      sum += sums[drawn] as number;
      size += sizes[drawn] as number;
    }
    return sum / size;
  }).sort();
  const tolerance = 1e-9 * Math.max(Math.abs(means[0] as number), Math.abs(means[resamples - 1] as number));
  const below = means.filter((value) => value < mean - tolerance).length;
  const equal = means.filter((value) => Math.abs(value - mean) <= tolerance).length;
  // Of means that are equal to the one seen, as there are many on a coarse scale, half count as below.
  const share = Math.min(Math.max((below + equal / 2) / resamples, 1 / resamples), 1 - 1 / resamples);
  const bias = normalQuantile(share);
  const acceleration = accelerationOf(clusters);
  const tail = studentQuantile((1 - confidence) / 2, count - 1) * Math.sqrt(count / (count - 1));
  const at = (level: number): number => {
    const shifted = bias + level;
    // Only for a single outlier among many equal differences the divisor comes near 0.
    const place = normalProbability(bias + shifted / Math.max(0.05, 1 - acceleration * shifted)) * (resamples - 1);
    const [lower, upper] = [means[Math.floor(place)] as number, means[Math.ceil(place)] as number];
    return lower + (place - Math.floor(place)) * (upper - lower);
  };
  return [at(tail), at(-tail)];
}

/** From the means without one cluster each. */
function accelerationOf(clusters: readonly Cluster[]): number {
  const sum = clusters.reduce((total, cluster) => total + cluster.sum, 0);
  const size = clusters.reduce((total, cluster) => total + cluster.size, 0);
  const means = clusters.map((cluster) => (sum - cluster.sum) / (size - cluster.size));
  const center = means.reduce((total, value) => total + value, 0) / means.length;
  const squares = means.reduce((total, value) => total + (center - value) ** 2, 0);
  const cubes = means.reduce((total, value) => total + (center - value) ** 3, 0);
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

function normalInterval(clusters: readonly Cluster[], { confidence }: IntervalOptions): Interval {
  const mean = meanOfClusters(clusters);
  const half = normalQuantile((1 + confidence) / 2) * standardError(clusters);
  return [mean - half, mean + half];
}

/** Of the mean of clusters, as a ratio of sums to sizes (Cochran 1977, "Sampling Techniques", chapter 6). */
export function standardError(clusters: readonly Cluster[]): number {
  const count = clusters.length;
  const mean = meanOfClusters(clusters);
  const size = clusters.reduce((total, cluster) => total + cluster.size, 0);
  const squares = clusters.reduce((total, cluster) => total + (cluster.sum - mean * cluster.size) ** 2, 0);
  return Math.sqrt((squares * count) / (count - 1)) / size;
}

/** The quantile of Student's t distribution, by the expansion around the normal one (Cornish, Fisher 1937; four terms). Good to 3 digits from 9 degrees. */
function studentQuantile(probability: number, degrees: number): number {
  const z = normalQuantile(probability);
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((sum, term, index) => sum + term / degrees ** (index + 1), z);
}

/** The ends of an interval. */
export type Interval = readonly [low: number, high: number];

/**
 * The bounds of Clopper and Pearson (1934, "The use of confidence or fiducial limits illustrated in the case of the binomial").
 *
 * @param tail the probability, at most, that the true share is beyond one of them
 */
function shareInterval(hits: number, count: number, tail: number): Interval {
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
