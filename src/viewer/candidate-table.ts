/**
 * `CandidateTable`: the candidates of a run with sums over what was measured of each. Values and single trials stay in the journal.
 *
 * @module
 */
import { fingerprint } from "../data/fingerprint.ts";
import { isPlainObject, jsonEqual, ownValue } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import type { DatasetName } from "./api.ts";
import { ExampleSet, ExampleSums } from "./example-columns.ts";
import type { Fields, LineRef } from "./line-store.ts";
import { ScoreSums } from "./mean-interval.ts";

/** What was measured of a candidate on a dataset. */
export interface Measured {
  /** The lines that say it. */
  readonly lines: LineRef[];
  /** By metric. */
  readonly sums: Map<string, ScoreSums>;
  /** Examples that were scored or failed; those with several trials once. */
  readonly examples: ExampleSet;
  failed: number;
  /** How many of the failures have no score. */
  blank: number;
  unscored: number;
}

/** Something that became of a candidate. */
export interface CandidateEvent {
  readonly iteration: number | null;
  /** ISO 8601. */
  readonly at: string;
  readonly text: string;
}

/** A candidate. */
export interface CandidateRow {
  readonly id: string;
  readonly index: number;
  readonly iteration: number;
  readonly parents: readonly string[];
  readonly origin: string;
  /** Where its values stand. */
  readonly line: LineRef;
  /** Fingerprint of its values. */
  readonly values: string;
  /** Paths of the parameters that differ from the first parent. */
  readonly changed: readonly string[];
  readonly measured: Map<DatasetName, Measured>;
  /** What the run has logged of it after evaluations of whole datasets. */
  readonly evaluated: Map<DatasetName, number>;
  readonly history: CandidateEvent[];
  readonly children: string[];
  /** What the run made of it last. */
  score: number | null | undefined;
  /** Means by metric, as the run evaluated them. */
  scores: Scores | undefined;
  wasSelected: boolean;
  wasAccepted: boolean;
  wasRejected: boolean;
  wasDropped: boolean;
}

/** Collects candidates. */
export class CandidateTable {
  readonly rows: CandidateRow[] = [];
  readonly #byId = new Map<string, CandidateRow>();
  readonly #byValues = new Map<string, CandidateRow>();
  /** By dataset. */
  readonly examples: Map<DatasetName, ExampleSums> = new Map();
  /** The lowest and the highest value by dataset and metric. */
  readonly ranges: Map<string, [lowest: number, highest: number]> = new Map();
  readonly metrics: Set<string> = new Set();
  /** Fingerprints of the values by path, to find what has changed. */
  readonly #parts = new Map<string, Readonly<Record<string, unknown>>>();

  get(id: string): CandidateRow | undefined {
    return this.#byId.get(id);
  }

  /** The candidate with these values, by their fingerprint. */
  ofValues(values: string): CandidateRow | undefined {
    return this.#byValues.get(values);
  }

  /** Adds a candidate; one that is known stays as it is. */
  add(id: string, { parents, origin, values }: Fields, iteration: number, line: LineRef): CandidateRow {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const own = isPlainObject(values) ? values : {};
    const ancestors = Array.isArray(parents) ? parents.map(String) : [];
    const before = this.#parts.get(ancestors[0] ?? "");
    const parts = Object.fromEntries(Object.entries(own).map(([path, value]) => [path, shortened(value)]));
    const row: CandidateRow = {
      id,
      index: this.rows.length,
      iteration,
      parents: ancestors,
      origin: typeof origin === "string" ? origin : "",
      line,
      values: fingerprint(own),
      changed: before === undefined ? [] : changedPaths(before, parts),
      measured: new Map(),
      evaluated: new Map(),
      history: [],
      children: [],
      score: undefined,
      scores: undefined,
      wasSelected: false,
      wasAccepted: false,
      wasRejected: false,
      wasDropped: false,
    };
    this.rows.push(row);
    this.#byId.set(id, row);
    if (!this.#byValues.has(row.values)) this.#byValues.set(row.values, row);
    this.#parts.set(id, parts);
    for (const parent of ancestors) this.#byId.get(parent)?.children.push(id);
    return row;
  }

  /** Takes in trials in columns, as events have them. */
  measure(id: string, dataset: DatasetName, event: Fields, line: LineRef): void {
    const row = this.#byId.get(id);
    const { examples, scores, failed } = event;
    if (row === undefined || !Array.isArray(examples) || !isPlainObject(scores)) return;
    let own = row.measured.get(dataset);
    if (own === undefined) {
      own = { lines: [], sums: new Map(), examples: new ExampleSet(), failed: 0, blank: 0, unscored: 0 };
      row.measured.set(dataset, own);
    }
    own.lines.push(line);
    const failures = new Set(Array.isArray(failed) ? (failed as unknown[]) : []);
    own.failed += failures.size;
    const columns = Object.entries(scores).filter(([, column]) => Array.isArray(column)) as [string, unknown[]][];
    const sums = this.#examplesOf(dataset);
    for (const [metric, column] of columns) {
      this.#measureColumn(own, dataset, metric, column);
      sums.add(metric, examples, column);
    }
    const main = columns.find(([metric]) => metric === "score")?.[1] ?? [];
    for (let at = 0; at < examples.length; at++) {
      const example = examples[at] as unknown;
      if (!sums.reserve(example)) continue;
      const hasFailed = failures.size > 0 && failures.has(at);
      if (hasFailed) sums.failed[example] = (sums.failed[example] as number) + 1;
      const isScored = typeof main[at] === "number";
      if (isScored || hasFailed) own.examples.add(example);
      if (isScored) continue;
      if (hasFailed) {
        own.blank++;
        sums.blank[example] = (sums.blank[example] as number) + 1;
      } else own.unscored++;
    }
  }

  /** Scores by other code do not compare. */
  forgetScores(): void {
    for (const row of this.rows) {
      row.measured.clear();
      row.evaluated.clear();
      row.score = undefined;
      row.scores = undefined;
    }
    this.examples.clear();
    this.ranges.clear();
  }

  #measureColumn(own: Measured, dataset: DatasetName, metric: string, column: readonly unknown[]): void {
    this.metrics.add(metric);
    let sums = own.sums.get(metric);
    if (sums === undefined) {
      sums = new ScoreSums();
      own.sums.set(metric, sums);
    }
    const name = `${dataset} ${metric}`;
    let range = this.ranges.get(name);
    for (const score of column) {
      if (typeof score !== "number") continue;
      sums.add(score);
      if (range === undefined) {
        range = [score, score];
        this.ranges.set(name, range);
      }
      if (score < range[0]) range[0] = score;
      if (score > range[1]) range[1] = score;
    }
  }

  #examplesOf(dataset: DatasetName): ExampleSums {
    const known = this.examples.get(dataset) ?? new ExampleSums();
    this.examples.set(dataset, known);
    return known;
  }
}

/** Long values are compared by their fingerprint. */
function shortened(value: unknown): unknown {
  return typeof value === "string" && value.length <= 40 ? value : fingerprint(value).slice(0, 16);
}

function changedPaths(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...paths].filter((path) => !jsonEqual(ownValue(before, path) as never, ownValue(after, path) as never));
}

/** The mean of a metric over what was measured; failures count as the lowest value there is, at most 0. */
export function meanOf(measured: Measured | undefined, metric: string, lowest: number): number | null {
  if (measured === undefined) return null;
  const sums = measured.sums.get(metric);
  const count = (sums?.count ?? 0) + measured.blank;
  if (count === 0) return null;
  return ((sums?.sum ?? 0) + measured.blank * Math.min(0, lowest)) / count;
}
