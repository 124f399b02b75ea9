/**
 * `comparePaired`: by how much one candidate is better than another, with an interval and a test.
 *
 * @module
 */
import { numberWithin, type OptionTable, wholeFrom } from "../option-table.ts";
import { checkTable } from "../options.ts";
import { type Seed, seedRule } from "../random.ts";
import { intervalOfMean } from "./interval-of-mean.ts";
import { clustersOf, type ExampleGroups, pairedDifferences, type ScoresByExample } from "./paired-differences.ts";
import type { Interval } from "./share-interval.ts";
import { signFlipTestOfClusters } from "./sign-flip-test.ts";

/** Options of `comparePaired`. */
export interface ComparePairedOptions {
  /** What examples belong together. They are drawn together, so that ten questions about one document do not count as ten documents. @default none do */
  readonly groups?: ExampleGroups | undefined;
  /** The lowest and the highest score there can be; it bounds what few or equal differences say. @default unknown */
  readonly range?: Interval | undefined;
  /** Of the interval, above 0.5 and below 1. The level of the test is what is left of 1. @default 0.95 */
  readonly confidence?: number | undefined;
  /** Decides what is drawn. @default 0 */
  readonly seed?: Seed | undefined;
  /** How often the examples are drawn for the interval, at least 100. @default 4000 */
  readonly resamples?: number | undefined;
}

/** How two candidates compare on the examples that both have a score for. */
export interface PairedComparison {
  /** The mean difference, more than 0 where the second candidate is better; `null` without such examples. */
  readonly gain: number | null;
  /** For the gain on examples like these; `null` where they are too few to say anything. */
  readonly interval: Interval | null;
  readonly confidence: number;
  /** How likely a gain of this size, for better or worse, is when neither candidate is better: the sign-flip test. */
  readonly pValue: number | null;
  /** Examples that both have a score for. */
  readonly examples: number;
  /** How many independent parts of these there are: groups, else examples. */
  readonly groups: number;
  /** On how many examples the second candidate is better, worse, and equally good. */
  readonly better: number;
  readonly worse: number;
  readonly equal: number;
}

const table: OptionTable<ComparePairedOptions> = {
  groups: { expected: "a list of groups", holds: Array.isArray },
  range: {
    expected: "[lowest, highest]",
    holds: (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] <= value[1],
  },
  confidence: numberWithin({ above: 0.5, below: 1 }),
  seed: seedRule,
  resamples: wholeFrom(100),
};

/**
 * Compares the scores of two candidates, example by example. Differences that are as easily chance are not hidden: where the test does not refuse
 * chance at the level of the interval, the interval reaches to 0.
 *
 * @throws InvalidArgumentError when the lists differ in length, and for a wrong option
 * @example
 * const { gain, interval, pValue } = comparePaired(scoresOfOld, scoresOfNew, { range: [0, 1] });
 */
export function comparePaired(
  before: ScoresByExample,
  after: ScoresByExample,
  options: ComparePairedOptions = {},
): PairedComparison {
  checkTable(options, table, "comparePaired");
  const { groups, range, confidence = 0.95, seed = 0, resamples = 4_000 } = options;
  const differences = pairedDifferences(before, after, groups);
  const clusters = clustersOf(differences);
  const better = differences.filter(({ difference }) => difference > 0).length;
  const worse = differences.filter(({ difference }) => difference < 0).length;
  const counts = { confidence, examples: differences.length, groups: clusters.length, better, worse };
  const equal = differences.length - better - worse;
  if (differences.length === 0) return { gain: null, interval: null, pValue: null, ...counts, equal };
  const gain = differences.reduce((sum, { difference }) => sum + difference, 0) / differences.length;
  const { pValue } = signFlipTestOfClusters(clusters, { seed });
  const interval = intervalOfMean(clusters, { confidence, range, seed, resamples });
  const isChance = pValue > 1 - confidence + 1e-12;
  return { gain, interval: interval !== null && isChance ? withZero(interval) : interval, pValue, ...counts, equal };
}

/** Whether a comparison shows that the second candidate is better: its interval is above 0. */
export function isImprovement({ interval }: Pick<PairedComparison, "interval">): boolean {
  return interval !== null && interval[0] > 0;
}

function withZero([low, high]: Interval): Interval {
  return [Math.min(0, low), Math.max(0, high)];
}
