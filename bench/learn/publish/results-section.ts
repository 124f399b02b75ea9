/**
 * The section of `docs/learning.md` about one table.
 *
 * @module
 */
import { groupBy } from "../report/group-by.ts";
import { markdownReport, plotFile, type ReportConditions } from "../report/markdown.ts";
import { plotSvg } from "../report/plot.ts";
import { reportRows } from "../report/rows.ts";
import type { CellResult } from "../results.ts";
import type { TableHead } from "./table-record.ts";

/** A table with what it was made with. */
export interface PublishedTable {
  /** Letters, digits, and dashes. */
  readonly name: string;
  readonly head: TableHead;
  readonly results: readonly CellResult[];
  readonly conditions: ReportConditions;
}

/** Where a packed table is. */
export function recordFile(name: string): string {
  return `bench/learn/published/${name}.jsonl.gz`;
}

/** What stands between the markers of this table. */
export function resultsSection({ name, head, results, conditions }: PublishedTable): string {
  const report = markdownReport(reportRows(results), conditions);
  const [, ...parts] = report.trim().split("\n");
  const body = parts
    .join("\n")
    .replaceAll(/^## /gm, "#### ")
    .replaceAll(/\]\((\S+\.svg)\)/g, (_, file: string) => `](images/learn-${name}-${file})`);
  return [
    `Hardware: ${head.hardware}.`,
    body.trim(),
    unfinishedText(head.unfinished),
    `\`\`\`sh\n# The command, with the addresses of the servers left out, and the replay of this table from its record.\nnpm run bench:learn -- ${head.options.map(shellWord).join(" ")}\nnpm run bench:learn -- --replay --record ${recordFile(name)} --out runs/learn-${name}\n\`\`\``,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** The plots of a table by their files below `docs/images`. */
export function resultsPlots({ name, results }: PublishedTable): ReadonlyMap<string, string> {
  const tasks = groupBy(reportRows(results), ({ task }) => task);
  return new Map([...tasks].map(([task, rows]) => [`learn-${name}-${plotFile(task)}`, plotSvg(rows)]));
}

/** Puts the section of a table between its markers. @throws Error when the document has no markers for it */
export function withResults(document: string, name: string, section: string): string {
  const begin = `<!-- learn ${name}: written by \`npm run bench:learn -- --publish ${name}\` -->`;
  const end = `<!-- learn ${name}: end -->`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from === -1 || to < from) throw new Error(`Expected the document to have the lines ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n${section}\n${document.slice(to)}`;
}

/** By task, since cells are run seed by seed. */
function unfinishedText(unfinished: readonly string[]): string {
  if (unfinished.length === 0) return "";
  const tasks = [...groupBy(unfinished, (cell) => cell.split("--")[0] ?? "")].map(([task, own]) => {
    const bySeed = groupBy(own, (cell) => cell.split("--").at(-1));
    const counts = [...bySeed].map(([seed, cells]) => `${cells.length} of seed ${seed}`);
    return `${task} (${counts.join(", ")})`;
  });
  return `This table is not complete. Cells of the command below that have not finished: ${tasks.join("; ")}.`;
}

function shellWord(word: string): string {
  return /^[\w./,:=@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
