/**
 * The rows of CSV files.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue } from "./json.ts";
import { nodeStream } from "./node-parts.ts";
import type { PlacedRow, ReadRowsOptions } from "./placed-row.ts";
import { readText } from "./read-text.ts";

/**
 * Reads a CSV file as a stream, a record at a time, by RFC 4180.
 *
 * @throws InvalidArgumentError for a malformed record; the message names its line
 */
export async function* readCsv(path: string, options: ReadRowsOptions): AsyncGenerator<PlacedRow, void, undefined> {
  const { CsvError, parse } = await import("csv-parse");
  const { delimiter: given, ...reading } = options;
  const text = readText(path, reading);
  const head = given === undefined ? await firstLine(text) : "";
  const delimiter = given ?? delimiterIn(head);
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

/** The delimiter that the header has most of outside quotes; a comma where it has none. */
function delimiterIn(head: string): string {
  const [header = ""] = head
    .replace(/^[\r\n]+/, "")
    .replace(/"(?:[^"]|"")*"/g, "")
    .split(/[\r\n]/);
  const counts = delimiters.map((delimiter) => header.split(delimiter).length - 1);
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
