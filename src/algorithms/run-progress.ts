/**
 * How far a run has come: scores, counts, the best parameters, and whether a stop condition is met.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";
import { CheckpointError } from "../errors.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { StopReason } from "../trainer/events.ts";
import type { BestSoFar } from "../trainer/run-keeper.ts";

/** When a run ends before its last epoch. */
export interface StopConditions {
  readonly targetScore: number | undefined;
  readonly patience: number | undefined;
  readonly maxIterations: number | undefined;
}

/** An evaluation on the test dataset, which an agent that is deterministic need not repeat. */
export interface LastTest {
  /** Fingerprint of the values of all parameters. */
  readonly values: string;
  readonly mean: number | null;
  readonly failed: number;
}

/** What a run has come to so far. */
export class RunProgress {
  readonly trainScores: number[] = [];
  /** The last score on the test dataset. */
  testScore: number | null = null;
  /** Whether the evaluation before the first iteration is done. */
  isBegun = false;
  iterations = 0;
  /** Training rollouts that could not be scored for reasons outside the agent. */
  unscored = 0;
  /** The epoch of the loader in which the run began. */
  firstEpoch: number;
  best: BestSoFar;
  /** The last evaluation on the test dataset. */
  lastTest: LastTest | undefined;
  #testsWithoutBest = 0;

  constructor(firstEpoch: number, start: Candidate) {
    this.firstEpoch = firstEpoch;
    this.best = { iteration: 0, score: null, parameters: start };
  }

  /** Takes note of a score on the test dataset. */
  tested(score: number | null, iteration: number, parameters: Candidate): void {
    this.testScore = score;
    if (score !== null && (this.best.score === null || score > this.best.score)) {
      this.best = { iteration, score, parameters };
      this.#testsWithoutBest = 0;
    } else {
      this.#testsWithoutBest++;
    }
  }

  /** Where nothing is tested, the latest parameters count as the best. */
  untested(iteration: number, parameters: Candidate): void {
    if (this.best.score === null) this.best = { iteration, score: null, parameters };
  }

  /** Which condition is met. @param iterations how many have been trained */
  metCondition({ targetScore, patience, maxIterations }: StopConditions, iterations: number): StopReason | undefined {
    if (targetScore !== undefined && this.testScore !== null && this.testScore >= targetScore) return "target-score";
    if (patience !== undefined && this.#testsWithoutBest >= patience) return "patience";
    if (maxIterations !== undefined && iterations >= maxIterations) return "max-iterations";
    return undefined;
  }

  /** For a checkpoint; `best` has a place of its own there. */
  state(): JsonValue {
    const { trainScores, testScore, isBegun, iterations, unscored, firstEpoch } = this;
    return {
      trainScores: [...trainScores],
      testScore,
      isBegun,
      iterations,
      unscored,
      firstEpoch,
      testsWithoutBest: this.#testsWithoutBest,
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
    this.iterations = state.iterations;
    this.unscored = state.unscored as number;
    this.firstEpoch = state.firstEpoch as number;
    this.#testsWithoutBest = state.testsWithoutBest as number;
    this.lastTest = state.lastTest as LastTest | undefined;
    this.best = best;
  }
}
