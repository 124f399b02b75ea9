/**
 * A program with one of its lines marked, for whoever has to mend it.
 *
 * @module
 */

/** Programs up to this many lines are shown whole. */
const mostLines = 60;
/** Of longer ones, so many lines before and after the marked one. */
const linesAround = 20;

/** The program with `mark` behind that line (counted from 1), or at its end when no line is known. */
export function markLine(source: string, line: number | undefined, mark: string): string {
  const lines = source.split("\n");
  // The mark is one line, too, whatever the message.
  const note = mark.replace(/\s*\n\s*/g, " ");
  if (line === undefined || line > lines.length) return [...shown(lines, 1), note].join("\n");
  const marked = lines.with(line - 1, `${lines[line - 1]}  ${note}`);
  return shown(marked, line).join("\n");
}

function shown(lines: readonly string[], line: number): string[] {
  if (lines.length <= mostLines) return [...lines];
  const from = Math.max(0, line - 1 - linesAround);
  const to = Math.min(lines.length, line + linesAround);
  return [...left(from), ...lines.slice(from, to), ...left(lines.length - to)];
}

function left(count: number): string[] {
  return count === 0 ? [] : [`… (${count} ${count === 1 ? "line" : "lines"})`];
}
