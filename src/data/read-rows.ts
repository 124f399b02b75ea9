/**
 * The rows of JSON Lines, CSV and JSON files, one at a time, each with the place it came from.
 *
 * @module
 */
import { extname } from "node:path";
import { pipeline } from "node:stream";
import { InvalidArgumentError } from "../errors.ts";
import { type DatasetLike, toDataset } from "./dataset.ts";
import { describeValue, isPlainObject } from "./json.ts";
import { type ReadTextOptions, readText } from "./read-text.ts";

/** One row of a file. `place` says where it stands, for messages: `mails.csv:12`. */
export interface PlacedRow {
  readonly place: string;
  readonly row: unknown;
}

/** How files are read. */
export interface ReadRowsOptions extends ReadTextOptions {
  /** What separates the fields of CSV files. @default "," */
  readonly delimiter?: string | undefined;
}

type RowReader = (path: string, options: ReadRowsOptions) => AsyncGenerator<PlacedRow, void, undefined>;

const readers: Readonly<Record<string, RowReader>> = { ".jsonl": readJsonLines, ".csv": readCsv, ".json": readJson };

/**
 * Reads a file by its ending. JSON Lines and CSV are streamed; JSON is read whole.
 *
 * @throws InvalidArgumentError for another ending, an unreadable file, text in another encoding, or a malformed row.
 */
export function readRows(path: string, options: ReadRowsOptions = {}): AsyncGenerator<PlacedRow, void, undefined> {
  const reader = readers[extname(path).toLowerCase()];
  if (options.delimiter !== undefined && reader !== undefined && reader !== readCsv) {
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

async function* readCsv(
  path: string,
  { delimiter = ",", ...options }: ReadRowsOptions,
): AsyncGenerator<PlacedRow, void, undefined> {
  const { CsvError, parse } = await import("csv-parse");
  // Counted here because the parser counts a CR LF inside quotes as two lines, and reports where a record ends.
  let line = 1;
  const parser = parse({
    delimiter,
    relax_column_count: true,
    on_record: (fields: string[]) => {
      const start = line;
      line += 1 + fields.reduce((breaks, field) => breaks + (field.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
      return fields.length === 1 && fields[0] === "" ? null : [`${path}:${start}`, ...fields];
    },
  });
  // Whatever fails in the pipeline ends the loop below, so its callback has nothing left to do.
  pipeline(readText(path, options), parser, () => {});
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

async function* readJson(path: string, options: ReadTextOptions): AsyncGenerator<PlacedRow, void, undefined> {
  let text = "";
  for await (const piece of readText(path, options)) text += piece;
  const content = parseJson(text, path);
  // The form with two lists is what `toDataset` takes too.
  const rows = isPlainObject(content) ? toDataset(content as DatasetLike<unknown, unknown>, path) : content;
  if (!Array.isArray(rows)) {
    throw new InvalidArgumentError(`Expected a list of rows or { inputs, infos } in ${path}, got ${describeValue(content)}`);
  }
  for (const [index, row] of rows.entries()) yield { place: `${path}[${index}]`, row };
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

/** What to write when the one column of a file looks like several, separated by something else than a comma. */
export function delimiterHint(columns: readonly string[]): string {
  const [, separator] = (columns.length === 1 && /([;\t|])/.exec(columns[0] ?? "")) || [];
  return separator === undefined
    ? ""
    : `. Its columns seem to be separated by ${JSON.stringify(separator)}: set the option \`delimiter\``;
}
