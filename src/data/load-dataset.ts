/**
 * Loading a dataset from files.
 *
 * @module
 */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidArgumentError } from "../errors.ts";
import { type Dataset, type Example, toDataset } from "./dataset.ts";
import { describeValue, isPlainObject, type JsonValue } from "./json.ts";
import { anything, type OptionTable, withMethod } from "./option-table.ts";
import { checkTable } from "./options.ts";
import type { PlacedRow, ReadRowsOptions } from "./placed-row.ts";
import { readFolder } from "./read-folder.ts";
import { hasRows, readRows } from "./read-rows.ts";
import { checkEncoding } from "./read-text.ts";
import { checkMapping, mapRow, type RowMapping } from "./row-mapping.ts";

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
 * The types of inputs and infos are taken at your word unless functions make them.
 *
 * @param source - a file; its last part may hold one `*`, which means all files that fit, sorted by name. A folder: the rows of its data files, or each of its
 *   files as a row `{ text, name, path, folder }`. Or rows, as a list or an iterable, such as a generator
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
