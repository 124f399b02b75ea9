/**
 * `opto diff`: how the parameters of two runs or files differ, as lines or side by side.
 *
 * @module
 */
import { type JsonValue, jsonEqual } from "../../data/json.ts";
import { counted } from "../../data/number-text.ts";
import type { Candidate } from "../../graph/with-values.ts";
import { onOneLine, type Paint, printable } from "../../loggers/printable.ts";
import { type CommandCall, type ExitCode, exitCodes } from "../command.ts";
import { bestOf, type NamedParameters, readParameters, startOf } from "../parameter-source.ts";
import { findRun, readingPlace } from "../run-folder.ts";
import { type DiffRow, diffRows, type Piece, widthOf, wrapPieces } from "../word-diff.ts";

/** Prints the difference; of the newest run and its start when nothing is named. */
export async function diffCommand(call: CommandCall): Promise<ExitCode> {
  const { out } = call;
  const [from, to] = await sides(call);
  const changes = parameterChanges(from.parameters, to.parameters);
  const { columns, paint, hasColor } = out;
  const lines = diffView(changes, { from: from.name, to: to.name, columns, paint, hasColor });
  out.result(lines, { from: from.name, to: to.name, parameters: changes.map(changeDocument) });
  return exitCodes.done;
}

/** A change for programs; a side that has no value is left out. */
export function changeDocument({ path, state, from, to }: ParameterChange): JsonValue {
  return { path, state, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

async function sides(call: CommandCall): Promise<[NamedParameters, NamedParameters]> {
  const place = { ...(await readingPlace(call)), cwd: call.cwd };
  const [first, second] = call.args;
  if (first !== undefined && second !== undefined)
    return [await readParameters(first, place), await readParameters(second, place)];
  if (first !== undefined && /\.json$|[/\\]|@start$/.test(first)) {
    // A file has no start: what the newest run has found is held against it.
    return [await readParameters(first, place), bestOf(await findRun(place.runDir, undefined))];
  }
  const run = await findRun(place.runDir, first);
  return [startOf(run), bestOf(run)];
}

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
/** Up to here a list or object is shown on one line. */
const maxInline = 60;

/** The lines to print, safe for a terminal. */
export function diffView(changes: readonly ParameterChange[], options: DiffViewOptions): string[] {
  const { paint, from, to } = options;
  const different = changes.filter(({ state }) => state !== "same");
  const same = changes.filter(({ state }) => state === "same").map(({ path }) => onOneLine(path));
  const isWide = options.hasColor && options.columns >= wide && Number.isFinite(options.columns);
  const heading = isWide
    ? [beside(paint("bold", cut(from, options)), paint("bold", cut(to, options)), options)]
    : [paint("red", `--- ${onOneLine(from)}`), paint("green", `+++ ${onOneLine(to)}`)];
  const lines = different.flatMap((change) => ["", paint("bold", title(change)), ...body(change, isWide, options)]);
  const rest = same.length === 0 ? [] : ["", paint("dim", `unchanged: ${same.join(", ")}`)];
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
    if (typeof part === "number") return [options.paint("dim", `  … ${counted(part, "unchanged line")} …`)];
    return isWide ? part.flatMap((row) => sideBySide(row, options)) : stacked(part, options);
  });
}

function rowsOf({ from, to }: ParameterChange): DiffRow[] {
  const [before, after] = textsOf(from, to);
  const whole = (text: string): Piece[][] => text.split("\n").map((line) => [{ text: line, isChanged: true }]);
  if (before === undefined) return whole(after ?? "").map((right) => ({ isSame: false, left: undefined, right }));
  if (after === undefined) return whole(before).map((left) => ({ isSame: false, left, right: undefined }));
  return diffRows(before, after);
}

/** Strings as they are, unless something else stands on the other side; other values as JSON, on one line when both are short. */
function textsOf(...values: readonly (JsonValue | undefined)[]): (string | undefined)[] {
  const known = values.filter((value) => value !== undefined);
  const areTexts = known.every((value) => typeof value === "string");
  const isShort = known.every((value) => JSON.stringify(value).length <= maxInline);
  return values.map((value) => {
    if (value === undefined) return undefined;
    return printable(areTexts ? (value as string) : JSON.stringify(value, null, isShort ? undefined : 2));
  });
}

/** Runs of rows, and in between how many rows are left out. */
function folded(rows: readonly DiffRow[]): (DiffRow[] | number)[] {
  const nearChange = rows.map((_, index) =>
    rows.slice(Math.max(0, index - context), index + context + 1).some((row) => !row.isSame),
  );
  // A note would take as much room as the one line that it replaces.
  const isNear = nearChange.map((near, index) => near || ((nearChange[index - 1] ?? true) && (nearChange[index + 1] ?? true)));
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
  // Without colours the lines may be meant for a program, and stay whole.
  const width = options.hasColor ? options.columns - 2 : Number.POSITIVE_INFINITY;
  const lines: string[] = [];
  let added: string[] = [];
  for (const { isSame, left, right } of rows) {
    if (isSame) lines.push(...added);
    if (isSame) added = [];
    lines.push(...marked(left, isSame ? "same" : "removed", width, options));
    if (!isSame) added.push(...marked(right, "added", width, options));
  }
  return [...lines, ...added];
}

function sideBySide({ isSame, left, right }: DiffRow, options: DiffViewOptions): string[] {
  const width = columnWidth(options);
  const from = marked(left, isSame ? "same" : "removed", width, options);
  const to = marked(right, isSame ? "same" : "added", width, options);
  return Array.from({ length: Math.max(from.length, to.length) }, (_, index) =>
    beside(from[index] ?? "", to[index] ?? "", options),
  );
}

const marks = { same: [" ", "dim"], removed: ["-", "red"], added: ["+", "green"] } as const;

/** The lines of one side with their sign, changed words in colour. */
function marked(
  pieces: readonly Piece[] | undefined,
  kind: keyof typeof marks,
  width: number,
  { paint, hasColor }: DiffViewOptions,
): string[] {
  if (pieces === undefined) return [];
  const [sign, style] = marks[kind];
  const shown = hasColor ? pieces.map(visible) : pieces;
  return wrapPieces(shown, width).map((line) => {
    const text = line.map((piece) => (piece.isChanged ? paint(style, piece.text) : piece.text)).join("");
    return `${paint(style, sign)} ${text}`.trimEnd();
  });
}

/** Blanks alone have no colour of their own. */
function visible({ text, isChanged }: Piece): Piece {
  return { text: isChanged && text.trim() === "" ? "·".repeat(text.length) : text, isChanged };
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

/** One parameter in two sets. A side that does not have it is `undefined`. */
export interface ParameterChange {
  readonly path: string;
  readonly state: "same" | "changed" | "added" | "removed";
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
}

/** Every parameter of either set, in the order of the first, then what only the second has. */
export function parameterChanges(from: Candidate, to: Candidate): ParameterChange[] {
  const paths = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...paths].map((path) => {
    const [left, right] = [own(from, path), own(to, path)];
    return { path, state: stateOf(left, right), from: left, to: right };
  });
}

function stateOf(left: JsonValue | undefined, right: JsonValue | undefined): ParameterChange["state"] {
  if (left === undefined) return "added";
  if (right === undefined) return "removed";
  return jsonEqual(left, right) ? "same" : "changed";
}

function own(values: Candidate, path: string): JsonValue | undefined {
  return Object.hasOwn(values, path) ? values[path] : undefined;
}
