/**
 * Results as a Markdown table.
 *
 * @module
 */

/** Prints a table for a page of `docs/decisions`. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  console.log([line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n"));
}

/** `0.5` as `50%`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}
