/**
 * The trials of one candidate on one dataset, in columns: ten thousand candidates have millions of them.
 *
 * @module
 */
import { ownValue } from "../data/json.ts";
import type { Scores } from "../data/scores.ts";
import type { Trial } from "./search.ts";

const [unmeasured, scored, failed, unscored] = [0, 1, 2, 3] as const;

/** Stands for means that some example has no value for. */
const unwhole: Scores = {};

/** What is known of one example: the mean over its samples. */
export type CellState = "unmeasured" | "scored" | "failed" | "unscored";

const stateNames: readonly CellState[] = ["unmeasured", "scored", "failed", "unscored"];

/** Trials by example and sample. The first sample of an example takes nine bytes for each metric, further ones an object. */
export class TrialTable {
  #states = new Uint8Array(0);
  readonly #columns = new Map<string, Float64Array>();
  readonly #errors = new Map<number, string>();
  /** The second sample of an example, the third, … */
  readonly #further = new Map<number, Trial[]>();
  #count = 0;
  #hasUnscored = false;
  #means: { readonly examples: readonly number[]; readonly count: number; readonly means: Scores } | undefined;

  /** How many trials were scored or failed. */
  get count(): number {
    return this.#count;
  }

  /** Whether any trial could not be scored when it was added. */
  get hasUnscored(): boolean {
    return this.#hasUnscored;
  }

  /** The examples that were tried, in order. */
  *examples(): Generator<number> {
    for (let example = 0; example < this.#states.length; example++) if (this.#states[example] !== unmeasured) yield example;
  }

  /** Names of the metrics that any trial has. */
  get metrics(): Iterable<string> {
    return this.#columns.keys();
  }

  hasMetric(metric: string): boolean {
    return this.#columns.has(metric);
  }

  /**
   * Adds a trial.
   *
   * @param sample which of the example's rollouts, from 0; a trial that could not be scored gives way to another of the same number. @default the next
   */
  add(example: number, trial: Trial, sample: number = this.samples(example)): void {
    this.#reserve(example);
    const before = this.#at(example, sample);
    if (before !== undefined && !isVoid(before)) return;
    if (isVoid(trial)) this.#hasUnscored = true;
    else this.#count++;
    if (sample > 0) {
      const list = this.#further.get(example) ?? [];
      list[sample - 1] = trial;
      this.#further.set(example, list);
      for (const metric of Object.keys(trial.scores ?? {})) this.#column(metric);
      return;
    }
    this.#states[example] = stateOf(trial);
    for (const [metric, score] of Object.entries(trial.scores ?? {})) this.#column(metric)[example] = score;
    if (trial.error === undefined) this.#errors.delete(example);
    else this.#errors.set(example, trial.error);
  }

  /** How many rollouts an example had. */
  samples(example: number): number {
    if ((this.#states[example] ?? unmeasured) === unmeasured) return 0;
    return 1 + (this.#further.get(example)?.length ?? 0);
  }

  /** What one rollout came to. */
  stateOf(example: number, sample: number): CellState {
    const trial = this.#at(example, sample);
    if (trial === undefined) return "unmeasured";
    if (trial.failed) return "failed";
    return trial.scores === null ? "unscored" : "scored";
  }

  /** Whether every one of these examples was scored, once, on every metric there is. */
  isWhole(examples: readonly number[]): boolean {
    return this.#further.size === 0 && this.means(examples) !== unwhole;
  }

  /** The mean of every metric over examples; kept until another trial comes. `{}` unless all are scored on every metric. */
  means(examples: readonly number[]): Scores {
    const known = this.#means;
    if (known?.examples === examples && known.count === this.#count) return known.means;
    this.#means = { examples, count: this.#count, means: this.#meansOver(examples) };
    return this.#means.means;
  }

  #meansOver(examples: readonly number[]): Scores {
    for (const example of examples) if (this.#states[example] !== scored) return unwhole;
    const means: [metric: string, mean: number][] = [];
    for (const [metric, column] of this.#columns) {
      let sum = 0;
      for (const example of examples) sum += column[example] as number;
      means.push([metric, sum / examples.length]);
    }
    return means.every(([, mean]) => !Number.isNaN(mean)) ? Object.fromEntries(means) : unwhole;
  }

  /** Whether every one of these examples was tried. */
  isTriedOn(examples: readonly number[]): boolean {
    for (const example of examples) if ((this.#states[example] ?? unmeasured) === unmeasured) return false;
    return true;
  }

  /** The values of a metric by example, NaN where there is none, where no example was tried twice; else `undefined`. To be read only. */
  column(metric: string): Float64Array | undefined {
    return this.#further.size === 0 ? (this.#columns.get(metric) ?? new Float64Array(0)) : undefined;
  }

  /** The trials of an example, by sample. */
  trials(example: number): readonly Trial[] {
    return Array.from({ length: this.samples(example) }, (_, sample) => this.#at(example, sample) as Trial);
  }

  /** What an example came to: scored when any sample was, else failed when any failed without a score. */
  state(example: number): CellState {
    const first = stateNames[this.#states[example] ?? unmeasured] as CellState;
    const further = this.#further.get(example);
    if (further === undefined) return first === "failed" && !Number.isNaN(this.#first("score", example)) ? "scored" : first;
    const all = this.trials(example);
    if (all.some(({ scores }) => scores !== null)) return "scored";
    return all.some((trial) => trial.failed) ? "failed" : "unscored";
  }

  /**
   * The mean of a metric over the samples of an example; failed ones without a score count as `lowest`.
   *
   * @returns NaN when there is none
   */
  value(metric: string, example: number, lowest: number): number {
    const further = this.#further.get(example);
    const first = this.#first(metric, example);
    const isFirstFailed = Number.isNaN(first) && this.#states[example] === failed;
    if (further === undefined) return isFirstFailed ? lowest : first;
    let [sum, count] = [0, 0];
    for (const { scores, failed: hasFailed } of this.trials(example)) {
      const score = ownValue(scores, metric) ?? (hasFailed ? lowest : Number.NaN);
      if (Number.isNaN(score)) continue;
      sum += score;
      count++;
    }
    return count === 0 ? Number.NaN : sum / count;
  }

  /** The mean of every metric over the samples of an example that have it. */
  meansOf(example: number): Scores {
    const means = [...this.#columns.keys()].map((metric) => [metric, this.value(metric, example, Number.NaN)] as const);
    return Object.fromEntries(means.filter(([, value]) => !Number.isNaN(value)));
  }

  /** The different errors of the agent, in order of the examples. */
  errors(examples: readonly number[]): string[] {
    if (this.#errors.size === 0 && this.#further.size === 0) return [];
    const all = examples.flatMap((example) => {
      return this.trials(example).flatMap(({ failed: hasFailed, error }) => (hasFailed && error !== undefined ? [error] : []));
    });
    return [...new Set(all)];
  }

  #first(metric: string, example: number): number {
    return this.#columns.get(metric)?.[example] ?? Number.NaN;
  }

  #at(example: number, sample: number): Trial | undefined {
    const state = this.#states[example] ?? unmeasured;
    if (state === unmeasured) return undefined;
    if (sample > 0) return this.#further.get(example)?.[sample - 1];
    const scores: [metric: string, score: number][] = [];
    for (const [metric, column] of this.#columns) {
      const score = column[example] as number;
      if (!Number.isNaN(score)) scores.push([metric, score]);
    }
    const error = this.#errors.get(example);
    const all: Scores | null = state === unscored || scores.length === 0 ? null : Object.fromEntries(scores);
    return { scores: all, failed: state === failed, ...(error === undefined ? {} : { error }) };
  }

  #column(metric: string): Float64Array {
    const column = this.#columns.get(metric) ?? new Float64Array(this.#states.length).fill(Number.NaN);
    this.#columns.set(metric, column);
    return column;
  }

  #reserve(example: number): void {
    if (example < this.#states.length) return;
    const size = Math.max(example + 1, Math.min(2 * this.#states.length, example + 1024));
    const states = new Uint8Array(size);
    states.set(this.#states);
    this.#states = states;
    for (const [metric, column] of this.#columns) {
      const grown = new Float64Array(size).fill(Number.NaN);
      grown.set(column);
      this.#columns.set(metric, grown);
    }
  }
}

function stateOf({ scores, failed: hasFailed }: Trial): number {
  if (hasFailed) return failed;
  return scores === null ? unscored : scored;
}

/** Whether a trial was tried and could not be scored, so that it counts for nothing. */
function isVoid({ scores, failed: hasFailed }: Trial): boolean {
  return scores === null && !hasFailed;
}
