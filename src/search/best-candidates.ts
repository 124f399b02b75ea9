/**
 * `BestCandidates`: which of the evaluated candidates is the best by an objective, and which others are on its front.
 *
 * A fold over evaluations in their order: a run, a run that is resumed, and `opto show` come to the same.
 *
 * @module
 */
import { hypervolume, type Vector } from "../data/fronts.ts";
import { ownValue, textLength } from "../data/json.ts";
import { metricOf, type ObjectiveConfig, orient } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { frontOf, selectTop } from "../data/selection.ts";
import type { Candidate } from "../graph/with-values.ts";

/** A candidate that was measured on what the best values are chosen on. */
export interface EvaluatedCandidate {
  /** Its id. */
  readonly candidate: string;
  /** After which iteration that was; 0 is before the first. */
  readonly iteration: number;
  /** The mean of every metric; failures count as the worst, and so does what could not be scored. */
  readonly scores: Scores;
  readonly parameters: Candidate;
}

/** Collects evaluated candidates. */
export class BestCandidates {
  readonly #objective: ObjectiveConfig;
  #front: readonly EvaluatedCandidate[] = [];
  #best: EvaluatedCandidate | undefined;

  constructor(objective: ObjectiveConfig) {
    this.#objective = objective;
  }

  /** The best; under `pareto` the compromise on the front: by the weights, else the knee. */
  get best(): EvaluatedCandidate | undefined {
    return this.#best;
  }

  /** The candidates that no other one beats, in order of their evaluation; unless the mode is `pareto`, the best alone. */
  get front(): readonly EvaluatedCandidate[] {
    return this.#front;
  }

  /** Takes in an evaluation. One that is on the front keeps what it scored first. @returns whether it is the best or on the front now */
  add(evaluated: EvaluatedCandidate): boolean {
    if (this.#front.some(({ candidate }) => candidate === evaluated.candidate)) return false;
    const all = [...this.#front, evaluated];
    const scores = all.map((one) => one.scores);
    const isFront = this.#objective.mode === "pareto";
    const at = (index: number): EvaluatedCandidate => all[index] as EvaluatedCandidate;
    const [best = 0] = selectTop(scores, 1, this.#objective, (index) => textLength(at(index).parameters));
    this.#best = at(best);
    this.#front = isFront ? frontOf(scores, this.#objective).map(at) : [this.#best];
    return this.#front.includes(evaluated);
  }

  /** Forgets all: scores by other code do not compare. */
  clear(): void {
    this.#front = [];
    this.#best = undefined;
  }
}

/** The lowest and the highest value of every metric over the examples of an evaluation. */
export type MetricRanges = Readonly<Record<string, readonly [lowest: number, highest: number]>>;

/**
 * The point that hypervolumes are measured from: the worst value that an example of the first evaluation had in each metric, and a tenth of
 * their range beyond it; of its size where all are equal, and 0.1 where they are 0.
 */
export function referenceOf(metrics: readonly string[], ranges: MetricRanges, { minimize }: ObjectiveConfig): Scores {
  const points = metrics.map((metric) => {
    const [low, high] = ownValue(ranges, metric) ?? [0, 0];
    const margin = 0.1 * (high - low || Math.abs(low) || 1);
    return [metric, minimize.includes(metric) ? high + margin : low - margin] as const;
  });
  return Object.fromEntries(points);
}

/** How much of the space of metrics a front covers, from a reference point; candidates that lack a metric cover nothing. */
export function frontVolume(front: readonly Scores[], reference: Scores, objective: ObjectiveConfig): number {
  const metrics = Object.keys(reference);
  const vectorOf = (scores: Scores): Vector => metrics.map((metric) => metricOf(orient(scores, objective), metric, objective));
  const points = front.map(vectorOf).filter((point) => point.every(Number.isFinite));
  return hypervolume(points, vectorOf(reference));
}
