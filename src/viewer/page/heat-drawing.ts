/**
 * Draws the part of a heat map that is in view: names at the left, examples at the top, a cell for each score.
 *
 * @module
 */
import type { HeatCell, HeatWindow } from "../api.ts";
import { onOneLine } from "./control-characters.ts";
import { score } from "./format.ts";
import { colour } from "./parts/colours.ts";
import type { Viewport } from "./parts/use-viewport.ts";

/** What colours mean: the score, or how much it differs from the parent's. */
export type HeatColours = "score" | "difference";

export interface HeatPlace {
  readonly row: number;
  readonly column: number;
}

export interface HeatMeasures {
  readonly label: number;
  readonly head: number;
  readonly row: number;
  readonly column: number;
}

/** Few examples get cells that are wide enough for numbers. */
export function heatMeasures(width: number, columns: number): HeatMeasures {
  const label = width < 560 ? 110 : 210;
  const column = Math.max(14, Math.min(48, Math.floor((width - label - 2) / Math.max(1, columns))));
  return { label, head: 40, row: 22, column };
}

interface HeatDrawing {
  readonly window: HeatWindow;
  readonly view: Viewport;
  readonly measures: HeatMeasures;
  readonly colours: HeatColours;
  readonly cursor: HeatPlace | undefined;
}

export function drawHeat(canvas: HTMLCanvasElement, drawing: HeatDrawing): void {
  const { view, measures } = drawing;
  const ratio = devicePixelRatio;
  canvas.width = view.width * ratio;
  canvas.height = view.height * ratio;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(ratio, ratio);
  context.textBaseline = "middle";
  context.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  const palette = paletteOf();
  clipped(context, [measures.label, measures.head, view.width, view.height], () => drawCells(context, drawing, palette));
  clipped(context, [0, measures.head, measures.label, view.height], () => drawNames(context, drawing, palette));
  clipped(context, [measures.label, 0, view.width, measures.head], () => drawHead(context, drawing, palette));
}

type Palette = ReturnType<typeof paletteOf>;

function paletteOf() {
  const names = ["text", "quiet", "grid", "surface", "accent", "failed", "failed-text"] as const;
  const colours = Object.fromEntries(names.map((name) => [name, colour(name)])) as Record<(typeof names)[number], string>;
  const rgb = (name: string): Rgb => parseHex(colour(name));
  return {
    ...colours,
    low: rgb("heat-low"),
    high: rgb("heat-high"),
    even: rgb("heat-even"),
    worse: rgb("heat-worse"),
    better: rgb("heat-better"),
  };
}

function drawCells(
  context: CanvasRenderingContext2D,
  { window, view, measures, colours, cursor }: HeatDrawing,
  palette: Palette,
): void {
  const span = largestDifference(window);
  for (const [offset, row] of window.rows.entries()) {
    const y = measures.head + (window.from + offset) * measures.row - view.top;
    if (y < -measures.row || y > view.height) continue;
    for (const [place, cell] of row.cells.entries()) {
      const x = measures.label + (window.columnsFrom + place) * measures.column - view.left;
      if (x < -measures.column || x > view.width) continue;
      const difference = row.differences[place] ?? null;
      const shade = shadeOf(cell, difference, colours, window.range, span, palette);
      drawCell(context, { x, y, measures, cell, shade, text: colours === "difference" ? difference : cell }, palette);
    }
  }
  if (cursor === undefined) return;
  context.strokeStyle = palette.text;
  context.lineWidth = 2;
  const x = measures.label + cursor.column * measures.column - view.left;
  const y = measures.head + cursor.row * measures.row - view.top;
  context.strokeRect(x + 0.5, y + 0.5, measures.column - 1, measures.row - 1);
}

interface DrawnCell {
  readonly x: number;
  readonly y: number;
  readonly measures: HeatMeasures;
  readonly cell: HeatCell;
  readonly shade: Rgb | undefined;
  readonly text: HeatCell;
}

function drawCell(context: CanvasRenderingContext2D, { x, y, measures, cell, shade, text }: DrawnCell, palette: Palette): void {
  const [width, height] = [measures.column - 1, measures.row - 1];
  const [middle, centre] = [x + width / 2, y + height / 2 + 1];
  context.textAlign = "center";
  if (cell === "failed" || cell === "unscored") {
    context.fillStyle = cell === "failed" ? palette.failed : palette.grid;
    context.fillRect(x, y, width, height);
    context.fillStyle = cell === "failed" ? palette["failed-text"] : palette.quiet;
    context.fillText(cell === "failed" ? "✕" : "–", middle, centre);
    return;
  }
  if (shade === undefined) {
    // Not measured, or with nothing to compare: a dot.
    context.fillStyle = palette.grid;
    context.fillRect(middle - 1, centre - 2, 2, 2);
    return;
  }
  context.fillStyle = `rgb(${shade.join(" ")})`;
  context.fillRect(x, y, width, height);
  if (measures.column < 36 || typeof text !== "number") return;
  context.fillStyle = isDark(shade) ? "#fff" : "#14161a";
  context.fillText(score(text).replace(/^(−?)0\./, "$1."), middle, centre);
}

function drawNames(context: CanvasRenderingContext2D, { window, view, measures, cursor }: HeatDrawing, palette: Palette): void {
  for (const [offset, row] of window.rows.entries()) {
    const y = measures.head + (window.from + offset + 0.5) * measures.row - view.top;
    if (y < 0 || y > view.height + measures.row) continue;
    const isCurrent = cursor?.row === window.from + offset;
    context.fillStyle = isCurrent || row.isBest ? palette.text : palette.quiet;
    context.textAlign = "left";
    const name = `${row.isBest ? "★ " : ""}${shortId(row.id)}`;
    context.fillText(fitted(context, name, measures.label - 62), 8, y);
    context.textAlign = "right";
    context.fillText(score(row.mean), measures.label - 8, y);
  }
}

/** Numbers of examples as many as fit, and a bar for each: the fuller, the easier. */
function drawHead(context: CanvasRenderingContext2D, { window, view, measures, cursor }: HeatDrawing, palette: Palette): void {
  const [lowest, highest] = window.range ?? [0, 1];
  const every = Math.ceil(34 / measures.column);
  for (const [place, { example, mean }] of window.columns.entries()) {
    const column = window.columnsFrom + place;
    const x = measures.label + column * measures.column - view.left;
    if (x < -measures.column || x > view.width) continue;
    const isCurrent = cursor?.column === column;
    if (column % every === 0 || isCurrent) {
      context.textAlign = "left";
      context.fillStyle = isCurrent ? palette.text : palette.quiet;
      if (isCurrent) context.clearRect(x - 2, 0, 40, 20);
      context.fillText(`#${example}`, x, 11);
    }
    context.fillStyle = palette.grid;
    context.fillRect(x, 22, measures.column - 1, 14);
    if (mean === null) continue;
    const size = highest > lowest ? Math.max(0, Math.min(1, (mean - lowest) / (highest - lowest))) * 14 : 7;
    context.fillStyle = isCurrent ? palette.accent : palette.quiet;
    context.fillRect(x, 36 - size, measures.column - 1, size);
  }
}

function shadeOf(
  cell: HeatCell,
  difference: number | null,
  colours: HeatColours,
  range: HeatWindow["range"],
  span: number,
  palette: Palette,
): Rgb | undefined {
  if (typeof cell !== "number") return undefined;
  if (colours === "difference") {
    if (difference === null) return undefined;
    const far = span === 0 ? 0 : Math.min(1, Math.abs(difference) / span);
    return mixed(palette.even, difference < 0 ? palette.worse : palette.better, Math.sqrt(far));
  }
  const [low, high] = range ?? [0, 1];
  return mixed(palette.low, palette.high, high > low ? Math.max(0, Math.min(1, (cell - low) / (high - low))) : 1);
}

function largestDifference({ range }: HeatWindow): number {
  return range === null ? 1 : range[1] - range[0];
}

/** Without what every id of a run begins with: `3/0` for the first proposal of the third iteration. */
export function shortId(id: string): string {
  return onOneLine(
    id.replace(/^iteration\/(?:(\d+)\/proposal\/(?=\d+$))?/, (_, iteration) => (iteration === undefined ? "" : `${iteration}/`)),
    60,
  );
}

function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}

function clipped(
  context: CanvasRenderingContext2D,
  [left, top, right, bottom]: readonly [number, number, number, number],
  draw: () => void,
): void {
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, bottom - top);
  context.clip();
  draw();
  context.restore();
}

type Rgb = readonly [number, number, number];

function parseHex(hex: string): Rgb {
  const digits = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(hex)?.slice(1) ?? ["80", "80", "80"];
  return digits.map((pair) => Number.parseInt(pair, 16)) as unknown as Rgb;
}

function mixed(from: Rgb, to: Rgb, share: number): Rgb {
  return from.map((value, place) => Math.round(value + ((to[place] ?? 0) - value) * share)) as unknown as Rgb;
}

function isDark([red, green, blue]: Rgb): boolean {
  return red * 0.299 + green * 0.587 + blue * 0.114 < 140;
}
