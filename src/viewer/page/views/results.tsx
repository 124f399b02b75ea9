/**
 * The mean scores of a candidate with their intervals, on one scale for each metric.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import type { CandidateResult } from "../../api.ts";
import { onOneLine } from "../control-characters.ts";
import { count, score } from "../format.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { IntervalLine, intervalText } from "../parts/interval.tsx";
import { Absent } from "../parts/notice.tsx";
import { datasetText } from "./scores.tsx";

export function Results({ results }: { readonly results: readonly CandidateResult[] }): ComponentChildren {
  if (results.length === 0) return <Absent>It was not measured.</Absent>;
  const columns: readonly Column<CandidateResult>[] = [
    { title: "Data", cell: ({ dataset }) => datasetText(dataset) },
    { title: "Metric", cell: ({ metric }) => onOneLine(metric, 60) },
    { title: "Mean", cell: ({ mean }) => <b>{score(mean)}</b>, isNumber: true },
    { title: "95% interval", cell: ({ interval }) => intervalText(interval), isNumber: true },
    {
      title: "",
      cell: (result) => <IntervalLine mean={result.mean} interval={result.interval} scale={scaleOf(results, result.metric)} />,
      isMinor: true,
    },
    { title: "Examples", cell: ({ examples }) => count(examples), isNumber: true },
    { title: "Failed", cell: ({ failed }) => count(failed), isNumber: true, isMinor: true },
    { title: "Unscored", cell: ({ unscored }) => count(unscored), isNumber: true, isMinor: true },
  ];
  return <DataTable label="Scores" columns={columns} rows={results} keyOf={({ dataset, metric }) => `${dataset} ${metric}`} />;
}

/** From the lowest end of all intervals of a metric to the highest; 0 to 1 where they are within. */
function scaleOf(results: readonly CandidateResult[], metric: string): readonly [number, number] {
  const numbers = results.flatMap((result) => (result.metric === metric ? [result.mean ?? 0, ...(result.interval ?? [])] : []));
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return low >= 0 && high <= 1 ? [0, 1] : [low, high];
}
