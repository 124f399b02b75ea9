/**
 * The table of failures in `docs/training.md`, as data.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** Whose failure it is. */
export type Party = "agent" | "guide" | "judge" | "optimizer" | "run";

/** What happens on a failure. */
export type Fate = "retried" | "shortened" | "refused immediately" | "scored as failed" | "unscored" | "stops the run";

/** What the same command does once the cause is fixed. */
export type Again = "nothing left to do" | "starts" | "resumes";

/** One row: a promise to the reader. */
export interface FailureRow {
  readonly id: string;
  readonly whose: readonly Party[];
  readonly fate: Fate;
  /** What the reader sees in these words; `…` stands for anything. */
  readonly shown: readonly string[];
  readonly exitCode: number;
  readonly again: Again;
}

const path = "docs/training.md";
const columns = ["case", "what happens", "whose", "outcome", "what you see", "exit code", "the same command, once it is fixed"];
const parties: readonly string[] = ["agent", "guide", "judge", "optimizer", "run"] satisfies Party[];
const fates: readonly string[] = [
  "retried",
  "shortened",
  "refused immediately",
  "scored as failed",
  "unscored",
  "stops the run",
] satisfies Fate[];
const againWords: readonly string[] = ["nothing left to do", "starts", "resumes"] satisfies Again[];

/** @throws Error when there is no such table, or a cell holds what is none of the words that are tested */
export function readFailureTable(markdown: string = readFileSync(path, "utf8")): FailureRow[] {
  const lines = markdown.split("\n");
  const head = lines.findIndex((line) => line.startsWith("|") && cellsOf(line).join() === columns.join());
  if (head < 0) throw new Error(`Expected ${path} to have a table with the columns ${columns.join(", ")}`);
  const body = lines.slice(head + 2);
  const end = body.findIndex((line) => !line.startsWith("|"));
  return body.slice(0, end < 0 ? undefined : end).map(readRow);
}

function readRow(line: string): FailureRow {
  const cells = cellsOf(line);
  if (cells.length !== columns.length) throw new Error(`Expected ${columns.length} cells, got ${cells.length}: ${line}`);
  const [name = "", , whose = "", fate = "", seen = "", exitCode = "", again = ""] = cells;
  return {
    id: codeIn(name)[0] ?? fail("an id", name, line),
    whose: whose.split(", ").map((word) => oneOf<Party>(parties, word, line)),
    fate: oneOf<Fate>(fates, fate, line),
    shown: codeIn(seen),
    exitCode: /^\d+$/.test(exitCode) ? Number(exitCode) : fail("an exit code", exitCode, line),
    again: oneOf<Again>(againWords, again, line),
  };
}

/** The cells of a row; `\|` within a cell is a bar. */
function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function codeIn(cell: string): string[] {
  return Array.from(cell.matchAll(/(`+)(.+?)\1/g), ([, , text]) => (text as string).trim());
}

function oneOf<T extends string>(known: readonly string[], word: string, line: string): T {
  return known.includes(word) ? (word as T) : fail(`one of ${known.join(", ")}`, word, line);
}

function fail(expected: string, got: string, line: string): never {
  throw new Error(`Expected ${expected}, got ${JSON.stringify(got)} in the row ${line}`);
}
