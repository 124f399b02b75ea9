/**
 * Lines of a text: between an offset and a line with a column, and the indentation that lines share.
 *
 * @module
 */

/** Offsets at which the lines of a text begin. */
export type LineStarts = readonly number[];

export function lineStarts(text: string): LineStarts {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Both counted from 0. `undefined` when there is no such line. */
export function offsetAt(starts: LineStarts, line: number, column: number): number | undefined {
  const start = starts[line];
  return start === undefined ? undefined : start + column;
}

/** Both counted from 0. */
export function positionAt(starts: LineStarts, offset: number): { readonly line: number; readonly column: number } {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { line: low, column: offset - (starts[low] ?? 0) };
}

/**
 * Takes away the indentation that all lines but the first share; the first begins where its text begins.
 *
 * @param isFixed - lines (counted from 0) that begin inside a string: they neither count nor change
 */
export function withoutIndentation(text: string, isFixed: (line: number) => boolean): string {
  const lines = text.split("\n");
  const counted = lines.filter((line, index) => index > 0 && !isFixed(index) && line.trim() !== "");
  const [first] = counted;
  if (first === undefined) return text;
  let shared = /^[ \t]*/.exec(first)?.[0] ?? "";
  for (const line of counted) while (!line.startsWith(shared)) shared = shared.slice(0, -1);
  return lines
    .map((line, index) => {
      if (index === 0 || isFixed(index)) return line;
      return line.startsWith(shared) ? line.slice(shared.length) : line.trimStart();
    })
    .join("\n");
}

/** Moves all lines two columns in, except blank ones and those that begin inside a string. */
export function withIndentation(text: string, isFixed: (line: number) => boolean): string {
  return text
    .split("\n")
    .map((line, index) => (line.trim() === "" || isFixed(index) ? line : `  ${line}`))
    .join("\n");
}
