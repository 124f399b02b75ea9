/**
 * Plain-text layout for the console: rows in columns, facts with their labels, curves in one line, dates.
 *
 * @module
 */

import type { Paint } from "../loggers/printable.ts";
import { widthOf, wrapPieces } from "./word-diff.ts";

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** @default "left" */
  readonly align?: "left" | "right";
  /** On a narrow terminal the columns of the highest number go first; 0 never goes. @default 0 */
  readonly dispensable?: number;
}

const gap = "  ";

/** The lines of a table, the titles first; columns that find no room are left out. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[], maxWidth: number): string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => widthOf(row[index] ?? ""))));
  const shown = fitting(columns, widths, maxWidth);
  return all.map((row) =>
    shown
      .map((index) => {
        const text = row[index] ?? "";
        const padding = " ".repeat((widths[index] ?? 0) - widthOf(text));
        return columns[index]?.align === "right" ? padding + text : text + padding;
      })
      .join(gap)
      .trimEnd(),
  );
}

/** The columns that are shown, by index. */
function fitting(columns: readonly Column[], widths: readonly number[], maxWidth: number): number[] {
  const shown = columns.map((_, index) => index);
  const width = (): number => shown.reduce((sum, index) => sum + (widths[index] ?? 0), gap.length * (shown.length - 1));
  while (width() > maxWidth) {
    const [first] = [...shown].sort((a, b) => rank(columns[b]) - rank(columns[a]));
    if (first === undefined || rank(columns[first]) === 0) break;
    shown.splice(shown.indexOf(first), 1);
  }
  return shown;
}

function rank(column: Column | undefined): number {
  return column?.dispensable ?? 0;
}

/** One line for each fact; those without a value are left out. Further lines of a value are indented like its first. */
export function factLines(
  facts: readonly (readonly [name: string, value: string])[],
  { paint, columns }: { readonly paint: Paint; readonly columns: number },
): string[] {
  const known = facts.filter(([, value]) => value !== "");
  const width = Math.max(0, ...known.map(([name]) => name.length)) + 2;
  return known.flatMap(([name, value]) => {
    const lines = value.split("\n").flatMap((line) => wrapLine(line, columns - width));
    return lines.map((line, index) => paint("dim", (index === 0 ? name : "").padEnd(width)) + line);
  });
}

function wrapLine(text: string, width: number): string[] {
  return wrapPieces([{ text, isChanged: false }], width).map((pieces) =>
    pieces
      .map((piece) => piece.text)
      .join("")
      .trimEnd(),
  );
}

const bars = "▁▂▃▄▅▆▇█";

/** At most `width` bars from the lowest to the highest number, each the last of its stretch; what has no number is a blank. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const length = Math.min(values.length, width);
  const shown = Array.from({ length }, (_, index) => values[Math.ceil(((index + 1) * values.length) / length) - 1] ?? null);
  const numbers = shown.filter((value) => value !== null);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return shown.map((value) => (value === null ? " " : bars[barOf(value, low, high)])).join("");
}

function barOf(value: number, low: number, high: number): number {
  return high === low ? 3 : Math.min(bars.length - 1, Math.floor(((value - low) / (high - low)) * bars.length));
}

/** `2026-11-25 08:30` where this machine is; `?` for what is no moment. */
export function dateText(iso: string | null): string {
  const date = new Date(iso ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return "?";
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
