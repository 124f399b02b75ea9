/**
 * The runs in a folder, and the one that is meant by an id or by nothing.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { nearestName } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type RunFiles, readRunFiles } from "./run-files.ts";

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

/**
 * The run of an id, else the newest that `isMeant`.
 *
 * @throws InvalidArgumentError when there is none
 */
export async function findRun(
  runDir: string,
  id: string | undefined,
  { isMeant = () => true, what = "run" }: { readonly isMeant?: (run: RunFiles) => boolean; readonly what?: string } = {},
): Promise<RunFiles> {
  const runs = await findRuns(runDir);
  if (id === undefined) {
    const found = runs.find(isMeant);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`There is no ${what} in ${runDir}. \`opto list\` shows all runs`);
  }
  const found = runs.find((run) => run.id === id);
  if (found !== undefined) return found;
  const nearest = nearestName(
    id,
    runs.map((run) => run.id),
  );
  const hint = nearest === undefined ? "`opto list` shows all runs" : `Did you mean "${nearest}"?`;
  throw new InvalidArgumentError(`There is no run "${id}" in ${runDir}. ${hint}`);
}

/** The id for a run of a name of the user's own: its newest one while it is unfinished, else the next number. */
export function idOfName(runs: readonly RunFiles[], name: string, resume: boolean): string {
  const numbered = runs.flatMap((run) => {
    const number = run.id.startsWith(`${name}-`) ? Number(run.id.slice(name.length + 1)) : Number.NaN;
    return Number.isSafeInteger(number) ? [{ run, number }] : [];
  });
  const last = numbered.reduce((highest, entry) => (entry.number > highest.number ? entry : highest), {
    run: undefined as RunFiles | undefined,
    number: 0,
  });
  const isOpen = last.run !== undefined && last.run.state !== "finished";
  return resume && isOpen ? `${name}-${last.number}` : `${name}-${last.number + 1}`;
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
