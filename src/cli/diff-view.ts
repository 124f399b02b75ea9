/**
 * Two sets of parameters as people read them: side by side where there is room, else one below the other.
 *
 * @module
 */
import { type JsonValue, textOf } from "../data/json.ts";
import type { Paint, Style } from "../loggers/paint.ts";
import { onOneLine, printable } from "../loggers/printable.ts";
import type { ParameterChange } from "./parameter-changes.ts";
import { type DiffRow, diffRows, type Piece } from "./word-diff.ts";
import { widthOf, wrapPieces } from "./wrap-pieces.ts";

/** How to show it. */
export interface DiffViewOptions {
  readonly from: string;
  readonly to: string;
  readonly columns: number;
  readonly paint: Paint;
  /** Without colours there are only lines that begin with `-` and `+`. */
  readonly hasColor: boolean;
}

/** From here on two columns can be read. */
const wide = 100;
/** Lines that are the same on both sides are shown only this near to a change. */
const context = 3;

/** The lines to print, safe for a terminal. */
export function diffView(changes: readonly ParameterChange[], options: DiffViewOptions): string[] {
  const { paint, from, to } = options;
  const different = changes.filter(({ state }) => state !== "same");
  const same = changes.filter(({ state }) => state === "same").map(({ path }) => onOneLine(path));
  const isWide = options.hasColor && options.columns >= wide;
  const heading = isWide
    ? [beside(paint("bold", cut(from, options)), paint("bold", cut(to, options)), options)]
    : [paint("red", `--- ${onOneLine(from)}`), paint("green", `+++ ${onOneLine(to)}`)];
  const lines = different.flatMap((change) => ["", paint("bold", title(change)), ...body(change, isWide, options)]);
  const rest = same.length === 0 ? [] : ["", paint("dim", `the same: ${same.join(", ")}`)];
  return different.length === 0
    ? [`No difference between ${onOneLine(from)} and ${onOneLine(to)}`]
    : [...heading, ...lines, ...rest];
}

function title({ path, state, from, to }: ParameterChange): string {
  const name = onOneLine(path);
  if (state === "added") return `${name} (added)`;
  if (state === "removed") return `${name} (removed)`;
  return typeOf(from) === typeOf(to) ? name : `${name} (${typeOf(from)} → ${typeOf(to)})`;
}

function body(change: ParameterChange, isWide: boolean, options: DiffViewOptions): string[] {
  return folded(rowsOf(change)).flatMap((part) => {
    if (typeof part === "number") return [options.paint("dim", `  … ${part} ${part === 1 ? "line" : "lines"} the same …`)];
    return isWide ? part.flatMap((row) => sideBySide(row, options)) : stacked(part, options);
  });
}

function rowsOf({ from, to }: ParameterChange): DiffRow[] {
  const areTexts = [from, to].every((value) => value === undefined || typeof value === "string");
  const whole = (value: JsonValue | undefined): Piece[][] => {
    return textFor(value, areTexts)
      .split("\n")
      .map((text) => [{ text, isChanged: true }]);
  };
  if (from === undefined) return whole(to).map((right) => ({ isSame: false, left: undefined, right }));
  if (to === undefined) return whole(from).map((left) => ({ isSame: false, left, right: undefined }));
  return diffRows(textFor(from, areTexts), textFor(to, areTexts));
}

/** Strings as they are, unless something else stands on the other side. */
function textFor(value: JsonValue | undefined, areTexts: boolean): string {
  if (areTexts) return printable(textOf(value));
  return printable(typeof value === "string" ? JSON.stringify(value) : textOf(value, 2));
}

/** Runs of rows, and in between how many rows are left out. */
function folded(rows: readonly DiffRow[]): (DiffRow[] | number)[] {
  const isNear = rows.map((_, index) => rows.slice(Math.max(0, index - context), index + context + 1).some((row) => !row.isSame));
  const parts: (DiffRow[] | number)[] = [];
  for (const [index, row] of rows.entries()) {
    const last = parts.at(-1);
    if (isNear[index]) {
      if (Array.isArray(last)) last.push(row);
      else parts.push([row]);
    } else if (typeof last === "number") parts[parts.length - 1] = last + 1;
    else parts.push(1);
  }
  return parts;
}

/** Changes that stand together: first what was, then what is. */
function stacked(rows: readonly DiffRow[], options: DiffViewOptions): string[] {
  const { paint } = options;
  const lines: string[] = [];
  let added: string[] = [];
  for (const { isSame, left, right } of rows) {
    if (isSame) {
      lines.push(...added, `  ${painted(left ?? [], "dim", options)}`.trimEnd());
      added = [];
      continue;
    }
    if (left !== undefined) lines.push(`${paint("red", "-")} ${painted(left, "red", options)}`);
    if (right !== undefined) added.push(`${paint("green", "+")} ${painted(right, "green", options)}`);
  }
  return [...lines, ...added];
}

function sideBySide({ isSame, left, right }: DiffRow, options: DiffViewOptions): string[] {
  const { paint } = options;
  const [from, to] = [left, right].map((pieces) => (pieces === undefined ? [] : wrapPieces(pieces, columnWidth(options)))) as [
    Piece[][],
    Piece[][],
  ];
  return Array.from({ length: Math.max(from.length, to.length) }, (_, index) => {
    const mark = (pieces: Piece[] | undefined, style: Style, sign: string): string =>
      pieces === undefined ? "" : `${isSame ? " " : paint(style, sign)} ${painted(pieces, isSame ? "dim" : style, options)}`;
    return beside(mark(from[index], "red", "-"), mark(to[index], "green", "+"), options);
  });
}

/** Changed pieces in a colour; blanks that were changed are made visible. */
function painted(pieces: readonly Piece[], style: Style, { paint, hasColor }: DiffViewOptions): string {
  return pieces
    .map(({ text, isChanged }) => {
      if (!isChanged) return text;
      const isBlank = hasColor && text.trim() === "";
      return paint(style, isBlank ? "·".repeat(text.length) : text);
    })
    .join("");
}

function beside(left: string, right: string, options: DiffViewOptions): string {
  const padding = " ".repeat(Math.max(0, columnWidth(options) + 2 - widthOf(left)));
  return `${left}${padding} ${options.paint("dim", "│")} ${right}`.trimEnd();
}

/** Of the text in one of two columns: what signs and the line between them leave. */
function columnWidth({ columns }: DiffViewOptions): number {
  return Math.floor((columns - 7) / 2);
}

function cut(text: string, options: DiffViewOptions): string {
  const line = onOneLine(text);
  const [first = []] = wrapPieces([{ text: line, isChanged: false }], columnWidth(options));
  return first.map((piece) => piece.text).join("");
}

function typeOf(value: JsonValue | undefined): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}
