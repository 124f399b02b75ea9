/**
 * Rows of text in columns.
 *
 * @module
 */
import { widthOf } from "./wrap-pieces.ts";

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
