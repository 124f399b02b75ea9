/**
 * A window of candidates × examples.
 *
 * @module
 */
import type { TrialTable } from "../search/trial-table.ts";
import type { DatasetName, HeatCell, HeatColumn, HeatRow, HeatSort, HeatWindow } from "./api.ts";
import { type CandidateRow, meanOf } from "./candidate-table.ts";
import type { ExampleSums } from "./example-columns.ts";
import { metricsOf } from "./run-view.ts";
import type { ViewedRun } from "./viewed-run.ts";

/** What is asked for. */
export interface HeatQuery {
  readonly dataset: DatasetName | undefined;
  readonly metric: string;
  readonly from: number;
  readonly count: number;
  readonly columns: number;
  readonly width: number;
  readonly rows: HeatSort;
  readonly sort: HeatSort;
  readonly filter: "all" | "failed" | "better" | "worse";
  /** A part of the id of candidates. */
  readonly q: string;
}

/** Only the rows of the window are read from the journal. */
export function heatView(run: ViewedRun, query: HeatQuery): HeatWindow {
  const { candidates } = run.fold;
  const datasets = run.measuredDatasets;
  const dataset = query.dataset ?? datasets[0] ?? run.mainDataset;
  const { metric, from, count, columns: columnsFrom, width } = query;
  const range = candidates.ranges.get(`${dataset} ${metric}`) ?? null;
  const lowest = Math.min(0, range?.[0] ?? 0);
  const mean = (row: CandidateRow | undefined): number | null => meanOf(row?.measured.get(dataset), metric, lowest);
  const rows = sortedRows(run, dataset, query, mean);
  const examples = sortedExamples(candidates.examples.get(dataset), query, lowest);
  const columns = examples.slice(columnsFrom, columnsFrom + width);
  return {
    dataset,
    metric,
    metrics: metricsOf(run),
    datasets,
    totalRows: rows.length,
    totalColumns: examples.length,
    from,
    columnsFrom,
    columns,
    rows: rows.slice(from, from + count).map((row) => heatRow(run, row, { dataset, metric, columns, mean, lowest })),
    range,
  };
}

function sortedRows(
  run: ViewedRun,
  dataset: DatasetName,
  { rows: sort, filter, q }: HeatQuery,
  mean: (row: CandidateRow | undefined) => number | null,
): CandidateRow[] {
  const { candidates } = run.fold;
  const gain = (row: CandidateRow): number => {
    const [own, before] = [mean(row), mean(candidates.get(row.parents[0] ?? ""))];
    return own === null || before === null ? 0 : own - before;
  };
  const found = candidates.rows.filter((row) => {
    const measured = row.measured.get(dataset);
    if (measured === undefined || !row.id.toLowerCase().includes(q.toLowerCase())) return false;
    if (filter === "failed") return measured.failed > 0;
    return filter === "all" || (filter === "better" ? gain(row) > 0 : gain(row) < 0);
  });
  if (sort !== "score" && sort !== "difficulty") return found;
  const means = new Map(found.map((row) => [row, mean(row) ?? Number.NEGATIVE_INFINITY]));
  return found.sort((a, b) => (means.get(b) as number) - (means.get(a) as number) || a.index - b.index);
}

/** The most difficult first, where that is asked for. */
function sortedExamples(all: ExampleSums | undefined, { metric, sort, filter }: HeatQuery, lowest: number): HeatColumn[] {
  const columns: HeatColumn[] = [];
  for (let example = 0; all !== undefined && example < all.length; example++) {
    const failed = all.failed[example] as number;
    const mean = all.mean(metric, example, lowest);
    if (mean !== null && (filter !== "failed" || failed > 0)) columns.push({ example, mean, failed });
  }
  return sort === "difficulty" || sort === "score" ? columns.sort((a, b) => (a.mean ?? 0) - (b.mean ?? 0)) : columns;
}

interface RowParts {
  readonly dataset: DatasetName;
  readonly metric: string;
  readonly columns: readonly HeatColumn[];
  readonly mean: (row: CandidateRow | undefined) => number | null;
  readonly lowest: number;
}

function heatRow(run: ViewedRun, row: CandidateRow, { dataset, metric, columns, mean, lowest }: RowParts): HeatRow {
  const table = run.tableOf(row, dataset);
  const parent = run.fold.candidates.get(row.parents[0] ?? "");
  const before = parent === undefined ? undefined : run.tableOf(parent, dataset);
  const measured = row.measured.get(dataset);
  const valueAt = (of: TrialTable, example: number): number | null => {
    const value = of.value(metric, example, lowest);
    return Number.isNaN(value) ? null : value;
  };
  return {
    id: row.id,
    index: row.index,
    iteration: row.iteration,
    mean: mean(row),
    n: measured?.examples.size ?? 0,
    failed: measured?.failed ?? 0,
    isBest: row === run.best,
    parent: parent?.id ?? null,
    cells: columns.map(({ example }) => cellOf(table, metric, example)),
    differences: columns.map(({ example }) => {
      const [after, was] = [valueAt(table, example), before === undefined ? null : valueAt(before, example)];
      return after === null || was === null ? null : after - was;
    }),
  };
}

function cellOf(table: TrialTable, metric: string, example: number): HeatCell {
  const state = table.state(example);
  if (state === "unmeasured") return null;
  if (state === "failed" || state === "unscored") return state;
  const value = table.value(metric, example, Number.NaN);
  return Number.isNaN(value) ? null : value;
}
