/**
 * `pairedRows`: two candidates in numbers, example by example, for a paired comparison.
 *
 * @module
 */
import { type Cell, countCells, type FailureScale, failureScore, isCovered, scoreBounds } from "../data/comparison.ts";
import {
  comparedMetric,
  isByOwnScore,
  isLowerBetter,
  namedMetrics,
  type ObjectiveConfig,
  standingScore,
} from "../data/objectives.ts";
import type { GainUnit } from "../data/statistics/compare-paired.ts";
import type { TrialTable } from "./trial-table.ts";

/** What the numbers are made by. */
export interface PairedRowsOptions {
  readonly objective: ObjectiveConfig;
  /** What a failure scores. */
  readonly scale: FailureScale;
  /** What the guide says of its score. @default nothing */
  readonly meaning?: string | undefined;
  /** Examples that have no part in the comparison. @default none */
  readonly leftOut?: ReadonlySet<number> | undefined;
}

/** Two candidates in numbers. */
export interface PairedRows {
  /** What the rows are about, in order. */
  readonly examples: readonly number[];
  readonly rows: readonly [before: (number | null)[], after: (number | null)[]];
  /** How many examples count as failed because they could not be scored. */
  readonly unscored: number;
  /** Whether enough of the first candidate was scored to decide anything. */
  readonly isKnown: boolean;
  readonly unit: GainUnit;
  /** Between which bounds all numbers lie, also those of other examples; `undefined` where nothing says it: what was seen is no bound. */
  readonly bounds: readonly [lowest: number, highest: number] | undefined;
}

/** Numbers for the examples that the first candidate was scored on, as in any comparison: what the second left unscored of these counts as failed. */
export function pairedRows(
  tables: readonly [TrialTable, TrialTable],
  { objective, scale, meaning, leftOut }: PairedRowsOptions,
): PairedRows {
  const isOwn = isByOwnScore(objective);
  const sign = objective.minimize.includes("score") ? -1 : 1;
  const own = isOwn ? turned(scale, sign) : {};
  const isScore = isOwn && sign === 1;
  const examples = [...tables[0].examples()].filter((example) => leftOut?.has(example) !== true);
  const cells = tables.map((table) => examples.map((example) => cellOf(table, example, objective)));
  const lowest = failureScore(cells, own);
  const [before = [], after = []] = cells;
  const numberOf = (table: TrialTable, cell: Cell | undefined, example: number): number => {
    if (typeof cell !== "number") return lowest;
    // Of several samples some may have failed.
    return isOwn ? sign * table.value("score", example, sign * lowest) + 0 : cell;
  };
  const isIn = (at: number): boolean => before[at] !== "unscored" && after[at] !== undefined;
  const rows = tables.map((table, side) =>
    examples.map((example, at) => (isIn(at) ? numberOf(table, cells[side]?.[at], example) : null)),
  ) as [(number | null)[], (number | null)[]];
  const unscored = after.filter((cell, at) => isIn(at) && cell === "unscored").length;
  const bounds = isOwn ? scoreBounds(own) : undefined;
  const declared = isScore ? bounds : undefined;
  const known = rows.flat().filter((value) => value !== null);
  const seen = known.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const, [
    known[0] ?? 0,
    known[0] ?? 0,
  ] as readonly [number, number]);
  const unit = {
    range: declared ?? seen,
    isDeclared: declared !== undefined,
    metric: isScore ? undefined : metricText(objective),
    ...(isLowerBetter(objective) && { lowerIsBetter: true }),
    meaning,
  };
  return { examples, rows, unscored, isKnown: isCovered(countCells(before)), unit, bounds };
}

/** One number for an example, more being better; what has no number for the objective has failed. */
function cellOf(table: TrialTable, example: number, objective: ObjectiveConfig): Cell | undefined {
  const state = table.state(example);
  if (state === "unmeasured") return undefined;
  if (state !== "scored") return state;
  const means = table.meansOf(example);
  if (isByOwnScore(objective)) return means.score === undefined ? "failed" : standingScore(means, objective);
  const isLacking = objective.missingValue === null && namedMetrics(objective).some((metric) => !Object.hasOwn(means, metric));
  return isLacking ? "failed" : standingScore(means, objective);
}

/** What failures score, and all scores lie between, when more is better. */
function turned({ minScore, scoreRange }: FailureScale, sign: 1 | -1): FailureScale {
  if (sign === 1) return { minScore, scoreRange };
  return {
    minScore: minScore == null ? minScore : 0 - minScore,
    scoreRange: scoreRange && [0 - scoreRange[1], 0 - scoreRange[0]],
  };
}

function metricText(objective: ObjectiveConfig): string {
  const metric = comparedMetric(objective);
  return metric === undefined ? "the objective" : `\`${metric}\``;
}
