/**
 * `CandidateTable`: the candidates of a run with sums over what was measured of each. Values and single trials stay in the journal.
 *
 * @module
 */
import { fingerprint } from "../data/fingerprint.ts";
import { isPlainObject, jsonEqual, ownValue } from "../data/json.ts";
import { nodeCrypto } from "../data/load-on-demand.ts";
import type { Scores } from "../data/scores.ts";
import type { DatasetName } from "./api.ts";
import { ExampleSet, ExampleSums, isExample } from "./example-columns.ts";
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

/** Reads the values of candidates. */
export type ValuesOf = (rows: readonly CandidateRow[]) => readonly Fields[];

/** How many are read at a time. */
const batch = 500;

/** Collects candidates. */
export class CandidateTable {
  readonly rows: CandidateRow[] = [];
  readonly #byId = new Map<string, CandidateRow>();
  /** The first with the same values. */
  readonly #byParts = new Map<string, CandidateRow>();
  readonly #byFingerprint = new Map<string, CandidateRow>();
  readonly #fingerprints: string[] = [];
  readonly #valuesOf: ValuesOf;
  /** By dataset. */
  readonly examples: Map<DatasetName, ExampleSums> = new Map();
  /** The lowest and the highest value by dataset and metric. */
  readonly ranges: Map<string, [lowest: number, highest: number]> = new Map();
  readonly metrics: Set<string> = new Set();
  #lastExamples: { readonly of: readonly unknown[]; readonly set: ExampleSet } | undefined;
  /** The values by path, long ones by their hash, to find what has changed. */
  readonly #parts = new Map<string, Fields>();

  /** @param valuesOf reads the values of candidates again */
  constructor(valuesOf: ValuesOf) {
    this.#valuesOf = valuesOf;
  }

  get(id: string): CandidateRow | undefined {
    return this.#byId.get(id);
  }

  /** The candidate with these values. */
  ofValues(values: Fields): CandidateRow | undefined {
    return this.#byParts.get(keyOf(partsOf(values)));
  }

  /** The candidate whose values have this fingerprint, by which rollouts are kept. */
  ofFingerprint(values: string): CandidateRow | undefined {
    this.#takeFingerprints();
    return this.#byFingerprint.get(values);
  }

  fingerprintOf({ index }: CandidateRow): string {
    this.#takeFingerprints();
    return this.#fingerprints[index] as string;
  }

  /** Only when one is asked for: for ten thousand long values it takes a while. */
  #takeFingerprints(): void {
    while (this.#fingerprints.length < this.rows.length) {
      const some = this.rows.slice(this.#fingerprints.length, this.#fingerprints.length + batch);
      for (const [at, values] of this.#valuesOf(some).entries()) {
        const text = fingerprint(values);
        this.#fingerprints.push(text);
        if (!this.#byFingerprint.has(text)) this.#byFingerprint.set(text, some[at] as CandidateRow);
      }
    }
  }

  /** Adds a candidate; one that is known stays as it is. */
  add(id: string, { parents, origin, values }: Fields, iteration: number, line: LineRef): CandidateRow {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const own = isPlainObject(values) ? values : {};
    const ancestors = Array.isArray(parents) ? parents.map(String) : [];
    const before = this.#parts.get(ancestors[0] ?? "");
    const parts = partsOf(own);
    const row: CandidateRow = {
      id,
      index: this.rows.length,
      iteration,
      parents: ancestors,
      origin: typeof origin === "string" ? origin : "",
      line,
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
    const key = keyOf(parts);
    if (!this.#byParts.has(key)) this.#byParts.set(key, row);
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
    let numScored = 0;
    for (const [metric, column] of columns) {
      const count = this.#measureColumn(own, dataset, metric, column);
      sums.add(metric, examples, column);
      if (metric === "score" && column.length === examples.length) numScored = count;
    }
    const all = failures.size === 0 && numScored === examples.length ? this.#setOf(examples) : undefined;
    if (all !== undefined) {
      own.examples.addAll(all);
      return;
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

  /** The same list of examples comes again and again. @returns nothing where one of them is no number of an example */
  #setOf(examples: readonly unknown[]): ExampleSet | undefined {
    if (this.#lastExamples?.of !== examples) {
      const set = new ExampleSet();
      if (!examples.every(isExample)) return undefined;
      for (const example of examples) set.add(example as number);
      this.#lastExamples = { of: examples, set };
    }
    return this.#lastExamples.set;
  }

  /** @returns how many are scores */
  #measureColumn(own: Measured, dataset: DatasetName, metric: string, column: readonly unknown[]): number {
    this.metrics.add(metric);
    let count = 0;
    let sums = own.sums.get(metric);
    if (sums === undefined) {
      sums = new ScoreSums();
      own.sums.set(metric, sums);
    }
    const name = `${dataset} ${metric}`;
    let range = this.ranges.get(name);
    for (const score of column) {
      if (typeof score !== "number") continue;
      count++;
      sums.add(score);
      if (range === undefined) {
        range = [score, score];
        this.ranges.set(name, range);
      }
      if (score < range[0]) range[0] = score;
      if (score > range[1]) range[1] = score;
    }
    return count;
  }

  #examplesOf(dataset: DatasetName): ExampleSums {
    const known = this.examples.get(dataset) ?? new ExampleSums();
    this.examples.set(dataset, known);
    return known;
  }
}

function partsOf(values: Fields): Fields {
  return Object.fromEntries(Object.entries(values).map(([path, value]) => [path, shortened(value)]));
}

function keyOf(parts: Fields): string {
  return JSON.stringify(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : Number(a > b))));
}

/** Long values are compared by their hash, which is longer than any text that is kept. */
function shortened(value: unknown): unknown {
  if (typeof value !== "string") return fingerprint(value);
  return value.length <= 40 ? value : nodeCrypto().hash("sha256", value);
}

function changedPaths(before: Fields, after: Fields): string[] {
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
