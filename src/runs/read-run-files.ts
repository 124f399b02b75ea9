/**
 * The runs in a folder, and the files of each, read tolerantly: one that is being written right now, that is damaged, or that another version
 * wrote.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isPlainObject, type JsonValue, parseJsonObject } from "../data/json.ts";
import type { OriginRecord } from "../graph/parameter.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { RunEvent } from "../trainer/events.ts";
import type { RunReport } from "../trainer/run-report.ts";
import { readJsonLines } from "./append-file.ts";
import { fileNames } from "./run-files.ts";
import { lockHolder } from "./run-lock.ts";

/** How a run stands. `stopped` can be continued. */
export type RunState = "running" | "stopped" | "finished" | "damaged";

/** The best parameters of a run so far. */
export interface BestValues {
  readonly iteration: number | null;
  readonly score: number | null;
  readonly parameters: Candidate;
}

/** What the small files of a run say. What a file does not say is `null` or empty. */
export interface RunFiles {
  readonly id: string;
  readonly folder: string;
  readonly name: string | null;
  readonly state: RunState;
  /** Why it ended, such as "completed" or "budget". */
  readonly reason: string | null;
  readonly error: string | null;
  /** ISO 8601. */
  readonly createdAt: string | null;
  readonly savedAt: string | null;
  readonly iteration: number | null;
  readonly elapsedMs: number | null;
  readonly rollouts: number | null;
  readonly seed: JsonValue;
  /** Algorithm, optimizer, and the options that change the course of the run. */
  readonly config: { readonly [name: string]: JsonValue };
  readonly datasets: Readonly<Record<string, { readonly examples: number; readonly sha256: string }>>;
  /** The values at the start. */
  readonly start: Candidate | null;
  readonly best: BestValues | null;
  /** Where parameters come from, by path, as it was at the start. */
  readonly origins: OriginRecords;
  /** The same as `opto apply` has left it. */
  readonly applied: OriginRecords;
  /** The process that has the run now. */
  readonly holder: { readonly pid: number; readonly host: string } | null;
  /** What is wrong with the files, one sentence each. */
  readonly problems: readonly string[];
}

/** Origins by the paths of their parameters. */
export type OriginRecords = Readonly<Record<string, OriginRecord>>;

type Fields = Readonly<Record<string, unknown>>;

/** What the files of a run say. Never throws for what stands in them. */
export async function readRunFiles(folder: string, id: string): Promise<RunFiles> {
  const problems: string[] = [];
  const run = await readFields(folder, fileNames.run, "opto-run", problems);
  const identity = fieldsOf(run?.identity);
  const checkpoint = await readCheckpoint(folder, problems);
  const bestFile = await readFields(folder, fileNames.best, "opto-agent", problems);
  const best = bestOf(bestFile) ?? bestOf(fieldsOf(checkpoint?.best));
  const applied = await readFields(folder, fileNames.applied, "opto-applied", problems);
  const holder = holderOf(folder);
  const status = fieldsOf(checkpoint?.status);
  const spent = fieldsOf(checkpoint?.spent);
  const reason = textOrNull(status?.reason);
  return {
    id,
    folder,
    name: textOrNull(identity?.name),
    state: stateOf(run !== undefined, status, holder !== null),
    reason: holder === null ? reason : null,
    error: holder === null ? textOrNull(status?.error) : null,
    createdAt: textOrNull(run?.createdAt),
    savedAt: textOrNull(checkpoint?.savedAt),
    iteration: numberOrNull(checkpoint?.iteration),
    elapsedMs: numberOrNull(spent?.elapsedMs),
    rollouts: numberOrNull(spent?.rollouts),
    seed: (identity?.seed ?? null) as JsonValue,
    config: configOf(identity),
    datasets: datasetsOf(identity?.datasets),
    start: candidateOf(identity?.parameters) ?? null,
    best: best ?? null,
    origins: originsOf(identity?.origins),
    applied: originsOf(applied?.origins),
    holder,
    problems,
  };
}

async function readCheckpoint(folder: string, problems: string[]): Promise<Fields | undefined> {
  const newest = await readFields(folder, fileNames.checkpoint, "opto-checkpoint", problems);
  return newest ?? readFields(folder, fileNames.previous, "opto-checkpoint", problems);
}

/** The content of a JSON file; `undefined` when there is none, and with a word about it when there is something else. */
async function readFields(folder: string, name: string, format: string, problems: string[]): Promise<Fields | undefined> {
  let text: string;
  try {
    text = await readFile(join(folder, name), "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      if (name === fileNames.run) problems.push(`${name} is missing`);
    } else problems.push(`${name} cannot be read: ${message}`);
    return undefined;
  }
  const content = parseJsonObject(text);
  if (content?.format === format) return content;
  const what =
    content === undefined
      ? `is damaged (${text.length} characters that are not a JSON object)`
      : `is not a file of the format ${format}`;
  problems.push(`${name} ${what}`);
  return undefined;
}

function holderOf(folder: string): RunFiles["holder"] {
  const { pid, host } = lockHolder(folder) ?? {};
  return pid === undefined || host === undefined ? null : { pid, host };
}

function stateOf(isDescribed: boolean, status: Fields | undefined, isHeld: boolean): RunState {
  if (isHeld) return "running";
  if (!isDescribed) return "damaged";
  return status?.state === "finished" ? "finished" : "stopped";
}

function configOf(identity: Fields | undefined): RunFiles["config"] {
  const { algorithm, optimizer, options } = identity ?? {};
  const named = { algorithm, optimizer, ...fieldsOf(options) };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) as RunFiles["config"];
}

function datasetsOf(value: unknown): RunFiles["datasets"] {
  const known = Object.entries(fieldsOf(value) ?? {}).flatMap(([name, entry]) => {
    const { examples, sha256 } = fieldsOf(entry) ?? {};
    return typeof examples === "number" ? [[name, { examples, sha256: String(sha256 ?? "") }] as const] : [];
  });
  return Object.fromEntries(known);
}

function bestOf(content: Fields | undefined): BestValues | undefined {
  const parameters = candidateOf(content?.parameters);
  if (parameters === undefined) return undefined;
  return { iteration: numberOrNull(content?.iteration), score: numberOrNull(content?.score), parameters };
}

function originsOf(value: unknown): OriginRecords {
  const known = Object.entries(fieldsOf(value) ?? {}).filter(([, record]) => typeof fieldsOf(record)?.kind === "string");
  return Object.fromEntries(known) as OriginRecords;
}

function candidateOf(value: unknown): Candidate | undefined {
  return fieldsOf(value) as Candidate | undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  return isPlainObject(value) ? value : undefined;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** The names under which the scores of datasets are logged. */
export const testScoreName = "Average test score";
export const validationScoreName = "Validation score";

/** What a dataset scored after an iteration; 0 is before the first. */
export interface ScorePoint {
  readonly iteration: number;
  readonly score: number | null;
}

/** The test scores in order, or those of another name, without those of iterations that a restart has done again. */
export async function readScores(folder: string, name: string = testScoreName): Promise<ScorePoint[]> {
  const events = await readEvents(folder, (text) => text.includes(`"${name}"`));
  return events.flatMap((event) => {
    if (event.type !== "log" || event.name !== name || typeof event.step !== "number") return [];
    return [{ iteration: event.step, score: typeof event.data === "number" ? event.data : null }];
  });
}

/** What the run has gained, as it has reported it at its last end; `null` where it has not ended, or was continued since. */
export async function readReport(folder: string): Promise<RunReport | null> {
  const ends = await readEvents(folder, (text) => text.includes('"type":"run-end"'));
  const report = fieldsOf((ends.at(-1) as { readonly report?: unknown } | undefined)?.report);
  return typeof report?.text === "string" ? (report as unknown as RunReport) : null;
}

/**
 * Events in the journal of a run, without those that a restart has done again. They are what the file says, unchecked.
 *
 * @param isWanted by the text of the line
 */
export async function readEvents(folder: string, isWanted: (text: string) => boolean): Promise<RunEvent[]> {
  let events: { readonly seq: number; readonly event: RunEvent }[] = [];
  const isRead = (text: string): boolean => text.includes('"mark":"run-resumed"') || isWanted(text);
  for await (const { value } of readJsonLines(join(folder, fileNames.events), isRead)) {
    if (value?.mark === "run-resumed") {
      const after = typeof value.after === "number" ? value.after : 0;
      events = events.filter(({ seq }) => seq <= after);
    } else if (value !== undefined) events.push({ seq: Number(value.seq), event: value as unknown as RunEvent });
  }
  return events.map(({ event }) => event);
}

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
