/**
 * The rows of files, one at a time, each with the place it came from: CSV, JSON Lines, JSON, and Parquet.
 *
 * @module
 */
import { extname } from "node:path";
import { InvalidArgumentError } from "../errors.ts";
import { type DatasetLike, toDataset } from "./dataset.ts";
import { describeValue, isPlainObject, type JsonValue } from "./json.ts";
import { nodeStream } from "./load-on-demand.ts";
import { loadPackage } from "./load-package.ts";
import { type ReadTextOptions, readText } from "./read-text.ts";

/** One row of a file. `place` says where it is, for messages: `mails.csv:12`. */
export interface PlacedRow {
  readonly place: string;
  readonly row: unknown;
}

/** How files are read. */
export interface ReadRowsOptions extends ReadTextOptions {
  /** What separates the fields of CSV files. @default the one that the header has most of */
  readonly delimiter?: string | undefined;
}

type RowReader = (path: string, options: ReadRowsOptions) => AsyncGenerator<PlacedRow, void, undefined>;

const readers: Readonly<Record<string, RowReader>> = {
  ".jsonl": readJsonLines,
  ".csv": readCsv,
  ".tsv": (path, options) => readCsv(path, { delimiter: "\t", ...options }),
  ".json": readJson,
  ".parquet": readParquet,
};

const separated: readonly (string | undefined)[] = [".csv", ".tsv"];

/** Whether a file has rows, by its ending. */
export function hasRows(path: string): boolean {
  return Object.hasOwn(readers, extname(path).toLowerCase());
}

/**
 * Reads a file by its ending. JSON Lines, CSV and Parquet are streamed; JSON is read whole.
 *
 * @throws InvalidArgumentError for another ending, an unreadable file, text in another encoding, or a malformed row.
 * @throws MissingPackageError for Parquet where hyparquet is not installed
 */
export function readRows(path: string, options: ReadRowsOptions = {}): AsyncGenerator<PlacedRow, void, undefined> {
  const ending = extname(path).toLowerCase();
  const reader = readers[ending];
  if (options.delimiter !== undefined && reader !== undefined && !separated.includes(ending)) {
    throw new InvalidArgumentError(`\`delimiter\` is only for .csv files, got ${describeValue(options.delimiter)} for ${path}`);
  }
  if (reader !== undefined) return reader(path, options);
  throw new InvalidArgumentError(`Expected a file ending in ${Object.keys(readers).join(", ")}, got ${describeValue(path)}`);
}

async function* readJsonLines(path: string, options: ReadTextOptions): AsyncGenerator<PlacedRow, void, undefined> {
  let number = 0;
  for await (const line of linesOf(readText(path, options))) {
    number += 1;
    if (line.trim() !== "") yield { place: `${path}:${number}`, row: parseJson(line, `${path}:${number}`) };
  }
}

async function* readJson(path: string, options: ReadTextOptions): AsyncGenerator<PlacedRow, void, undefined> {
  let text = "";
  for await (const piece of readText(path, options)) text += piece;
  const content = parseJson(text, path);
  const rows = listIn(content, path);
  if (!Array.isArray(rows)) {
    throw new InvalidArgumentError(`Expected a list of rows or { inputs, infos } in ${path}, got ${describeValue(content)}`);
  }
  for (const [index, row] of rows.entries()) yield { place: `${path}[${index}]`, row };
}

/** The rows of a JSON file: a list, two lists side by side, or a page of a data set of Hugging Face. */
function listIn(content: unknown, path: string): unknown {
  if (!isPlainObject(content)) return content;
  const { rows } = content;
  if (Array.isArray(rows)) return rows.map((row: unknown, index) => ownRow(row, `${path}[${index}]`));
  // The form that `toDataset` takes too.
  return toDataset(content as DatasetLike<unknown, unknown>, path);
}

/** A row as Hugging Face serves it: with its number, and what was cut off in it. */
function ownRow(row: unknown, place: string): unknown {
  if (!isPlainObject(row) || !isPlainObject(row.row)) return row;
  const { truncated_cells } = row;
  if (!Array.isArray(truncated_cells) || truncated_cells.length === 0) return row.row;
  throw new InvalidArgumentError(
    `${place} is incomplete: Hugging Face cut off the columns ${truncated_cells.join(", ")}. Download the Parquet files of the data set instead`,
  );
}

/** Not `readline`, which also breaks at U+2028 and U+2029: they may stand inside JSON strings. */
async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let unfinished = "";
  for await (const piece of text) {
    const lines = piece.split("\n");
    lines[0] = unfinished + lines[0];
    unfinished = lines.pop()!;
    yield* lines;
  }
  yield unfinished;
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { message } = cause as SyntaxError;
    throw new InvalidArgumentError(`Expected ${place} to be JSON, got ${describeValue(text)}: ${message}`, { cause });
  }
}

/**
 * Reads a CSV file as a stream, a record at a time, by RFC 4180.
 *
 * @throws InvalidArgumentError for a malformed record; the message names its line
 */
async function* readCsv(path: string, options: ReadRowsOptions): AsyncGenerator<PlacedRow, void, undefined> {
  const { CsvError, parse } = await import("csv-parse");
  const { delimiter: given, ...reading } = options;
  const text = readText(path, reading);
  const head = await firstLine(text);
  const header = head.replace(/^[\r\n]+/, "").replace(/"(?:[^"]|"")*"/g, "");
  const delimiter = given ?? delimiterIn(header);
  // Counted here because the parser counts a CR LF inside quotes as two lines, and reports where a record ends.
  let line = 1;
  const parser = parse({
    delimiter,
    // Files that programs of several systems have written to mix the two. A carriage return alone is part of a field in most files.
    record_delimiter: /^[^\r\n]*\r(?!\n)/.test(header) ? ["\r\n", "\n", "\r"] : ["\r\n", "\n"],
    relax_column_count: true,
    on_record: (fields: string[]) => {
      const start = line;
      line += 1 + fields.reduce((breaks, field) => breaks + (field.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
      return fields.length === 1 && fields[0] === "" ? null : [`${path}:${start}`, ...fields];
    },
  });
  // Whatever fails in the pipeline ends the loop below, so its callback has nothing left to do.
  nodeStream().pipeline(continued(head, text), parser, () => {});
  let columns: readonly string[] | undefined;
  try {
    for await (const [place, ...fields] of parser as AsyncIterable<[place: string, ...fields: string[]]>) {
      if (columns === undefined) columns = checkColumns(fields, place);
      else yield { place, row: toRecord(columns, fields, place) };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const reason = error.message.replace(/ (at|on) line \d+/, "");
    throw new InvalidArgumentError(`Expected ${path}:${line} to be a CSV record: ${reason}`, { cause: error });
  }
}

/** The beginning of a text, up to where its first line with any content ends. */
async function firstLine(text: AsyncIterator<string>): Promise<string> {
  let head = "";
  for (let isWhole = false; !isWhole; ) {
    const { value, done } = await text.next();
    if (done === true) break;
    head += value;
    isWhole = /[\r\n]/.test(head.replace(/^[\r\n]+/, ""));
  }
  return head;
}

async function* continued(head: string, rest: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  if (head !== "") yield head;
  yield* rest;
}

const delimiters = [",", ";", "\t", "|"] as const;

/** The delimiter that the header, a text without what is in quotes, has most of in its first line; a comma where it has none. */
function delimiterIn(header: string): string {
  const [line = ""] = header.split(/[\r\n]/);
  const counts = delimiters.map((delimiter) => line.split(delimiter).length - 1);
  return delimiters[counts.indexOf(Math.max(...counts))] as string;
}

function checkColumns(columns: readonly string[], place: string): readonly string[] {
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice === undefined) return columns;
  throw new InvalidArgumentError(`Expected ${place} to name every column once, got \`${twice}\` twice`);
}

function toRecord(columns: readonly string[], fields: readonly string[], place: string): Record<string, string> {
  if (fields.length === columns.length) return Object.fromEntries(columns.map((column, index) => [column, fields[index]!]));
  throw new InvalidArgumentError(
    `Expected ${place} to have ${columns.length} fields (${columns.join(", ")}), got ${fields.length}: ${describeValue(fields)}${delimiterHint(columns)}`,
  );
}

/** What to write when the one column of a file looks like several, separated by something else than the delimiter. */
export function delimiterHint(columns: readonly string[]): string {
  const [, separator] = (columns.length === 1 && /([,;\t|])/.exec(columns[0] ?? "")) || [];
  return separator === undefined
    ? ""
    : `. Its columns seem to be separated by ${JSON.stringify(separator)}: set the option \`delimiter\``;
}

/** What of hyparquet is used. */
interface Hyparquet {
  asyncBufferFromFile(path: string): Promise<object>;
  parquetMetadataAsync(file: object): Promise<{ readonly row_groups: readonly { readonly num_rows: bigint }[] }>;
  parquetReadObjects(options: object): Promise<readonly Record<string, unknown>[]>;
}

/**
 * Reads a Parquet file, a row group at a time.
 *
 * @throws MissingPackageError naming the command that installs hyparquet
 * @throws InvalidArgumentError for a file that cannot be read
 */
async function* readParquet(path: string, { signal }: ReadRowsOptions): AsyncGenerator<PlacedRow, void, undefined> {
  const parquet = (await loadPackage("hyparquet", "A Parquet file")) as unknown as Hyparquet;
  const compressors = await optionalCompressors();
  try {
    const file = await parquet.asyncBufferFromFile(path);
    const metadata = await parquet.parquetMetadataAsync(file);
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      signal?.throwIfAborted();
      const rowEnd = rowStart + Number(num_rows);
      const rows = await parquet.parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors });
      for (const [index, row] of rows.entries()) yield { place: `${path}[${rowStart + index}]`, row: plainRow(row) };
      rowStart = rowEnd;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new InvalidArgumentError(`Could not read ${path} as Parquet: ${hintOf(cause)}`, { cause });
  }
}

/** hyparquet itself knows no compression but snappy. */
async function optionalCompressors(): Promise<unknown> {
  try {
    return (await loadPackage("hyparquet-compressors", "A compressed Parquet file")).compressors;
  } catch {
    return undefined;
  }
}

function hintOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : describeValue(cause);
  return /compression/i.test(message) ? `${message}. Run: npm install hyparquet-compressors` : message;
}

function plainRow(row: Record<string, unknown>): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainValue(value)]));
}

/** As JSON has it: whole numbers beyond what a number can hold as text, moments as ISO text, bytes as text. */
function plainValue(value: unknown): JsonValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, plainValue);
  if (isPlainObject(value)) return plainRow(value);
  return value as JsonValue;
}
