/**
 * The rows of files, one at a time, each with the place it came from.
 *
 * @module
 */
import { extname } from "node:path";
import { InvalidArgumentError } from "../errors.ts";
import { type DatasetLike, toDataset } from "./dataset.ts";
import { describeValue, isPlainObject } from "./json.ts";
import type { PlacedRow, ReadRowsOptions } from "./placed-row.ts";
import { readCsv } from "./read-csv.ts";
import { readParquet } from "./read-parquet.ts";
import { type ReadTextOptions, readText } from "./read-text.ts";

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
    `${place} is not whole: Hugging Face cut off the columns ${truncated_cells.join(", ")}. Download the Parquet files of the data set instead`,
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
