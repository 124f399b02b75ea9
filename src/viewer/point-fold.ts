/**
 * `PointFold`: the points of series as they come, each with whose it is and how certain it is, as soon as that is known.
 *
 * @module
 */
import type { CandidateTable } from "./candidate-table.ts";
import { isMean, ScoreSums } from "./mean-interval.ts";
import type { SeriesFold, SeriesPoint } from "./series-fold.ts";
import type { TaskFold } from "./task-fold.ts";

/** What points are made of. */
export interface PointSources {
  readonly series: SeriesFold;
  readonly tasks: TaskFold;
  readonly candidates: CandidateTable;
  /** Rollouts for each example of an evaluation. */
  readonly numSamples: number;
}

/** A point, and the task that it comes from. */
export interface NewPoint extends Omit<SeriesPoint, "sums" | "calls" | "tokens" | "usd" | "seconds"> {
  readonly task?: string;
}

/** Adds points to the series of a run. */
export class PointFold {
  readonly #sources: PointSources;
  /** Points of which it is not known yet whose they are. */
  #pending: SeriesPoint[] = [];

  constructor(sources: PointSources) {
    this.#sources = sources;
  }

  add({ task, ...about }: NewPoint): void {
    const { series, tasks, numSamples } = this.#sources;
    const { iteration, score } = about;
    const samples = task === "forward" ? 1 : numSamples;
    const sums = task === undefined ? undefined : tasks.sums(`iteration/${iteration}/${task}`, score, samples);
    const point = series.add({ ...about, sums });
    if (point.candidate !== null) this.#settle(point);
    else if (point.dataset !== "train") this.#pending.push(point);
  }

  /** The points of an iteration are those of a candidate. */
  hold(iteration: number, candidate: string): void {
    const own = this.#pending.filter((point) => point.iteration === iteration);
    if (own.length > 0) this.#pending = this.#pending.filter((point) => point.iteration !== iteration);
    for (const point of own) this.#settle(Object.assign(point, { candidate }));
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
