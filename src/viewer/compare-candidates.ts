/**
 * Two candidates example by example: what one has won and lost against the other.
 *
 * @module
 */
import { toldScore, objective as toObjective } from "../data/objectives.ts";
import { comparePaired, gainText } from "../data/statistics/compare-paired.ts";
import { pairedRows } from "../search/paired-rows.ts";
import type { CandidateComparison, DatasetName, ExampleDifference } from "./api.ts";
import type { CandidateRow } from "./candidate-table.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** How many examples are listed on each side. */
const mostExamples = 200;
/** So quick that a page may ask for it: the report of a run draws more. */
const resamples = 1_000;

/** A candidate of a run. */
export interface Side {
  readonly run: ViewedRun;
  readonly row: CandidateRow;
}

/** How `after` compares with `before` on a dataset; `undefined` where they have no example in common. */
export function compareCandidates(before: Side, after: Side, dataset: DatasetName): CandidateComparison | undefined {
  const tables = [before, after].map(({ run, row }) => run.tableOf(row, dataset)) as [never, never];
  const objective = toObjective(after.run.objective ?? {});
  const { examples, rows, unit, bounds } = pairedRows(tables, { objective, scale: {} });
  const comparison = comparePaired(rows[0], rows[1], { range: bounds, resamples });
  const { gain, interval, pValue } = comparison;
  if (comparison.examples === 0) return undefined;
  const differences = examples.flatMap((example, at) => {
    const [from, to] = [rows[0][at] ?? null, rows[1][at] ?? null];
    if (from === null || to === null || from === to) return [];
    return [{ example, before: toldScore(from, objective), after: toldScore(to, objective), isWon: to > from }];
  });
  const size = (one: ExampleDifference): number => Math.abs((one.after ?? 0) - (one.before ?? 0));
  const sorted = differences.sort((a, b) => size(b) - size(a));
  const those = (areWon: boolean): ExampleDifference[] => sorted.flatMap(({ isWon, ...one }) => (isWon === areWon ? [one] : []));
  const [won, lost] = [those(true), those(false)];
  return {
    dataset,
    against: before.row.id,
    examples: comparison.examples,
    gain,
    interval,
    pValue,
    text: gainText(comparison, unit),
    won: won.slice(0, mostExamples),
    lost: lost.slice(0, mostExamples),
    numWon: won.length,
    numLost: lost.length,
  };
}
