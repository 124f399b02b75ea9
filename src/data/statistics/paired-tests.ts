/**
 * Tests whether two candidates differ: the sign-flip permutation test for any scores, McNemar's exact test for right and wrong; and the smallest
 * gain that a number of examples can show.
 *
 * @module
 */

import { finiteNumber, numberWithin, type OptionTable } from "../option-table.ts";
import { checkTable, checkValue } from "../options.ts";
import { Random, type Seed } from "../random.ts";
import { normalProbability, normalQuantile } from "./normal-distribution.ts";
import { type Cluster, clustersOf, type ExampleGroups } from "./paired-differences.ts";

/** What differs from what: either way, or the second candidate only for the better or for the worse. */
export type Alternative = "two-sided" | "better" | "worse";

/** Options of `signFlipTest`. */
export interface SignFlipOptions {
  /** Examples of one group change their sign together. @default each on its own */
  readonly groups?: ExampleGroups | undefined;
  /** @default "two-sided" */
  readonly alternative?: Alternative | undefined;
  /** Decides the signs that are drawn where there are too many to try all. @default 0 */
  readonly seed?: Seed | undefined;
  /** How many are drawn then. @default 9999 */
  readonly draws?: number | undefined;
}

/** The result of a test. */
export interface TestResult {
  /** How likely a difference as large as this one is when neither candidate is better. */
  readonly pValue: number;
  /** Whether it was computed, and not estimated from drawn signs. */
  readonly isExact: boolean;
}

/**
 * Up to so many differences that are not 0 all signs are tried: a million sums take some milliseconds. Of more than so many the sums of drawn
 * signs are as good as normal numbers.
 */
const [mostExact, mostDrawn] = [20, 400];

/**
 * The paired permutation test (Fisher 1935, "The Design of Experiments"; Pitman 1937): if neither candidate were better, every difference could as
 * well have had the other sign. The p value is the share of all choices of signs whose sum is at least as extreme as the one seen.
 *
 * Exact where at most 20 differences are not 0, and where all of them have the same size, which makes it McNemar's test. Else signs are drawn,
 * and those seen count as one of the draws, so the p value is never too small (Phipson, Smyth 2010); of more than 400 differences it is that of the
 * normal approximation.
 *
 * @throws InvalidArgumentError for a difference that is no finite number
 */
export function signFlipTest(differences: readonly number[], options: SignFlipOptions = {}): TestResult {
  for (const difference of differences) checkValue(difference, finiteNumber, "a difference");
  const { groups, ...rest } = options;
  const placed = differences.map((difference, example) => ({ difference, group: groups?.[example] ?? example }));
  return signFlipTestOfClusters(clustersOf(placed), rest);
}

/** The same for differences that are grouped already. */
export function signFlipTestOfClusters(clusters: readonly Cluster[], options: Omit<SignFlipOptions, "groups"> = {}): TestResult {
  const { alternative = "two-sided", seed = 0, draws = 9_999 } = options;
  const scale = Math.max(...clusters.map(({ sum }) => Math.abs(sum)), 0);
  // Sums that should be equal differ in their last digits.
  const tolerance = 1e-9 * scale;
  const sums = clusters.map(({ sum }) => sum).filter((sum) => Math.abs(sum) > tolerance);
  if (sums.length === 0) return { pValue: 1, isExact: true };
  const sizes = sums.map(Math.abs);
  if (sizes.every((size) => scale - size <= tolerance)) {
    const better = sums.filter((sum) => sum > 0).length;
    return { pValue: mcnemarTest({ better, worse: sums.length - better }, alternative), isExact: true };
  }
  const seen = sums.reduce((total, sum) => total + sum, 0);
  const isExtreme = (sum: number): boolean => {
    if (alternative === "better") return sum >= seen - tolerance;
    if (alternative === "worse") return sum <= seen + tolerance;
    return Math.abs(sum) >= Math.abs(seen) - tolerance;
  };
  if (sizes.length <= mostExact) return { pValue: shareOfSigns(sizes, isExtreme), isExact: true };
  if (sizes.length > mostDrawn) return { pValue: normalTail(seen, sizes, alternative), isExact: false };
  const random = new Random(seed).fork("sign-flip");
  let extreme = 1;
  for (let draw = 0; draw < draws; draw++) if (isExtreme(drawnSum(sizes, random))) extreme++;
  return { pValue: extreme / (draws + 1), isExact: false };
}

/** The sum with drawn signs, thirty of which come from one number. */
function drawnSum(sizes: readonly number[], random: Random): number {
  let [sum, signs] = [0, 0];
  for (let index = 0; index < sizes.length; index++) {
    signs = index % 30 === 0 ? random.integer(0, 2 ** 30 - 1) : signs >> 1;
    sum += (signs & 1) === 0 ? (sizes[index] as number) : -(sizes[index] as number);
  }
  return sum;
}

function normalTail(seen: number, sizes: readonly number[], alternative: Alternative): number {
  const z = seen / Math.sqrt(sizes.reduce((sum, size) => sum + size ** 2, 0));
  if (alternative === "two-sided") return 2 * normalProbability(-Math.abs(z));
  return normalProbability(alternative === "better" ? -z : z);
}

/** The share of all choices of signs whose sum is so. Neighbours of a Gray code differ in one sign. */
function shareOfSigns(sizes: readonly number[], isSo: (sum: number) => boolean): number {
  const signs = sizes.map(() => 1);
  const total = 2 ** sizes.length;
  let sum = sizes.reduce((all, size) => all + size, 0);
  let count = isSo(sum) ? 1 : 0;
  for (let choice = 1; choice < total; choice++) {
    const flipped = 31 - Math.clz32(choice & -choice);
    const sign = -(signs[flipped] as number);
    signs[flipped] = sign;
    sum += 2 * sign * (sizes[flipped] as number);
    if (isSo(sum)) count++;
  }
  return count / total;
}

/** On how many examples only the second candidate is right, and on how many only the first. */
export interface Discordant {
  readonly better: number;
  readonly worse: number;
}

/**
 * McNemar's exact test (McNemar 1947, in the binomial form): if neither candidate were better, each of the examples on which only one of them is
 * right would be as likely to favour the one as the other.
 *
 * @returns the p value
 */
export function mcnemarTest({ better, worse }: Discordant, alternative: Alternative = "two-sided"): number {
  const total = better + worse;
  if (alternative === "better") return binomialTail(better, total);
  if (alternative === "worse") return binomialTail(worse, total);
  return Math.min(1, 2 * binomialTail(Math.max(better, worse), total));
}

/** The probability of at least `count` heads in `total` throws of a coin. */
function binomialTail(count: number, total: number): number {
  if (count <= 0) return 1;
  let log = -total * Math.LN2;
  let sum = 0;
  // From no tail on, so that each term follows from the one before it; logarithms, because 0.5^1100 is 0.
  for (let tails = 0; tails <= total - count; tails++) {
    if (tails > 0) log += Math.log((total - tails + 1) / tails);
    sum += Math.exp(log);
  }
  return Math.min(1, sum);
}

/**
 * p values as they count when several comparisons are made and none of them may be significant by chance (Holm 1979): each stays in its place, and is
 * compared with the level that one comparison alone would have.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = pValues.map(() => 1);
  let highest = 0;
  for (const [rank, index] of order.entries()) {
    highest = Math.max(highest, Math.min(1, (pValues.length - rank) * (pValues[index] as number)));
    adjusted[index] = highest;
  }
  return adjusted;
}

/** Options of `detectableGain` and `examplesToDetect`. */
export interface PowerOptions {
  /** The standard deviation of the differences between the two candidates, by example. */
  readonly standardDeviation: number;
  /** How likely the gain is noticed when it is there, at least 0.5 and below 1. @default 0.8 */
  readonly power?: number | undefined;
  /** Of the interval that has to be above 0, above 0.5 and below 1. @default 0.95 */
  readonly confidence?: number | undefined;
}

const table: OptionTable<PowerOptions> = {
  standardDeviation: numberWithin({ least: 0 }),
  power: numberWithin({ least: 0.5, below: 1 }),
  confidence: numberWithin({ above: 0.5, below: 1 }),
};

/**
 * The smallest gain that a paired comparison of so many examples finds with the given power (Bloom 1995, "Minimum detectable effects"), by the normal
 * approximation; a little too small for fewer than 30 examples.
 *
 * @throws InvalidArgumentError for a wrong option, or less than one example
 * @example
 * detectableGain(50, { standardDeviation: 0.5 }); // 0.198: a gain of less than 20 points is likely to be missed
 */
export function detectableGain(examples: number, options: PowerOptions): number {
  checkTable(options, table, "detectableGain");
  checkValue(examples, numberWithin({ least: 1 }), "the number of examples");
  return (quantiles(options) * options.standardDeviation) / Math.sqrt(examples);
}

/**
 * How many examples a paired comparison needs to find a gain with the given power.
 *
 * @throws InvalidArgumentError for a wrong option, or a gain that is not above 0
 * @example
 * examplesToDetect(0.05, { standardDeviation: 0.5 }); // 785
 */
export function examplesToDetect(gain: number, options: PowerOptions): number {
  checkTable(options, table, "examplesToDetect");
  checkValue(gain, numberWithin({ above: 0 }), "the gain");
  return Math.max(1, Math.ceil(((quantiles(options) * options.standardDeviation) / gain) ** 2 - 1e-9));
}

function quantiles({ power = 0.8, confidence = 0.95 }: PowerOptions): number {
  return normalQuantile((1 + confidence) / 2) + normalQuantile(power);
}
