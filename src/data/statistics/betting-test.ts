/**
 * The betting test: whether a challenger is better than the incumbent, decided as soon as the examples say so.
 *
 * @module
 */
import { numberWithin, type OptionTable } from "../option-table.ts";
import { checkTable, checkValue } from "../options.ts";

/** How far a betting test has come. Plain JSON: a search keeps it in its memo. */
export interface BettingTest {
  /** The wealth of the one who bets that the challenger is better. It starts as 1. */
  readonly wealth: number;
  /** The wealth of the one who bets that it is worse. */
  readonly against: number;
  /** The highest that either has been: what was decided stays decided. */
  readonly peak: number;
  readonly peakAgainst: number;
  /** The differences so far. */
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** When a betting test decides. */
export interface BettingOptions {
  /** How likely a challenger that is no better is confirmed, at most, above 0 and below 1. @default 0.1 */
  readonly alpha?: number | undefined;
  /** How likely one that is no worse is given up, at most, above 0 and below 1. @default 0.2 */
  readonly beta?: number | undefined;
}

/** What is decided so far. */
export type BettingVerdict = "confirmed" | "futile" | "open";

const table: OptionTable<BettingOptions> = {
  alpha: numberWithin({ above: 0, below: 1 }),
  beta: numberWithin({ above: 0, below: 1 }),
};

/** A test that has seen nothing. */
export const noBets: BettingTest = Object.freeze({
  wealth: 1,
  against: 1,
  peak: 1,
  peakAgainst: 1,
  count: 0,
  sum: 0,
  sumOfSquares: 0,
});

/**
 * Bets on further examples, in their order. Each bet is a share of the wealth that only earlier differences decide: what they would have made grow
 * the fastest, at most a half. If the challenger is no better, the wealth does not grow on average, however long one looks; so it is
 * unlikely ever to reach 1/α (Ville 1939; Waudby-Smith, Ramdas 2024, "Estimating means of bounded random variables by betting"). So a search may look after every
 * example and stop whenever it wants, which no interval of fixed size allows.
 *
 * @param differences challenger minus incumbent, as a share of the range of scores: from -1 to 1
 * @throws InvalidArgumentError for a difference outside that
 * @example
 * let test = bet(noBets, firstBlock);
 * test = bet(test, nextBlock);
 * if (bettingVerdict(test) === "confirmed") promote(challenger);
 */
export function bet(test: BettingTest, differences: readonly number[]): BettingTest {
  let { wealth, against, peak, peakAgainst, count, sum, sumOfSquares } = test;
  for (const difference of differences) {
    checkValue(difference, numberWithin({ least: -1, most: 1 }), "a difference, as a share of the range of scores,");
    const stake = stakeOf(count, sum, sumOfSquares);
    wealth *= 1 + Math.max(0, stake) * difference;
    against *= 1 - Math.max(0, -stake) * difference;
    peak = Math.max(peak, wealth);
    peakAgainst = Math.max(peakAgainst, against);
    count++;
    sum += difference;
    sumOfSquares += difference ** 2;
  }
  return { wealth, against, peak, peakAgainst, count, sum, sumOfSquares };
}

/** What the test says. @throws InvalidArgumentError for a wrong option */
export function bettingVerdict({ peak, peakAgainst }: BettingTest, options: BettingOptions = {}): BettingVerdict {
  checkTable(options, table, "bettingVerdict");
  const { alpha = 0.1, beta = 0.2 } = options;
  if (peak >= 1 / alpha) return "confirmed";
  return peakAgainst >= 1 / beta ? "futile" : "open";
}

/**
 * The level for one of many challengers of a run: α is spent on all of them together, on the first the most, `α · 6 / (π² k²)` for the k-th.
 *
 * @param challenger which one it is, from 1
 */
export function challengerAlpha(challenger: number, alpha = 0.1): number {
  return (alpha * 6) / (Math.PI ** 2 * challenger ** 2);
}

/** Mean over variance plus squared mean, with two earlier differences of 0, so that a first success does not bet all. */
function stakeOf(count: number, sum: number, sumOfSquares: number): number {
  const all = count + 2;
  const mean = sum / all;
  const variance = (sumOfSquares - all * mean ** 2) / (all - 1);
  if (mean === 0) return 0;
  return Math.min(0.5, Math.max(-0.5, mean / (variance + mean ** 2)));
}
