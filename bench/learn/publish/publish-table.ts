/**
 * Publishes what has finished of a table: its record beside the benchmark, its report in the documentation.
 *
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type CellPlan, cellFolder, cellId, recordedStages, shares } from "../cell.ts";
import { finishedCells } from "../finished-cells.ts";
import { writeFiles } from "../report/write-report.ts";
import type { LearnSettings } from "../settings.ts";
import { recordFile, resultsPlots, resultsSection, withResults } from "./results-section.ts";
import { headOf, packTable } from "./table-record.ts";

const root = new URL("../../../", import.meta.url);

/** @throws Error for tasks whose texts may not be copied */
export async function publishTable(name: string, plans: readonly CellPlan[], settings: LearnSettings): Promise<string> {
  const kept = plans.find(({ task }) => task.source.mayBeCopied === false);
  if (kept !== undefined) throw new Error(`The texts of ${kept.task.id} may not be copied: ${kept.task.source.license}`);
  const isOpen = (plan: CellPlan): boolean => recordedStages(cellFolder(settings.out, plan)).length < shares.length;
  const unfinished = plans.filter(isOpen).map((plan) => cellId(plan));
  const { hardware, options } = settings;
  const record = packTable(settings.out, { options, hardware, unfinished });
  const table = { name, head: headOf(record), results: finishedCells(settings.out), conditions: settings };
  const file = fileURLToPath(new URL(recordFile(name), root));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, record);
  await writeFiles(fileURLToPath(new URL("docs/images/", root)), resultsPlots(table));
  const page = fileURLToPath(new URL("docs/learning.md", root));
  await writeFile(page, withResults(await readFile(page, "utf8"), name, resultsSection(table)));
  return `${table.results.length} cells in ${recordFile(name)} (${Math.ceil(record.length / 1024)} kB); ${unfinished.length} have not finished`;
}
