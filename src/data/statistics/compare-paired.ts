/**
 * `comparePaired`: by how much one candidate is better than another, with an interval and a test; and such gains as text, with their unit.
 *
 * @module
 */
import { InvalidArgumentError } from "../../errors.ts";
import { counted } from "../number-text.ts";
import { numberWithin, type OptionTable, wholeFrom } from "../option-table.ts";
import { checkTable } from "../options.ts";
import { type Seed, seedRule } from "../random.ts";
import { areTooFew, type Interval, intervalOfMean } from "./intervals.ts";
import { clustersOf, type ExampleGroups, pairedDifferences, type ScoresByExample } from "./paired-differences.ts";
import { signFlipTestOfClusters } from "./paired-tests.ts";

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
 * @throws InvalidArgumentError when the lists differ in length, for what is no score, for scores that are farther apart than `range`, and for a wrong option
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
  if (range !== undefined) for (const { difference } of differences) checkWithin(difference, range);
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

/** Scores beyond the range make bounds that do not hold, such as an interval without the gain. */
function checkWithin(difference: number, [low, high]: Interval): void {
  if (Math.abs(difference) <= (high - low) * (1 + 1e-9)) return;
  throw new InvalidArgumentError(
    `Expected scores from ${low} to ${high}, as \`range\` says, got two that are ${Math.abs(difference)} apart`,
  );
}

/** Whether a comparison shows that the second candidate is better: its interval is above 0. */
export function isImprovement({ interval }: Pick<PairedComparison, "interval">): boolean {
  return interval !== null && interval[0] > 0;
}

function withZero([low, high]: Interval): Interval {
  return [Math.min(0, low), Math.max(0, high)];
}

/** What scores are measured in. */
export interface GainUnit {
  /** The lowest and the highest score, as the guide declares them, else as they were seen. */
  readonly range?: Interval | undefined;
  /** Whether that is declared. @default false */
  readonly isDeclared?: boolean | undefined;
  /** What is compared, where it is not the guide's own score: the name of a metric, or an objective. @default the score */
  readonly metric?: string | undefined;
  /** Whether less of it is better: then gains are told as what became lower. @default false */
  readonly lowerIsBetter?: boolean | undefined;
  /** What a score means, as the guide says it. @default nothing is known */
  readonly meaning?: string | undefined;
}

/**
 * `+6.2 points (95% interval 1.9 to 10.4)`. A point is a hundredth of a score from 0 to 1; on other scales the number is that of the score, and its scale is
 * named: `+0.42 on a scale from 0 to 10 (95% interval 0.1 to 0.74)`. Where less is better: `1.3 lower in score (better; 95% interval 0.4 lower to 2.2 lower)`.
 *
 * @param comparison with a gain
 */
export function gainText(comparison: PairedComparison, unit: GainUnit = {}): string {
  const { gain, interval, confidence } = comparison;
  const isPoints = isUnitRange(unit);
  const scale = isPoints ? 100 : 1;
  const ends = [gain ?? 0, ...(interval ?? [])].map((value) => value * scale);
  const largest = Math.max(...ends.map(Math.abs));
  const decimals = isPoints ? Math.max(1, largest === 0 ? 1 : Math.ceil(-Math.log10(largest))) : decimalsFor(ends);
  const { lowerIsBetter = false } = unit;
  const signed = ends.map((end) => fixed(end, decimals));
  const [value = "", low, high] = lowerIsBetter ? signed.map(loweredText) : signed;
  const sign = lowerIsBetter || value.startsWith("-") ? "" : "+";
  const verdict = !lowerIsBetter || gain === null || gain === 0 ? "" : `${gain > 0 ? "better" : "worse"}; `;
  const level = Number((confidence * 100).toPrecision(6));
  const certainty = interval === null ? noIntervalText(comparison) : `${level}% interval ${low} to ${high}`;
  return `${sign}${value}${unitText(unit, isPoints)} (${verdict}${certainty})`;
}

/** Why there is none, which is so only where the range of scores is not known. */
function noIntervalText({ groups, examples, confidence }: PairedComparison): string {
  if (!areTooFew(groups, confidence))
    return "no interval, because all differences are equal and the range of scores is not known";
  return `${groups < examples ? counted(groups, "group") : groups} ${groups === 1 ? "is" : "are"} too few for an interval`;
}

/** A gain where less is better. */
function loweredText(gain: string): string {
  if (Number(gain) === 0) return gain;
  return gain.startsWith("-") ? `${gain.slice(1)} higher` : `${gain} lower`;
}

/** A difference alone, for what is no measured gain: `5.0 points`, `0.5 on a scale from 0 to 10`. */
export function differenceText(difference: number, unit: GainUnit = {}): string {
  const isPoints = isUnitRange(unit);
  const value = isPoints ? difference * 100 : difference;
  return `${fixed(value, isPoints ? 1 : decimalsFor([value]))}${unitText(unit, isPoints)}`;
}

/** Whether differences are told in points: the scores are, or could be, shares. */
function isUnitRange({ range, isDeclared = false }: GainUnit): boolean {
  if (range === undefined) return false;
  const [low, high] = range;
  return isDeclared ? low === 0 && high === 1 : low >= 0 && high <= 1;
}

function unitText({ range, isDeclared = false, metric, meaning }: GainUnit, isPoints: boolean): string {
  const of = metric === undefined ? "" : ` of ${metric}`;
  if (isPoints) return ` points${of}`;
  const what = metric === undefined ? " in score" : ` in ${metric}`;
  const told = meaning === undefined || metric !== undefined ? "" : ` (${meaning})`;
  if (range === undefined || !isDeclared || metric !== undefined) return what + told;
  return ` on a scale from ${fixed(range[0], decimalsFor(range))} to ${fixed(range[1], decimalsFor(range))}${told}`;
}

/** So many that the width of the interval has two digits. */
function decimalsFor(ends: readonly number[]): number {
  const width = Math.max(...ends) - Math.min(...ends) || Math.max(...ends.map(Math.abs));
  if (width === 0 || ends.every(Number.isInteger)) return 0;
  return Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(width))));
}

/** What is not 0 is not shown as 0, and 0 has no sign. */
function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  if (Number(text) !== 0) return text;
  return Math.abs(value) < 1e-12 ? Math.abs(0).toFixed(decimals) : String(Number(value.toPrecision(1)));
}
