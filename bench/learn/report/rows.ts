/**
 * The rows of the report: what each algorithm has gained on a task over all seeds.
 *
 * @module
 */
import { holm, signFlipTest } from "opto/data";
import type { StageResult } from "../cell.ts";
import type { CellResult } from "../results.ts";
import { bootstrapInterval, type SeedValues } from "./bootstrap.ts";
import { groupBy } from "./group-by.ts";
import { seedTest } from "./seed-test.ts";

/** A mean with its 95% interval. Scores are fractions, such as 0.62. */
export interface Estimate {
  readonly mean: number;
  readonly interval: readonly [low: number, high: number] | null;
}

/** One algorithm on one task. */
export interface ReportRow {
  readonly task: string;
  readonly title: string;
  readonly arm: string;
  readonly kind: CellResult["kind"];
  readonly seeds: number;
  /** By share of the budget: the mean score on test data. */
  readonly scores: readonly (Estimate & { readonly share: number })[];
  /** Above the start, paired by seed and example, at the whole budget. */
  readonly gain: Estimate;
  /**
   * Whether the gain is above 0 both on further examples (sign-flip test) and in further runs (t test over seeds), corrected for all rows of the report
   * (Holm, 5%).
   */
  readonly confirmed: boolean;
  /** The share of seeds that ended below their start. */
  readonly belowStart: number;
  /** By how much the score on validation data is above that on test data. */
  readonly gap: number | null;
  readonly taskCalls: number;
  readonly optimizerCalls: number;
  /** For a point of gain; `null` where nothing is gained or nothing is paid. */
  readonly dollarsPerPoint: number | null;
  readonly minutes: number;
  readonly version: string | undefined;
}

/** Rows in order of task and gain. Cells without their start are left out. */
export function reportRows(results: readonly CellResult[]): ReportRow[] {
  const groups = groupBy(results, ({ task, arm }) => JSON.stringify([task, arm]));
  const rows = [...groups.values()].flatMap((cells) => rowOf(cells, results) ?? []);
  const adjusted = holm(rows.map(({ pValue }) => pValue));
  const tested = rows.map(({ pValue: _, ...row }, at): ReportRow => {
    return { ...row, confirmed: (adjusted[at] as number) < 0.05 && row.gain.mean > 0 };
  });
  return tested.toSorted((a, b) => compareTexts(a.task, b.task) || b.gain.mean - a.gain.mean || compareTexts(a.arm, b.arm));
}

function rowOf(
  cells: readonly CellResult[],
  all: readonly CellResult[],
): (Omit<ReportRow, "confirmed"> & { pValue: number }) | undefined {
  const inOrder = cells.toSorted((a, b) => a.seed - b.seed);
  const pairs = inOrder.flatMap((cell) => {
    const start = all.find((one) => one.arm === "start" && one.task === cell.task && one.seed === cell.seed);
    return start === undefined ? [] : [{ cell, last: lastOf(cell), start: lastOf(start) }];
  });
  const [first] = pairs;
  if (first === undefined) return undefined;
  const { task, title, arm, kind } = first.cell;
  const differences = pairs.map(({ last, start }) => differencesOf(start, last));
  const gain = estimateOf(differences);
  const dollars = average(pairs.map(({ last }) => last.spent.dollars));
  const gaps = pairs.flatMap(({ last }) => (last.validation === null ? [] : [last.validation - meanOf(last.test)]));
  const pValue = pValueOf(
    differences,
    pairs.map(({ last }) => last.rows),
  );
  return {
    ...{ task, title, arm, kind, gain, pValue },
    seeds: pairs.length,
    scores: first.cell.stages.map(({ share }, at) => {
      return { share, ...estimateOf(pairs.map(({ cell }) => (cell.stages[at] as StageResult).test)) };
    }),
    belowStart: pairs.filter((_, seed) => meanOf(differences[seed] ?? []) < 0).length / pairs.length,
    gap: gaps.length === 0 ? null : average(gaps),
    taskCalls: average(pairs.map(({ last }) => last.spent.taskCalls)),
    optimizerCalls: average(pairs.map(({ last }) => last.spent.optimizerCalls)),
    dollarsPerPoint: gain.mean > 0 && dollars > 0 ? dollars / (100 * gain.mean) : null,
    minutes: average(pairs.map(({ last }) => last.ms)) / 60_000,
    version: first.last.version,
  };
}

/**
 * The larger one of two tests, for what differs between examples and what differs between runs: values that one run has found by luck are better on every
 * example, so no number of examples can tell them from a good algorithm.
 */
function pValueOf(differences: readonly SeedValues[], rows: readonly (readonly string[])[]): number {
  // Seeds share rows of the data; a row counts as one observation.
  const observed = differences.flatMap((values, seed) => {
    return values.flatMap((difference, at) => (difference === null ? [] : [{ difference, row: rows[seed]?.[at] ?? "" }]));
  });
  const { pValue } = signFlipTest(
    observed.map(({ difference }) => difference),
    { groups: observed.map(({ row }) => row), alternative: "better" },
  );
  return Math.max(pValue, seedTest(differences.map(meanOf).filter(Number.isFinite)));
}

function estimateOf(seeds: readonly SeedValues[]): Estimate {
  return { mean: average(seeds.map(meanOf).filter(Number.isFinite)), interval: bootstrapInterval(seeds) };
}

/** An example that could not be scored on either side has no difference. */
function differencesOf(start: StageResult, last: StageResult): SeedValues {
  return last.test.map((score, at) => {
    const before = start.test[at] ?? null;
    return score === null || before === null ? null : score - before;
  });
}

function lastOf({ stages }: CellResult): StageResult {
  return stages.at(-1) as StageResult;
}

function meanOf(values: SeedValues): number {
  return average(values.filter((value) => value !== null));
}

function average(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function compareTexts(a: string, b: string): number {
  return a === b ? 0 : Math.sign(Number(a > b) - 0.5);
}
