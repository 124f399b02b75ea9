/**
 * `SeriesFold`: scores over a run, each with what the run had used by then, whose it is, and how certain it is, as soon as that is known.
 *
 * @module
 */
import type { PriceList } from "../llm/spend/prices.ts";
import type { DatasetName } from "./api.ts";
import type { CandidateTable } from "./candidate-table.ts";
import { isMean, ScoreSums } from "./mean-interval.ts";
import type { SpendTally } from "./spend-tally.ts";
import type { TaskFold } from "./task-fold.ts";

/** One point of a series. */
export interface SeriesPoint {
  readonly dataset: DatasetName;
  readonly metric: string;
  readonly label: string;
  readonly iteration: number;
  readonly score: number | null;
  /** Over the examples that it is the mean of. */
  sums: ScoreSums | undefined;
  readonly calls: number;
  readonly tokens: number;
  /** `null` where a price is not known. */
  readonly usd: number | null;
  readonly seconds: number;
  /** `null` where it is not known, or not yet. */
  candidate: string | null;
}

/** A point, and the task that it comes from. */
export interface NewPoint extends Omit<SeriesPoint, "sums" | "calls" | "tokens" | "usd" | "seconds"> {
  readonly task?: string;
}

/** What points are made of. */
export interface SeriesSources {
  readonly spend: SpendTally;
  readonly prices: PriceList;
  readonly tasks: TaskFold;
  readonly candidates: CandidateTable;
  /** Rollouts for each example of an evaluation. */
  readonly numSamples: number;
}

/** Collects points. */
export class SeriesFold {
  readonly points: SeriesPoint[] = [];
  readonly #sources: SeriesSources;
  /** Points of which it is not known yet whose they are. */
  #pending: SeriesPoint[] = [];
  #activeMs = 0;
  #lastTime: number | undefined;

  constructor(sources: SeriesSources) {
    this.#sources = sources;
  }

  /** Adds a point, as of now. */
  add({ task, ...about }: NewPoint): void {
    const { spend, prices, tasks, numSamples } = this.#sources;
    const { iteration, score } = about;
    const samples = task === "forward" ? 1 : numSamples;
    const sums = task === undefined ? undefined : tasks.sums(`iteration/${iteration}/${task}`, score, samples);
    const used = { calls: spend.calls, tokens: spend.tokens, usd: spend.usd(prices), seconds: this.#activeMs / 1_000 };
    const point: SeriesPoint = { ...about, sums, ...used };
    this.points.push(point);
    if (point.candidate !== null) this.#settle(point);
    else if (point.dataset !== "train") this.#pending.push(point);
  }

  /** The points of an iteration are those of a candidate. */
  hold(iteration: number, candidate: string): void {
    const own = this.#pending.filter((point) => point.iteration === iteration);
    if (own.length > 0) this.#pending = this.#pending.filter((point) => point.iteration !== iteration);
    for (const point of own) this.#settle(Object.assign(point, { candidate }));
  }

  /** Time has passed. @param at ISO 8601 */
  pass(at: string): void {
    const time = Date.parse(at);
    if (Number.isNaN(time)) return;
    if (this.#lastTime !== undefined && time > this.#lastTime) this.#activeMs += time - this.#lastTime;
    this.#lastTime = time;
  }

  /** The time until the next event, between two processes, does not count. */
  pause(): void {
    this.#lastTime = undefined;
  }

  /** Where a task does not say how certain a point is, what was measured of its candidate may: every example once, with the same mean. */
  #settle(point: SeriesPoint): void {
    const { dataset, metric, score } = point;
    const row = this.#sources.candidates.get(point.candidate ?? "");
    if (row === undefined || dataset === "train" || score === null) return;
    if (metric === "score" && !row.evaluated.has(dataset)) row.evaluated.set(dataset, score);
    const { sums: measured, examples } = row.measured.get(dataset) ?? {};
    const sums = measured?.get(metric);
    if (point.sums !== undefined || sums === undefined || sums.count !== examples?.size || !isMean(sums, score)) return;
    // What was measured may become more.
    point.sums = Object.assign(new ScoreSums(), sums);
  }
}
