/**
 * Comparing candidates of which not every example could be scored: which of them may win, and by what means.
 *
 * Pure functions over rows of cells. Searches, the check for improvement, the best values of a run, its stop conditions and
 * `opto eval --threshold` all decide by these. `docs/training.md` ("What is not scored never decides") has the rule as text.
 *
 * @module
 */

/**
 * How one example went: its score; `"failed"` when the agent failed and there is no score for that; `"unscored"` when it could
 * not be scored for reasons that are not the agent's failure: an outage, a timeout, an unusable verdict.
 */
export type Cell = number | "failed" | "unscored";

/** The cells of one candidate, by example. `undefined` where it was not run: a candidate that was dropped. */
export type Row = readonly (Cell | undefined)[];

/** What a failure scores. */
export interface FailureScale {
  /** Given by the user. `null`: the lowest of `scoreRange`, else the lowest score in the comparison and at most 0. */
  readonly minScore?: number | null | undefined;
  /** The lowest and the highest score of the guide. */
  readonly scoreRange?: readonly [lowest: number, highest: number] | undefined;
}

/** The same where less may be better. */
export interface DirectedScale extends FailureScale {
  /** Whether less is better, so that a failure counts as the highest of `scoreRange`, else as the highest score in the comparison. @default false */
  readonly lowerIsBetter?: boolean | undefined;
}

/** How to compare. */
export interface ComparisonOptions extends FailureScale {
  /** Which row holds the current values, which others have to beat; `null` when there are none. @default 0 */
  readonly current?: number | null | undefined;
  /** By how much a candidate must beat the current values. @default 0 */
  readonly threshold?: number | undefined;
}

/** How many examples went in each way; together, with those that were not run, all of them. */
export interface CellCounts {
  readonly scored: number;
  readonly failed: number;
  readonly unscored: number;
  readonly total: number;
}

/** The result of one candidate in a comparison. */
export interface Standing extends CellCounts {
  /**
   * What it is compared by, over the same examples as the others; `null` when it was dropped, or when too few of its examples
   * were scored and that is not its own doing.
   */
  readonly mean: number | null;
  /** Whether it may win: it was not dropped, and at least `leastCoverage` of the examples were scored or failed. */
  readonly isEligible: boolean;
  /** Whether it alone leaves examples unscored, and more than chance explains. */
  readonly isOwnDoing: boolean;
}

/** The outcome of a comparison. */
export interface Comparison {
  /** The row that wins; the current values when nothing beats them; `null` when there are none and no candidate may win. */
  readonly winner: number | null;
  /** Whether the current values could be compared at all. When not, they stay. */
  readonly isDecided: boolean;
  /** One for each row. */
  readonly standings: readonly Standing[];
  /** What a failure counted as. */
  readonly failureScore: number;
}

/** The least share of examples that must be scored, or have failed, before a candidate may win or a score may decide. */
export const leastCoverage = 0.8;

/** A share of unscored examples that chance gives less often than this is the candidate's own doing. */
const significance = 0.01;

/** What a failure scores whatever else was scored; `null` when that depends on the comparison. */
export function declaredFailureScore({ minScore, scoreRange, lowerIsBetter = false }: DirectedScale): number | null {
  return minScore ?? scoreRange?.[lowerIsBetter ? 1 : 0] ?? null;
}

/** The lowest and the highest score that a rollout can have; what a failure scores may be outside the guide's range. */
export function scoreBounds({ minScore, scoreRange }: FailureScale): FailureScale["scoreRange"] {
  if (scoreRange === undefined || minScore === undefined || minScore === null) return scoreRange;
  return [Math.min(scoreRange[0], minScore), Math.max(scoreRange[1], minScore)];
}

/** What a failure counts as among these rows: where nothing is declared, the worst score in them, as 0 at best. */
export function failureScore(rows: readonly Row[], scale: DirectedScale = {}): number {
  const declared = declaredFailureScore(scale);
  if (declared !== null) return declared;
  const worse = worseBy(scale);
  let worst = 0;
  for (const row of rows) for (const cell of row) if (typeof cell === "number") worst = worse(worst, cell);
  return worst;
}

/** The worse of two scores. */
function worseBy({ lowerIsBetter = false }: DirectedScale): (one: number, other: number) => number {
  return lowerIsBetter ? Math.max : Math.min;
}

/** How many cells are of each kind. */
export function countCells(row: Row): CellCounts {
  const counts = { scored: 0, failed: 0, unscored: 0, total: row.length };
  for (const cell of row) {
    if (typeof cell === "number") counts.scored++;
    else if (cell !== undefined) counts[cell]++;
  }
  return counts;
}

/** Whether enough examples were scored, or have failed, for a decision. */
export function isCovered({ scored, failed, total }: CellCounts): boolean {
  // In whole numbers where they are: 4 of 5 are enough.
  return total > 0 && scored + failed >= leastCoverage * total - 1e-9;
}

/** The mean over what was scored or has failed; `null` when nothing was scored by the guide and there is no scale either. */
export function meanOfScored(row: Row, scale: DirectedScale = {}): number | null {
  const { scored, failed } = countCells(row);
  if (scored === 0 && (failed === 0 || declaredFailureScore(scale) === null)) return null;
  return meanOver(row, worthOf([row], scale), (cell) => cell !== "unscored");
}

/** The mean when every example that could not be scored counts as failed, which it can only be better than; `null` of no cells. */
export function pessimisticMean(row: Row, scale: DirectedScale = {}): number | null {
  return meanOver(row, worthOf([row], scale), () => true);
}

/**
 * What a mean is at least (at most, where less is better), whatever could not be scored: the mean when the unscored examples count as failed; `null` when too few
 * were scored to decide by it.
 */
export function sureMean(row: Row, scale: DirectedScale = {}): number | null {
  return isCovered(countCells(row)) ? pessimisticMean(row, scale) : null;
}

/**
 * Whether a sure mean is as good as a score: at least that or, where less is better, at most. The mean of six times 0.8 reaches 0.8, although it is
 * not summed up to exactly that.
 */
export function reaches(mean: number | null, score: number, lowerIsBetter = false): boolean {
  if (mean === null) return false;
  const slack = 1e-9 * Math.max(1, Math.abs(score));
  return lowerIsBetter ? mean <= score + slack : mean >= score - slack;
}

/**
 * What to measure again, after all else: every unscored example of the candidates that were not dropped, example by example.
 * Nothing when not one cell has a score: then there is nothing to compare with.
 */
export function cellsToRepeat(rows: readonly Row[]): { readonly row: number; readonly example: number }[] {
  if (!rows.some((row) => row.some((cell) => cell !== undefined && cell !== "unscored"))) return [];
  const size = Math.max(0, ...rows.map((row) => row.length));
  const whole = rows.map((row) => !row.includes(undefined));
  return Array.from({ length: size }, (_, example) => example).flatMap((example) =>
    [...rows.keys()].filter((row) => whole[row] && rows[row]?.[example] === "unscored").map((row) => ({ row, example })),
  );
}

/**
 * Which candidate wins, by one rule:
 *
 * 1. A failure counts as the lowest score.
 * 2. A candidate of whose examples fewer than 80% were scored, or have failed, cannot win.
 * 3. All are compared over the examples that the current values were scored on. What another candidate left unscored of these
 *    counts as failed: it has to be better in spite of it, so nothing is won by what could not be scored.
 * 4. When fewer than 80% of the examples of the current values were scored, nothing is decided and they stay. Unless they are
 *    alone in that: when the others were scored on every example and chance does not explain it (Fisher's exact test, 1%), it
 *    is their own doing, and what they left unscored counts as failed.
 * 5. The highest mean wins when it is above that of the current values by more than `threshold`; of equal ones the earlier.
 *
 * A candidate that wins is, on the complete table, worse than the current values by at most 20% of the range of scores, and
 * not at all where all cells are known.
 */
export function compareCandidates(rows: readonly Row[], options: ComparisonOptions = {}): Comparison {
  const { current = 0, threshold = 0 } = options;
  const worth = worthOf(rows, options);
  const counts = rows.map(countCells);
  const ownDoing = counts.map((_, index) => isOwnDoing(counts, index));
  const dropped = rows.map((row) => row.includes(undefined));
  const reference = current === null || dropped[current] ? undefined : (rows[current] as Row);
  const isFaulty = current !== null && ownDoing[current] === true;
  const isDecided = current === null || reference === undefined || isFaulty || isCovered(counts[current] as CellCounts);
  // The others' unscored cells are held against them; those of the current values are left out, unless they cause them.
  const counted = (example: number): boolean => reference === undefined || isFaulty || reference[example] !== "unscored";
  const standings = rows.map((row, index): Standing => {
    const isIn = dropped[index] !== true;
    const hasMean = isIn && (isCovered(counts[index] as CellCounts) || ownDoing[index] === true);
    return {
      ...(counts[index] as CellCounts),
      isOwnDoing: ownDoing[index] === true,
      isEligible: isIn && isCovered(counts[index] as CellCounts),
      mean: hasMean ? meanOver(row, worth, (_cell, example) => !isDecided || counted(example)) : null,
    };
  });
  const winner = isDecided ? winnerOf(standings, current, threshold) : current;
  return { winner, isDecided, standings, failureScore: worth.failed };
}

function winnerOf(standings: readonly Standing[], current: number | null, threshold: number): number | null {
  const isCurrentIn = current !== null && standings[current]?.mean !== null;
  let winner = current;
  let best = isCurrentIn ? (standings[current as number]?.mean as number) + threshold : Number.NEGATIVE_INFINITY;
  for (const [index, { mean, isEligible }] of standings.entries()) {
    if (index === current || !isEligible || mean === null || !(mean > best)) continue;
    [winner, best] = [index, mean];
  }
  return winner;
}

/** Whether a candidate alone leaves examples unscored, and more of them than chance explains. */
function isOwnDoing(counts: readonly CellCounts[], index: number): boolean {
  const { unscored } = counts[index] as CellCounts;
  const others = counts.filter((_, other) => other !== index);
  if (unscored === 0 || others.some((entry) => entry.unscored > 0)) return false;
  const ran = ({ scored, failed, unscored }: CellCounts): number => scored + failed + unscored;
  const own = { count: unscored, total: ran(counts[index] as CellCounts) };
  const total = others.reduce((sum, entry) => sum + ran(entry), 0);
  return fisherExact(own, { count: 0, total }) <= significance;
}

/** What cells without a score count as. */
type Worth = Readonly<Record<"failed" | "unscored", number>>;

/** An unscored cell that is held against a candidate counts as failed, and never as better than the worst score. */
function worthOf(rows: readonly Row[], scale: DirectedScale): Worth {
  const failed = failureScore(rows, scale);
  return { failed, unscored: worseBy(scale)(failed, failureScore(rows, { ...scale, minScore: undefined })) };
}

/** Summed in order, so that it is the same in every run. */
function meanOver(row: Row, worth: Worth, counts: (cell: Cell, example: number) => boolean): number | null {
  let [sum, count] = [0, 0];
  for (const [example, cell] of row.entries()) {
    if (cell === undefined || !counts(cell, example)) continue;
    sum += typeof cell === "number" ? cell : worth[cell];
    count++;
  }
  return count === 0 ? null : sum / count;
}

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
