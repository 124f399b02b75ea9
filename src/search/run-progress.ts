/**
 * How far a run has come: scores, counts, the best parameters, and whether a stop condition is met.
 *
 * @module
 */
import { type Cell, compareCandidates, type DirectedScale, reaches, sureMean } from "../data/comparison.ts";
import { isPlainObject, type JsonValue } from "../data/json.ts";
import { isByScore, minimizesScore, type ObjectiveConfig } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { CheckpointError } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import { RunOutcomes } from "../trainer/alike-failures.ts";
import type { Evaluation } from "../trainer/evaluation.ts";
import type { StopReason } from "../trainer/events.ts";
import type { BestSoFar } from "../trainer/run-keeper.ts";
import type { StopOptions } from "./algorithm-options.ts";
import { BestCandidates, type EvaluatedCandidate, type MetricRanges } from "./best-candidates.ts";
import { worseOf } from "./compare.ts";
import type { PartialScores } from "./partial-scores.ts";
import { TestedCandidates } from "./tested-candidates.ts";

/** An evaluation on the test dataset, which an agent that is deterministic need not repeat. */
export interface LastTest {
  /** Fingerprint of the values of all parameters. */
  readonly values: string;
  readonly mean: number | null;
}

/** What an evaluation came to, as plain JSON. */
export type EvaluatedCells = Pick<Evaluation, "mean" | "cells" | "metrics">;

/** What the end of a run has evaluated. */
export interface LastEvaluation {
  /** After which iteration. */
  readonly iteration: number;
  /** The id of the candidate. */
  readonly candidate: string;
  readonly evaluation: EvaluatedCells;
}

/** Scores of the values of an iteration, and by what scale. */
export interface Measurement {
  readonly mean: number | null;
  readonly cells: readonly Cell[];
  readonly scale: DirectedScale;
  /** The mean of every metric, as `sureMeans`; `null` when too little was scored. */
  readonly scores: Scores | null;
  readonly ranges: MetricRanges;
}

/** A candidate that was measured. */
export interface Judged {
  /** Its id. */
  readonly candidate: string;
  /** Whose values it has. */
  readonly iteration: number;
  readonly parameters: Candidate;
  readonly measurement: Measurement;
  /** Whether it was measured, and judged, before. @default false */
  readonly isKnown?: boolean | undefined;
}

/** What a run has come to so far. */
export class RunProgress {
  readonly trainScores: number[] = [];
  /** The last score on the test dataset. */
  testScore: number | null = null;
  /** Whether the evaluation before the first iteration is done. */
  isBegun = false;
  /** Whether the latest values are still to be tested, because something has ended the run in that. */
  owesTest = false;
  iterations = 0;
  /** Training rollouts that could not be scored for reasons outside the agent. */
  unscored = 0;
  /** The epoch of the loader in which the run began. */
  firstEpoch: number;
  /** What all rollouts have come to. */
  readonly outcomes: RunOutcomes = new RunOutcomes();
  /** How the start and the best did on data that are evaluated. */
  readonly testedCandidates: TestedCandidates = new TestedCandidates();
  /** Which candidates were evaluated, where not all are: their ids. */
  readonly evaluated: Set<string> = new Set();
  best: BestSoFar;
  /** The last evaluation on the test dataset. */
  lastTest: LastTest | undefined;
  /** What the end of the run has evaluated, also in an earlier process: one that ends after the same iteration knows it. */
  lastEvaluation: LastEvaluation | undefined;
  /** What the last score on the test dataset is at least (at most, where less is better), whatever could not be scored; `null` when too little was. */
  #sureTestScore: number | null = null;
  #bestCells: readonly Cell[] | undefined;
  /** Where candidates are compared by more than the guide's score. */
  readonly #candidates: BestCandidates | undefined;
  readonly #objective: ObjectiveConfig;
  /** The worst value that an example of any evaluation had in each metric, where there are several. */
  readonly worst: Map<string, number> = new Map();
  #judgedWithoutBest = 0;
  /** From where the run would continue, where its end has measured more. */
  #settled: { readonly [field: string]: JsonValue } | undefined;

  constructor(firstEpoch: number, start: Candidate, objective: ObjectiveConfig) {
    this.firstEpoch = firstEpoch;
    this.#objective = objective;
    this.#candidates = isByScore(objective) ? undefined : new BestCandidates(objective);
    this.best = { iteration: 0, score: null, parameters: start };
  }

  /** Takes note of scores on the test dataset. */
  tested({ mean, cells, scale }: Measurement): void {
    this.testScore = mean;
    this.#sureTestScore = sureMean(cells, scale);
  }

  /**
   * Takes note of candidates that were measured, by which the best values are chosen. Of those of which too little could be scored nothing
   * follows.
   */
  judged(all: readonly Judged[]): void {
    // As far as events tell of them, so that a run that is resumed knows the same.
    for (const { measurement, isKnown } of all) if (!isKnown && measurement.scores !== null) this.#noteRanges(measurement.ranges);
    const able = all.filter(({ measurement: { cells, scale } }) => sureMean(cells, scale) !== null);
    if (able.length === 0) return;
    // Each is to be looked at, also when an earlier one is better already.
    const better = able.map((one) => (this.#candidates === undefined ? this.#beatsBest(one) : this.#joinsFront(one)));
    if (better.includes(true)) this.#judgedWithoutBest = 0;
    else this.judgedAgain();
  }

  /** Takes in an evaluation of an earlier process. */
  restoreEvaluated(evaluated: EvaluatedCandidate, ranges: MetricRanges): void {
    this.#noteRanges(ranges);
    this.#candidates?.add(evaluated);
  }

  #noteRanges(ranges: MetricRanges): void {
    for (const [metric, [lowest, highest]] of Object.entries(ranges)) {
      const known = this.worst.get(metric) ?? lowest;
      const least = worseOf(metric, known, lowest, { objective: this.#objective });
      this.worst.set(metric, worseOf(metric, least, highest, { objective: this.#objective }));
    }
  }

  /** Forgets the evaluations of earlier processes. */
  forgetEvaluated(): void {
    this.worst.clear();
    this.evaluated.clear();
    this.testedCandidates.clear();
    this.#candidates?.clear();
  }

  /** The candidates that no other one beats, under a `pareto` objective. */
  get front(): readonly EvaluatedCandidate[] {
    return this.#candidates?.front ?? [];
  }

  #beatsBest({ iteration, parameters, measurement: { mean, cells, scale, scores } }: Judged): boolean {
    if (!this.#isBest(cells, scale)) return false;
    this.best = { iteration, score: mean, ...severalOf(scores), parameters };
    this.#bestCells = cells;
    return true;
  }

  #joinsFront({ candidate, iteration, parameters, measurement: { scores } }: Judged): boolean {
    const candidates = this.#candidates as BestCandidates;
    if (scores === null) return false;
    const joins = candidates.add({ candidate, iteration, scores, parameters });
    const best = candidates.best as EvaluatedCandidate;
    this.best = {
      iteration: best.iteration,
      score: best.scores.score ?? null,
      ...severalOf(best.scores),
      parameters: best.parameters,
    };
    return joins;
  }

  /** The values are those that were judged last, and so not better. */
  judgedAgain(): void {
    this.#judgedWithoutBest++;
  }

  #isBest(cells: readonly Cell[], scale: DirectedScale): boolean {
    if (this.#bestCells !== undefined) return compareCandidates([this.#bestCells, cells], scale).winner === 1;
    // Nothing was judged yet, or by an earlier version that has left nothing but the mean.
    const judged = this.#judgedScore;
    return judged === null || (sureMean(cells, scale) ?? Number.NEGATIVE_INFINITY) > judged;
  }

  /** The score by which the best values were chosen; `null` where they are only the latest. */
  get #judgedScore(): number | null {
    return this.best.examples === undefined ? this.best.score : null;
  }

  /** Where nothing is tested, the latest parameters count as the best. @param estimate what the search itself has measured of them */
  untested(iteration: number, parameters: Candidate, estimate: PartialScores | undefined): void {
    if (this.#bestCells === undefined && this.#judgedScore === null) this.unjudged(iteration, parameters, estimate);
  }

  /** Takes values for the best ones that were not evaluated, with what the search itself has measured of them. */
  unjudged(iteration: number, parameters: Candidate, estimate: PartialScores | undefined): void {
    const { scores = null, examples } = estimate ?? {};
    const known = examples === undefined ? {} : { ...severalOf(scores), examples };
    this.best = { iteration, score: scores?.score ?? null, ...known, parameters };
  }

  /** Forgets all scores: they no longer compare with those to come. What was the best is to be measured again. */
  forgetScores(): void {
    this.trainScores.length = 0;
    this.testScore = null;
    this.isBegun = false;
    this.owesTest = false;
    this.lastTest = undefined;
    this.lastEvaluation = undefined;
    const { iteration, parameters } = this.best;
    this.best = { iteration, score: null, parameters };
    this.forgetEvaluated();
    this.#bestCells = undefined;
    this.#sureTestScore = null;
    this.#judgedWithoutBest = 0;
  }

  /** Which condition is met. @param iterations how many have been trained */
  metCondition(
    { targetScore, patience, maxIterations }: Omit<StopOptions, "deadline">,
    iterations: number,
  ): StopReason | undefined {
    const lowerIsBetter = minimizesScore(this.#objective);
    if (targetScore !== undefined && reaches(this.#sureTestScore, targetScore, lowerIsBetter)) return "target-score";
    if (patience !== undefined && this.#judgedWithoutBest >= patience) return "patience";
    if (maxIterations !== undefined && iterations >= maxIterations) return "max-iterations";
    return undefined;
  }

  /** From here on only the end of the run is measured: what comes of it is part of the result, and void when the run continues after all. */
  settle(): void {
    this.#settled = { ...this.#state(), settledBest: this.best as unknown as JsonValue };
  }

  get isSettled(): boolean {
    return this.#settled !== undefined;
  }

  /** For a checkpoint; `best` has a place of its own there. */
  state(): JsonValue {
    const { lastEvaluation } = this;
    return { ...(this.#settled ?? this.#state()), ...(lastEvaluation && { lastEvaluation }) } as unknown as JsonValue;
  }

  #state(): { readonly [field: string]: JsonValue } {
    const { trainScores, testScore, isBegun, iterations, unscored, firstEpoch } = this;
    return {
      trainScores: [...trainScores],
      testScore,
      isBegun,
      iterations,
      unscored,
      firstEpoch,
      hasScored: this.outcomes.hasScored,
      ...(this.outcomes.isWithoutScore ? { isWithoutScore: true } : {}),
      sureTestScore: this.#sureTestScore,
      testsWithoutBest: this.#judgedWithoutBest,
      ...(this.#bestCells === undefined ? {} : { bestCells: this.#bestCells }),
      ...(this.evaluated.size === 0 ? {} : { evaluated: [...this.evaluated] }),
      ...(this.owesTest ? { owesTest: true } : {}),
      ...(this.lastTest === undefined ? {} : { lastTest: { ...this.lastTest } }),
    };
  }

  /** @throws CheckpointError when it is not such a state */
  restore(state: JsonValue, best: BestSoFar): void {
    if (!isPlainObject(state) || !Array.isArray(state.trainScores) || typeof state.iterations !== "number") {
      throw new CheckpointError("The checkpoint does not hold the progress of a run");
    }
    this.trainScores.splice(0, this.trainScores.length, ...(state.trainScores as number[]));
    this.testScore = state.testScore as number | null;
    this.isBegun = state.isBegun === true;
    this.owesTest = state.owesTest === true;
    for (const candidate of (state.evaluated ?? []) as readonly string[]) this.evaluated.add(candidate);
    this.iterations = state.iterations;
    this.unscored = state.unscored as number;
    this.outcomes.hasScored = state.hasScored !== false;
    this.outcomes.hasScore = this.outcomes.hasScored && state.isWithoutScore !== true;
    this.firstEpoch = state.firstEpoch as number;
    this.#sureTestScore = (state.sureTestScore === undefined ? state.testScore : state.sureTestScore) as number | null;
    this.#judgedWithoutBest = state.testsWithoutBest as number;
    this.#bestCells = state.bestCells as readonly Cell[] | undefined;
    this.lastTest = state.lastTest as LastTest | undefined;
    this.lastEvaluation = state.lastEvaluation as LastEvaluation | undefined;
    this.best = best;
  }
}

/** Scores that are worth a mention besides `score`. */
export function severalOf(scores: Scores | null): { readonly scores?: Scores } {
  return scores === null || Object.keys(scores).length < 2 ? {} : { scores };
}
