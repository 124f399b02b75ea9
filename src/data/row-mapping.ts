/**
 * From a row to the input or the info of an example.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue, isPlainObject, type JsonValue } from "./json.ts";
import { delimiterHint } from "./read-csv.ts";

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
export function mapRow(row: unknown, place: string, option: "input" | "info", mappings: readonly RowMapping<unknown>[]): unknown {
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
export function checkMapping(mapping: unknown, option: string): void {
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
