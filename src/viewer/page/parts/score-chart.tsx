/**
 * Scores over a run as lines with their intervals, drawn by uPlot; the best is marked, and a click opens its candidate.
 *
 * @module
 */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { score } from "../format.ts";
import { theme } from "../theme.ts";
import { type ChartAxis, type ChartLine, chartOptions } from "./chart-options.ts";

interface ScoreChartProps {
  readonly label: string;
  readonly lines: readonly ChartLine[];
  readonly axis: ChartAxis;
  readonly onOpen: (candidate: string) => void;
}

export function ScoreChart({ label, lines, axis, onOpen }: ScoreChartProps): ComponentChildren {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const [cursor, setCursor] = useState<number | null>(null);
  const data = useMemo(() => joined(lines), [lines]);
  const shownTheme = theme.value;
  const shape = `${lines.map(({ label: text, kind }) => `${kind}:${text}`).join("|")} ${axis.label} ${shownTheme}`;
  const latest = useRef({ lines, data, onOpen });
  latest.current = { lines, data, onOpen };
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new uPlot(
      chartOptions(element.clientWidth, {
        lines,
        axis,
        isWhole: lines.every(({ x }) => x.every(Number.isInteger)),
        current: () => latest.current.lines,
        onCursor: setCursor,
        onOpen: (place) => open(place, latest.current),
      }),
      data as uPlot.AlignedData,
      element,
    );
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: made.height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape]);
  useEffect(() => chart.current?.setData(data as uPlot.AlignedData), [data]);
  return (
    <figure class="chart" aria-label={`${label}: ${summaryOf(lines)}`}>
      <div ref={box} class="plot" aria-hidden="true" />
      <Legend lines={lines} data={data} cursor={cursor} axis={axis} />
    </figure>
  );
}

interface LegendProps extends Pick<ScoreChartProps, "lines" | "axis"> {
  readonly data: readonly (readonly (number | null | undefined)[])[];
  readonly cursor: number | null;
}

/** Values under the cursor, else the last of each line. */
function Legend({ lines, data, cursor, axis }: LegendProps): ComponentChildren {
  const x = cursor === null ? undefined : data[0]?.[cursor];
  return (
    <figcaption class="legend">
      {lines.map(({ label, kind, y }, place) => (
        <span key={label}>
          <svg class={`swatch ${kind}`} viewBox="0 0 24 8" aria-hidden="true">
            <line x1="0" x2="24" y1="4" y2="4" />
          </svg>
          {label} <b>{score(cursor === null ? lastOf(y) : data[1 + place * 3]?.[cursor])}</b>
        </span>
      ))}
      <span class="quiet">
        {x === undefined || x === null ? `over ${axis.label}; the latest scores` : `after ${axis.amount(x)}`}
      </span>
    </figcaption>
  );
}

/** Columns of all lines over one list of x: for every line its score, low, and high. */
function joined(lines: readonly ChartLine[]): readonly (readonly (number | null | undefined)[])[] {
  const all = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const places = new Map(all.map((x, place) => [x, place]));
  const columns = lines.flatMap(({ x, y, low, high }) =>
    [y, low, high].map((values) => {
      const column = new Array<number | null>(all.length).fill(null);
      for (const [place, at] of x.entries()) column[places.get(at) ?? 0] = values[place] ?? null;
      return column;
    }),
  );
  return [all, ...columns];
}

/** Opens the candidate of the line that has one nearest to the cursor. */
function open(
  place: number,
  { lines, data, onOpen }: Pick<ScoreChartProps, "lines" | "onOpen"> & Pick<LegendProps, "data">,
): void {
  const x = data[0]?.[place];
  for (const line of lines) {
    const at = x === undefined || x === null ? -1 : line.x.lastIndexOf(x);
    const candidate = line.candidate[at];
    if (candidate !== undefined && candidate !== null) {
      onOpen(candidate);
      return;
    }
  }
}

function summaryOf(lines: readonly ChartLine[]): string {
  return lines
    .map(({ label, y }) => `${label} from ${score(y.find((value) => value !== null))} to ${score(lastOf(y))}`)
    .join("; ");
}

function lastOf(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}
