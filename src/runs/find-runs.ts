/**
 * `findRuns`: the runs in a folder, whatever state they are in.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type RunFiles, readRunFiles } from "./read-run-files.ts";

/** All runs in a folder, the newest first; none when there is no such folder. */
export async function findRuns(runDir: string): Promise<RunFiles[]> {
  const entries = await readdir(runDir, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const ids = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name);
  const runs = await Promise.all(ids.map((id) => readRunFiles(join(runDir, id), id)));
  return runs.filter(isRun).sort(newestFirst);
}

/** A folder without any file of a run is something else. */
function isRun({ state, best, savedAt, problems }: RunFiles): boolean {
  return state !== "damaged" || best !== null || savedAt !== null || problems.some((problem) => !problem.endsWith("is missing"));
}

const byNumber = new Intl.Collator("en", { numeric: true });

/** Runs that do not say when they began come last. */
function newestFirst(a: RunFiles, b: RunFiles): number {
  return (b.createdAt ?? "").localeCompare(a.createdAt ?? "") || byNumber.compare(b.id, a.id);
}
