/**
 * Loading a dataset from files.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidArgumentError } from "../errors.ts";
import { type Dataset, type Example, toDataset } from "./dataset.ts";
import { describeValue, isPlainObject, type JsonValue } from "./json.ts";
import { anything, type OptionTable, withMethod } from "./option-table.ts";
import { checkTable } from "./options.ts";
import { delimiterHint, readRows } from "./read-rows.ts";
import { checkEncoding } from "./read-text.ts";

/** One row of a file, by column. In a CSV file every value is a string. */
export type DatasetRow = Readonly<Record<string, JsonValue>>;

/** Options of `loadDataset`. */
export interface LoadDatasetOptions<X, Info> {
  /** Stops the reading; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /**
   * The column that is the input, or what makes an input of a row.
   * @default "input"
   */
  readonly input?: string | ((row: DatasetRow) => X);
  /**
   * The column that is the info, or what makes an info of a row; `null` where nothing is known of the inputs, so that every info
   * is `null`.
   * @default "info", or "expected" in rows without it
   */
  readonly info?: string | ((row: DatasetRow) => Info) | null;
  /** What separates the fields of CSV files, such as `";"`. @default "," */
  readonly delimiter?: string;
  /**
   * The encoding of the files, by a name that `TextDecoder` knows, such as `"latin1"` or `"utf-16le"`. A byte order mark in a
   * file says more than it.
   * @default "utf-8"
   */
  readonly encoding?: string;
}

/** The options of `loadDataset`. */
export const loadTable: OptionTable<LoadDatasetOptions<unknown, unknown>> = {
  input: { ...anything, default: "input", about: "the column of the input, or a function of the row that returns the input" },
  info: {
    ...anything,
    otherwise: '`"info"`, else `"expected"`',
    about: "the same for the info; `null` makes every info `null`",
  },
  delimiter: {
    expected: 'a field separator, such as ";"',
    holds: (value) => typeof value === "string" && /^[^"\r\n]+$/.test(value),
    default: ",",
    about: 'the delimiter of CSV files, such as `";"` or `"\\t"`',
  },
  encoding: {
    ...anything,
    default: "utf-8",
    about:
      'the encoding, by a name that `TextDecoder` knows: `"latin1"`, `"windows-1252"`, `"utf-16le"`, `"shift_jis"`. A byte order mark takes precedence',
  },
  signal: { ...withMethod("throwIfAborted", "an AbortSignal"), otherwise: "none", about: "stops reading" },
};

/**
 * Reads the examples of `.jsonl`, `.csv` and `.json` files. JSON Lines and CSV are streamed, so a file may be larger than a
 * string can be. Blank lines are skipped.
 * Files are UTF-8, or UTF-16 with a byte order mark, unless `encoding` says otherwise.
 *
 * The types of inputs and infos are taken at your word unless functions make them.
 *
 * @param path - a file; its last part may hold one `*`, which means all files that fit, sorted by name
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
  path: string | URL,
  options: LoadDatasetOptions<X, Info> = {},
): Promise<Dataset<X, Info>> {
  checkTable(options, loadTable as OptionTable<LoadDatasetOptions<X, Info>>, "loadDataset", "");
  const { signal, input = "input", info, delimiter, encoding } = options;
  checkEncoding(encoding);
  signal?.throwIfAborted();
  const pattern = typeof path === "string" ? path : fileURLToPath(path);
  const examples: Example<X, Info>[] = [];
  try {
    for (const file of await filesOf(pattern)) {
      for await (const { place, row } of readRows(file, { signal, delimiter, encoding })) {
        examples.push({
          input: take(row, place, "input", [input]) as X,
          info: (info === null ? null : take(row, place, "info", info === undefined ? ["info", "expected"] : [info])) as Info,
        });
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return toDataset(examples, pattern);
}

type Source = string | ((row: DatasetRow) => unknown);

/** The value of the first source that the row has. */
function take(row: unknown, place: string, option: "input" | "info", sources: readonly Source[]): unknown {
  if (!isPlainObject(row)) throw new InvalidArgumentError(`Expected ${place} to be an object, got ${describeValue(row)}`);
  for (const source of sources) {
    if (typeof source === "function") return apply(source, row as DatasetRow, place, option);
    if (Object.hasOwn(row, source)) return row[source];
  }
  throw new InvalidArgumentError(
    `Expected ${place} to have \`${sources.join("` or `")}\`, got ${describeValue(row)}; set the option \`${option}\` to the column to use, or to a function of the row${option === "info" ? "; `info: null` where nothing is known about the inputs" : ""}${delimiterHint(Object.keys(row))}`,
  );
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
