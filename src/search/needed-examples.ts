/**
 * `neededExamples`: how much data would tell whether a gain is one.
 *
 * @module
 */
import { pairedDifferences, type ScoresByExample } from "../data/statistics/paired-differences.ts";
import { examplesToDetect } from "../data/statistics/paired-tests.ts";

/** Fewer say little, however large the gain. */
const fewest = 20;

/**
 * How many further examples find a gain of the size that was seen in 8 of 10 cases, rounded up to two digits. The best of many
 * candidates has gained less than it seems, so it is rather more.
 *
 * @returns `undefined` where nothing was gained, or the differences do not vary
 */
export function neededExamples(before: ScoresByExample, after: ScoresByExample): number | undefined {
  const differences = pairedDifferences(before, after).map(({ difference }) => difference);
  const gain = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  const squares = differences.reduce((sum, one) => sum + (one - gain) ** 2, 0);
  if (!(gain > 0) || !(squares > 0)) return undefined;
  const standardDeviation = Math.sqrt(squares / (differences.length - 1));
  const needed = Math.max(fewest, examplesToDetect(gain, { standardDeviation }));
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(needed)) - 1);
  return Math.ceil(needed / unit) * unit;
}
