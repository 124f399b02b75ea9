/**
 * Writes what there is of a table: results as JSON lines, the report, and its plots.
 *
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CellResult, resultLines } from "../results.ts";
import { groupBy } from "./group-by.ts";
import { markdownReport, plotFile, type ReportConditions } from "./markdown.ts";
import { plotSvg } from "./plot.ts";
import { reportRows } from "./rows.ts";

/** The files by name. The same results make the same files, byte for byte. */
export function reportFiles(results: readonly CellResult[], conditions: ReportConditions): ReadonlyMap<string, string> {
  const rows = reportRows(results);
  const plots = [...groupBy(rows, ({ task }) => task)].map(([task, own]) => [plotFile(task), plotSvg(own)] as const);
  return new Map([["results.jsonl", resultLines(results)], ["report.md", markdownReport(rows, conditions)], ...plots]);
}

/** Writes files into a folder. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) await writeFile(join(folder, name), text);
}
