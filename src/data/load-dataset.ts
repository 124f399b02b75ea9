/**
 * Loading a dataset from a file or a folder: its rows, and which of their columns are the input and the info of an example.
 *
 * @module
 */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidArgumentError } from "../errors.ts";
import { type Dataset, type Example, toDataset } from "./dataset.ts";
import { describeValue, isPlainObject, type JsonValue } from "./json.ts";
import { anything, type OptionTable, withMethod } from "./option-table.ts";
import { checkTable } from "./options.ts";
import { delimiterHint, hasRows, type PlacedRow, type ReadRowsOptions, readRows } from "./read-rows.ts";
import { checkEncoding, readText } from "./read-text.ts";

/** Options of `loadDataset`. */
export interface LoadDatasetOptions<X, Info> {
  /** Stops the reading; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /**
   * What the input is made of: a column, several, or a function of the row.
   * @default "input"; in a folder of texts "text"
   */
  readonly input?: RowMapping<X>;
  /**
   * What the info is made of, in the same way; `null` where nothing is known of the inputs, so that every info is `null`.
   * @default "info", or "expected" in rows without it; in a folder of texts "folder"
   */
  readonly info?: RowMapping<Info> | null;
  /** What separates the fields of CSV files, such as `";"`. @default the one that the header has most of: `,`, `;`, a tab, or `|` */
  readonly delimiter?: string;
  /**
   * The encoding of the files, by a name that `TextDecoder` knows, such as `"latin1"` or `"utf-16le"`. A byte order mark in a
   * file says more than it.
   * @default "utf-8", or UTF-16 where the first bytes show it
   */
  readonly encoding?: string;
}

/** The options of `loadDataset`. */
export const loadTable: OptionTable<LoadDatasetOptions<unknown, unknown>> = {
  input: {
    ...anything,
    otherwise: '`"input"`; in a folder of texts `"text"`',
    about: "what the input is made of: a column, a list or an object of columns, or a function of the row",
  },
  info: {
    ...anything,
    otherwise: '`"info"`, else `"expected"`; in a folder of texts `"folder"`',
    about: "the same for the info; `null` makes every info `null`",
  },
  delimiter: {
    expected: 'a field separator, such as ";"',
    holds: (value) => typeof value === "string" && /^[^"\r\n]+$/.test(value),
    otherwise: "detected",
    about: 'the delimiter of CSV files, such as `";"` or `"\\t"`',
  },
  encoding: {
    ...anything,
    otherwise: "UTF-8, or what a byte order mark says",
    about:
      'the encoding, by a name that `TextDecoder` knows: `"latin1"`, `"windows-1252"`, `"utf-16le"`, `"shift_jis"`. A byte order mark takes precedence',
  },
  signal: { ...withMethod("throwIfAborted", "an AbortSignal"), otherwise: "none", about: "stops reading" },
};

/**
 * Reads the examples of `.jsonl`, `.csv`, `.tsv`, `.json` and `.parquet` files, of a folder, or of rows that a program generates. JSON Lines, CSV and
 * Parquet are streamed, so a file may be larger than a string can be. Blank lines are skipped.
 *
 * The types of inputs and infos are not checked: you state them, unless functions make the inputs and infos.
 *
 * @param source - a file, whose name may contain one `*` for all files that match, sorted by name; or a folder: the rows of its data files, or
 *   each of its files as a row `{ text, name, path, folder }`; or rows, as a list or an iterable, such as a generator
 * @throws MissingPackageError for Parquet where hyparquet is not installed
 * @throws InvalidArgumentError when there is no such file, no row, or a malformed row, or the text is in another encoding; the message names file and line.
 *
 * @example
 * ```ts
 * const questions = await loadDataset("data/train-*.jsonl");
 * const answers = await loadDataset("antworten.csv", { delimiter: ";", encoding: "latin1", input: "Frage", info: "Antwort" });
 * const mails = await loadDataset("mails.csv", { input: "text", info: (row) => row.label === "spam" });
 * ```
 */
export async function loadDataset<X = JsonValue, Info = JsonValue>(
  source: string | URL | AsyncIterable<unknown> | Iterable<unknown>,
  options: LoadDatasetOptions<X, Info> = {},
): Promise<Dataset<X, Info>> {
  checkTable(options, loadTable as OptionTable<LoadDatasetOptions<X, Info>>, "loadDataset", "");
  const { signal, input, info, delimiter, encoding } = options;
  checkEncoding(encoding);
  if (input !== undefined) checkMapping(input, "input");
  if (info !== undefined && info !== null) checkMapping(info, "info");
  signal?.throwIfAborted();
  const { name, rows } = rowsOf(source, { signal, delimiter, encoding });
  const examples: Example<X, Info>[] = [];
  try {
    for await (const { place, row } of rows) {
      signal?.throwIfAborted();
      examples.push({
        input: mapRow(row, place, "input", input === undefined ? ["input", ...textOnly("text", row)] : [input]) as X,
        info: (info === null
          ? null
          : mapRow(row, place, "info", info === undefined ? ["info", "expected", ...textOnly("folder", row)] : [info])) as Info,
      });
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return toDataset(examples, name);
}

/** The rows of a source, and what it is called in messages. */
function rowsOf(
  source: string | URL | AsyncIterable<unknown> | Iterable<unknown>,
  options: ReadRowsOptions,
): { readonly name: string; readonly rows: AsyncIterable<PlacedRow> } {
  if (typeof source === "string" || source instanceof URL) {
    const pattern = typeof source === "string" ? source : fileURLToPath(source);
    return { name: pattern, rows: rowsOfFiles(pattern, options) };
  }
  const given = source as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  if (typeof given?.[Symbol.asyncIterator] === "function" || typeof given?.[Symbol.iterator] === "function") {
    return { name: "rows", rows: numbered(source) };
  }
  throw new InvalidArgumentError(`Expected a path or rows to load, got ${describeValue(source)}`);
}

async function* rowsOfFiles(pattern: string, options: ReadRowsOptions): AsyncGenerator<PlacedRow, void, undefined> {
  if (!hasRows(pattern) && (await isFolder(pattern))) {
    yield* readFolder(pattern, options);
    return;
  }
  for (const file of await filesOf(pattern)) yield* readRows(file, options);
}

async function* numbered(rows: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<PlacedRow, void, undefined> {
  let index = 0;
  for await (const row of rows) {
    yield { place: `row ${index}`, row };
    index += 1;
  }
}

/** The column of a row that is the text of a file, where it is one. */
function textOnly(column: string, row: unknown): string[] {
  const isText = isPlainObject(row) && ["text", "name", "path", "folder"].every((name) => Object.hasOwn(row, name));
  return isText ? [column] : [];
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}

async function filesOf(pattern: string): Promise<string[]> {
  const folder = dirname(pattern);
  const [before = "", after, ...more] = basename(pattern).split("*");
  if (folder.includes("*") || more.length > 0) {
    throw new InvalidArgumentError(`Expected at most one * in a dataset path, in its last part, got ${describeValue(pattern)}`);
  }
  if (after === undefined) return [pattern];
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
    throw new InvalidArgumentError(`Could not look for ${pattern}: ${cause.message}`, { cause });
  });
  const names = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after))
    // As in a shell, a star does not stand for hidden files.
    .filter((name) => before !== "" || !name.startsWith("."));
  if (names.length > 0) return names.sort().map((name) => join(folder, name));
  throw new InvalidArgumentError(
    `Expected ${pattern} to match at least one file, got none among the ${entries.length} entries of ${folder}`,
  );
}

/** One row of a file, by column. In a CSV file every value is a string. */
export type DatasetRow = Readonly<Record<string, JsonValue>>;

/**
 * What an input or an info is made of: a column; several, as an object of these columns; an object of columns under other names
 * (`{ question: "Frage" }`); or a function of the row.
 */
export type RowMapping<T> = string | readonly string[] | Readonly<Record<string, string>> | ((row: DatasetRow) => T);

/**
 * The value of the first mapping that the row has columns for.
 *
 * @param place where the row is, for messages
 * @throws InvalidArgumentError when the row has none of them, or a function fails
 */
function mapRow(row: unknown, place: string, option: "input" | "info", mappings: readonly RowMapping<unknown>[]): unknown {
  if (!isPlainObject(row)) throw new InvalidArgumentError(`Expected ${place} to be an object, got ${describeValue(row)}`);
  let missing: readonly string[] = [];
  for (const mapping of mappings) {
    if (typeof mapping === "function") return apply(mapping, row as DatasetRow, place, option);
    const columns = columnsOf(mapping);
    const absent = Object.values(columns).filter((column) => !Object.hasOwn(row, column));
    if (absent.length > 0) missing = [...missing, ...absent];
    else if (typeof mapping === "string") return row[mapping];
    else return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, row[column]]));
  }
  const remedy = `set the option \`${option}\` to the column to use, or to a function of the row`;
  const unknown = option === "info" ? "; `info: null` where nothing is known about the inputs" : "";
  throw new InvalidArgumentError(
    `Expected ${place} to have \`${missing.join("` or `")}\`, got ${describeValue(row)}; ${remedy}${unknown}${delimiterHint(Object.keys(row))}`,
  );
}

/** @throws InvalidArgumentError for what is not a mapping */
function checkMapping(mapping: unknown, option: string): void {
  if (typeof mapping === "string" || typeof mapping === "function") return;
  const columns = Array.isArray(mapping) || isPlainObject(mapping) ? Object.values(mapping as object) : [];
  if (columns.length > 0 && columns.every((column) => typeof column === "string")) return;
  throw new InvalidArgumentError(
    `Expected \`${option}\` to be a column, columns, or a function of the row, got ${describeValue(mapping)}`,
  );
}

/** Columns by the names that they get. */
function columnsOf(mapping: Exclude<RowMapping<unknown>, (row: DatasetRow) => unknown>): Readonly<Record<string, string>> {
  if (typeof mapping === "string") return { [mapping]: mapping };
  if (!Array.isArray(mapping)) return mapping as Readonly<Record<string, string>>;
  return Object.fromEntries((mapping as readonly string[]).map((column) => [column, column]));
}

function apply(make: (row: DatasetRow) => unknown, row: DatasetRow, place: string, option: string): unknown {
  try {
    return make(row);
  } catch (cause) {
    throw new InvalidArgumentError(
      `The function passed as \`${option}\` failed on ${place}, ${describeValue(row)}: ${String(cause)}`,
      { cause },
    );
  }
}

/**
 * Reads a folder and the folders in it, in order of the paths; hidden files are left out. Where all files are data files, their rows are read;
 * else each file is a row: its `text`, its `name`, its `path` in the folder, and the `folder` that it is in, which is `null` for the folder itself.
 *
 * @throws InvalidArgumentError for a file that cannot be read, or is not text
 */
async function* readFolder(folder: string, options: ReadRowsOptions): AsyncGenerator<PlacedRow, void, undefined> {
  const { delimiter, ...reading } = options;
  const paths = await filesBelow(folder);
  const isData = paths.every(hasRows);
  for (const path of paths) {
    if (isData) {
      const isSeparated = /\.[ct]sv$/i.test(path);
      yield* readRows(path, isSeparated ? options : reading);
      continue;
    }
    let text = "";
    for await (const piece of readText(path, reading)) text += piece;
    const within = relative(folder, path).split(sep).join("/");
    const parent = dirname(within);
    yield { place: path, row: { text, name: basename(path), path: within, folder: parent === "." ? null : parent } };
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith("."));
  const nested = await Promise.all(
    visible.map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    }),
  );
  return nested.flat().sort();
}
