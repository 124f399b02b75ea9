/**
 * Results as a table of aligned columns.
 *
 * @module
 */

/** A benchmark with what was measured. */
export interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly limit: number;
  /** The median of all samples. */
  readonly value: number;
  readonly samples: readonly number[];
}

/** One line for each benchmark under a heading; a missed limit is marked. */
export function table(rows: readonly Measured[]): string {
  const cells = [["", "median", "limit", "unit", "smallest", "largest", ""], ...rows.map(cellsOf)];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => align(row, widths).trimEnd()).join("\n");
}

function cellsOf({ name, value, limit, unit, samples }: Measured): string[] {
  const over = value > limit ? "over the limit" : "";
  return [name, shown(value), shown(limit), unit, shown(Math.min(...samples)), shown(Math.max(...samples)), over];
}

function align(row: readonly string[], widths: readonly number[]): string {
  const isText = (column: number): boolean => column === 0 || column === 3;
  return row
    .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
    .join("  ");
}

/** Three digits that count, and no exponent. */
function shown(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
