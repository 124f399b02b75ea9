/**
 * Data of a run as CSV or JSON, row by row.
 *
 * @module
 */
import { type JsonValue, ownValue } from "../data/json.ts";
import type { Shown } from "../runs/trace-record.ts";
import type { DatasetName, DownloadName } from "./api.ts";
import { RequestError } from "./api-error.ts";
import { statusOf } from "./lineage-view.ts";
import { runView, scoreOf } from "./run-view.ts";
import type { ViewedRun } from "./viewed-run.ts";

type Row = Readonly<Record<string, JsonValue | undefined>>;

/** What is downloaded, and from which dataset. */
export interface Download {
  readonly what: string;
  readonly format: "csv" | "json";
  readonly dataset: DatasetName | undefined;
}

const sources: Readonly<Record<DownloadName, (run: ViewedRun, dataset: DatasetName | undefined) => Iterable<Row>>> = {
  candidates: candidateRows,
  scores: scoreRows,
  trials: trialRows,
  spend: (run) => run.paid.view().byIteration.map((line) => ({ ...line })),
  rollouts: rolloutRows,
  corrections: (run) => run.notes.corrections.map((correction) => ({ ...correction })),
  warnings: (run) => [...run.fold.warnings.values()].map((warning) => ({ ...warning })),
};

/**
 * The text, in pieces: there may be millions of rows.
 *
 * @throws RequestError when there is no such data
 */
export function download(run: ViewedRun, { what, format, dataset }: Download): Iterable<string> {
  if (!Object.hasOwn(sources, what)) {
    throw new RequestError("not-found", `There is no download "${what}". There are ${Object.keys(sources).join(", ")}`);
  }
  const rows = (): Iterable<Row> => sources[what as DownloadName](run, dataset);
  return format === "csv" ? csv(rows) : json(rows());
}

function* candidateRows(run: ViewedRun): Generator<Row> {
  for (const row of run.fold.candidates.rows) {
    const { id, iteration, parents, origin, changed } = row;
    const about = { id, iteration, parents: parents.join(" "), origin, status: statusOf(run, row), best: row === run.best };
    const values = Object.fromEntries(Object.entries(run.valuesOf(row)).map(([path, value]) => [`value: ${path}`, value]));
    yield { ...about, score: scoreOf(run, row), ...row.scores, changed: changed.join(" "), ...values };
  }
}

function* scoreRows(run: ViewedRun): Generator<Row> {
  for (const { dataset, metric, label, ...columns } of runView(run).series) {
    for (const at of columns.iteration.keys()) {
      const { iteration, score, low, high, calls, tokens, usd, seconds, candidate } = columns;
      const place = { dataset, metric, label, iteration: iteration[at], candidate: candidate[at] };
      const cost = { calls: calls[at], tokens: tokens[at], usd: usd[at], seconds: seconds[at] };
      yield { ...place, score: score[at], low: low[at], high: high[at], ...cost };
    }
  }
}

function* trialRows(run: ViewedRun, only: DatasetName | undefined): Generator<Row> {
  const metrics = run.fold.candidates.metrics;
  for (const row of run.fold.candidates.rows) {
    for (const dataset of row.measured.keys()) {
      if (only !== undefined && dataset !== only) continue;
      const table = run.tableOf(row, dataset);
      for (const example of table.examples()) {
        for (const [sample, { scores, failed, error }] of table.trials(example).entries()) {
          const values = Object.fromEntries([...metrics].map((metric) => [metric, ownValue(scores, metric) ?? null]));
          yield { candidate: row.id, dataset, example, sample, ...values, failed, error: error ?? null };
        }
      }
    }
  }
}

function* rolloutRows(run: ViewedRun): Generator<Row> {
  for (const entry of run.traces.rollouts) {
    const { position, at, ms, status, score, dataset, example, sample, error } = entry;
    const line = run.traces.lineOf(entry);
    const candidate = run.fold.candidates.ofFingerprint(entry.values)?.id ?? null;
    const about = { position, candidate, dataset, example, sample, status, score, error, at, ms };
    yield {
      ...about,
      input: plain(line.input),
      expected: plain(line.expected),
      output: plain(line.output),
      feedback: line.feedback ?? null,
    };
  }
}

function plain(shown: Shown | undefined): JsonValue {
  if (shown === undefined) return null;
  return "value" in shown ? shown.value : shown.text;
}

function* json(rows: Iterable<Row>): Generator<string> {
  let before = "[";
  for (const row of rows) {
    yield `${before}\n${JSON.stringify(row)}`;
    before = ",";
  }
  yield before === "[" ? "[]\n" : "\n]\n";
}

/** The columns are those of all rows, so rows are made twice: to be kept in memory there may be too many. */
function* csv(rows: () => Iterable<Row>): Generator<string> {
  const names = new Set<string>();
  for (const row of rows()) {
    for (const name in row) names.add(name);
    // Whoever takes the pieces may let others have a turn.
    yield "";
  }
  yield `${[...names].map(cell).join(",")}\r\n`;
  for (const row of rows()) yield `${[...names].map((name) => cell(ownValue(row, name))).join(",")}\r\n`;
}

/** A text that a spreadsheet would take for a formula gets an apostrophe, which makes it a text there. */
export function cell(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const safe = /^\s*[=+\-@]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
