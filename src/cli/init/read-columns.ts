/**
 * Which columns of a data file are the input and the reference answer, by their names.
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";
import { readRows } from "../../data/read-rows.ts";
import { InvalidArgumentError } from "../../errors.ts";

/** How a data file becomes a dataset. */
export interface Columns {
  readonly input: string;
  /** One column, or several; none where nothing is known of the answers. */
  readonly info: readonly string[];
  /** Whether the inputs are texts. */
  readonly isText: boolean;
  /** Whether the references are so short that an answer can be expected to equal one. */
  readonly isShort: boolean;
}

const inputs = ["input", "question", "prompt", "query", "text", "message", "request", "ticket", "instruction", "problem"];
const infos = [
  "info",
  "expected",
  "answer",
  "output",
  "reference",
  "label",
  "target",
  "ideal",
  "expected_output",
  "completion",
  "response",
  "category",
];
const maxRows = 20;

/**
 * Reads the first rows of a file.
 *
 * @throws InvalidArgumentError when it has no row, or a row is not an object
 */
export async function readColumns(path: string): Promise<Columns> {
  const rows: Record<string, unknown>[] = [];
  for await (const { place, row } of readRows(path)) {
    if (!isPlainObject(row)) throw new InvalidArgumentError(`Expected ${place} to be an object with columns`);
    rows.push(row);
    if (rows.length === maxRows) break;
  }
  const [first] = rows;
  if (first === undefined) throw new InvalidArgumentError(`Expected ${path} to have at least one row, got none`);
  const names = Object.keys(first);
  const named = (known: readonly string[]): string | undefined =>
    known.map((name) => names.find((own) => own.toLowerCase() === name)).find((name) => name !== undefined);
  const input = named(inputs) ?? names.find((name) => !/^(?:id|index|#)$/i.test(name)) ?? names[0];
  if (input === undefined) throw new InvalidArgumentError(`Expected the rows of ${path} to have columns, got none`);
  const others = names.filter((name) => name !== input && !/^(?:id|index|#)$/i.test(name));
  const reference = named(infos.filter((name) => name !== input));
  const info = reference === undefined ? others : [reference];
  const isShort = rows.every((row) => info.every((name) => typeof row[name] !== "object" && String(row[name]).length <= 40));
  return { input, info, isText: rows.every((row) => typeof row[input] === "string"), isShort };
}
