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
      title: "On a scale",
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

interface IntervalProps {
  readonly mean: number | null;
  readonly interval: readonly [low: number, high: number] | null;
  /** The lowest and the highest number of the scale. */
  readonly scale: readonly [number, number];
}

function IntervalLine({ mean, interval, scale: [from, to] }: IntervalProps): ComponentChildren {
  const place = (value: number): number => (to > from ? Math.max(0, Math.min(1, (value - from) / (to - from))) * 100 : 50);
  if (mean === null) return null;
  return (
    <svg class="interval" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <line class="axis" x1="0" x2="100" y1="5" y2="5" />
      {interval === null ? null : <line class="range" x1={place(interval[0])} x2={place(interval[1])} y1="5" y2="5" />}
      <line class="mean" x1={place(mean)} x2={place(mean)} y1="1" y2="9" />
    </svg>
  );
}

/** `0.780 to 0.850`. */
function intervalText(interval: readonly [low: number, high: number] | null): string {
  return interval === null ? "" : `${score(interval[0])} to ${score(interval[1])}`;
}
