/**
 * How uPlot draws scores: lines that differ in dashes as well as in colour, bands for intervals, a ring around the best.
 *
 * @module
 */
import type uPlot from "uplot";
import { xRange, yRange } from "../chart-range.ts";
import { ticks } from "../format.ts";
import { colour } from "./colours.ts";

/** A line of the chart. */
export interface ChartLine {
  readonly label: string;
  /** Of which the colour and the dashes are. */
  readonly kind: "train" | "validate" | "test" | "other";
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  readonly candidate: readonly (string | null)[];
  /** Place of the best. */
  readonly best: number | null;
}

/** What the chart goes over. */
export interface ChartAxis {
  readonly label: string;
  /** A number on it: `1.2M`. */
  readonly text: (x: number) => string;
  /** The same with its unit: `1.2M tokens`. */
  readonly amount: (x: number) => string;
}

interface ChartParts {
  readonly lines: readonly ChartLine[];
  readonly axis: ChartAxis;
  /** Whether x is a count: there is nothing between 2 and 3. */
  readonly isWhole: boolean;
  /** The lines as they are now. */
  readonly current: () => readonly ChartLine[];
  readonly onCursor: (place: number | null) => void;
  readonly onOpen: (place: number) => void;
}

export function chartOptions(width: number, { lines, axis, isWhole, current, onCursor, onOpen }: ChartParts): uPlot.Options {
  return {
    width,
    height: 300,
    padding: [18, 20, 0, 0],
    legend: { show: false },
    scales: {
      // Iterations and calls are numbers, not moments.
      x: { time: false, range: () => xRange(current().flatMap(({ x }) => x)) },
      y: { range: (_, low, high) => yRange(low, high) },
    },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 7 },
      bind: {
        click: (plot, _target, handler) => (event) => {
          if (typeof plot.cursor.idx === "number") onOpen(plot.cursor.idx);
          return handler(event);
        },
      },
    },
    axes: axesOf(axis, isWhole),
    series: [{}, ...lines.flatMap(seriesOf)],
    bands: lines.map(({ kind }, place) => ({ series: [place * 3 + 3, place * 3 + 2], fill: colour(`band-${kind}`) })),
    hooks: {
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      draw: [(plot) => ringBest(plot, current())],
    },
  };
}

const wholeSteps = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power)).flat();

function axesOf({ text }: ChartAxis, isWhole: boolean): uPlot.Axis[] {
  const lines = { stroke: colour("grid"), width: 1 };
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const common = { stroke: colour("quiet"), grid: lines, ticks: lines, font };
  const steps = isWhole ? { incrs: wholeSteps } : {};
  return [
    { ...common, ...steps, size: 34, values: (_, splits) => splits.map(text) },
    { ...common, size: 56, values: (_, splits) => ticks(splits) },
  ];
}

const dashes: Readonly<Record<ChartLine["kind"], number[]>> = { train: [2, 4], validate: [], test: [8, 4], other: [5, 3, 1, 3] };

/** A line, and the two ends of its intervals, between which its band is drawn. */
function seriesOf({ label, kind }: ChartLine): uPlot.Series[] {
  const stroke = colour(`line-${kind}`);
  const hidden = { spanGaps: true, points: { show: false }, width: 0, stroke: "transparent" };
  return [
    { label, stroke, width: 2, dash: dashes[kind], spanGaps: true, points: { size: 5, fill: stroke, stroke } },
    { label: `${label}, low`, ...hidden },
    { label: `${label}, high`, ...hidden },
  ];
}

function ringBest(plot: uPlot, lines: readonly ChartLine[]): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  for (const { best, x, y } of lines) {
    const [atX, atY] = best === null ? [] : [x[best], y[best]];
    if (atX === undefined || atY === undefined || atY === null) continue;
    const left = plot.valToPos(atX, "x", true);
    const top = plot.valToPos(atY, "y", true);
    ctx.save();
    ctx.strokeStyle = colour("accent");
    ctx.fillStyle = colour("surface");
    ctx.lineWidth = 2 * ratio;
    ctx.beginPath();
    ctx.arc(left, top, 6 * ratio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = colour("accent");
    ctx.font = `600 ${12 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
    ctx.textAlign = left > bbox.left + bbox.width - 50 * ratio ? "right" : "center";
    ctx.fillText("best", left, top - 11 * ratio);
    ctx.restore();
  }
}
