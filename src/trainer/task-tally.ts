/**
 * What a task has come to: every score, and how many rollouts ended in each way.
 *
 * @module
 */
import type { Cell } from "../data/comparison.ts";
import { InfrastructureError } from "../errors.ts";
import { type AmbientEvent, emitEvent } from "../graph/scope.ts";
import { AlikeFailures } from "./alike-failures.ts";
import type { RolloutStatus } from "./events.ts";
import type { RolloutDataset } from "./executor.ts";
import { runServices } from "./run-services.ts";

/** How one rollout ended, as far as it is counted. */
export interface EndedRollout {
  readonly status: RolloutStatus;
  readonly score: number | null;
  readonly error?: string | undefined;
  /** What was thrown, where it is known. */
  readonly cause?: unknown;
}

/** Counts rollouts as they end, in any order. */
export class TaskTally {
  /** In order of the items. */
  readonly scores: ScoreList = new ScoreList();
  /** Rollouts that were left out, because they could not matter any more. */
  skipped = 0;
  readonly #counts: Record<RolloutStatus, number> = { scored: 0, failed: 0, unscored: 0 };
  readonly #failures = new AlikeFailures();
  /** Those for which infrastructure is to blame. */
  #lost = 0;
  #firstUnscored: { readonly index: number; readonly error: string; readonly cause: unknown } | undefined;

  get failed(): number {
    return this.#counts.failed;
  }

  get unscored(): number {
    return this.#counts.unscored;
  }

  /** There will be this many rollouts, as far as they are not left out. */
  expect(total: number): void {
    this.scores.set(total - 1, "unscored");
    this.skipped = total;
  }

  /** Whether any rollout was scored or has failed. */
  get hasOutcome(): boolean {
    return this.#counts.scored + this.#counts.failed > 0;
  }

  add(index: number, rollout: EndedRollout): void {
    if (this.skipped > 0) this.skipped--;
    const cell = cellOf(rollout);
    this.scores.set(index, cell);
    this.#counts[typeof cell === "number" ? rollout.status : cell]++;
    if (rollout.status !== "scored") this.#failures.add(rollout.error ?? "", rollout.cause);
    if (rollout.status !== "unscored") return;
    this.#lost++;
    if (index > (this.#firstUnscored?.index ?? Number.POSITIVE_INFINITY)) return;
    this.#firstUnscored = { index, error: rollout.error ?? "", cause: rollout.cause };
  }

  /** The event that tells of the end of the task. */
  toEvent(position: string, description: string, lowerIsBetter = false): AmbientEvent {
    const { scores, skipped } = this;
    const meanScore = scores.hasScores() ? scores.mean(scores.worst(lowerIsBetter)) : null;
    const list = scores.toArray().map((cell) => (typeof cell === "number" ? cell : null));
    const counts = skipped === 0 ? this.#counts : { ...this.#counts, skipped };
    return { type: "task-end", position, description, meanScore, scores: list, ...counts };
  }

  /** @throws NothingScoredError or ConfigurationError when every rollout failed in the same way, by what no training changes */
  refuseHopeless(description: string): void {
    if (this.#counts.scored === 0 && this.#failures.areHopeless) throw this.#failures.toError(description);
  }

  /**
   * For a task of which nothing was scored. Where something was scored before, and a probe finds that it still can be, its candidates or its
   * examples are to blame, and the run continues with a warning.
   *
   * @param dataset what the rollouts are of; `undefined` for examples that are no part of a run
   * @throws InfrastructureError when there were rollouts and every one of them stayed unscored
   * @throws ConfigurationError when all of them show the same wrong set-up
   */
  async refuseAllUnscored(description: string, dataset?: RolloutDataset): Promise<void> {
    const { scored, failed, unscored } = this.#counts;
    const first = this.#firstUnscored;
    if (first === undefined || scored + failed > 0 || unscored > this.#lost) return;
    const { outcomes } = runServices();
    const areHopeless = this.#failures.areHopeless;
    if (areHopeless && outcomes?.hasScored !== true) throw this.#failures.toError(description);
    const what = `${description}: none of ${unscored} rollouts could be scored, for reasons outside the agent. The first: ${first.error}. `;
    // Before anything was scored it is more likely the set-up, and a probe would be paid for.
    if (dataset !== undefined && outcomes?.hasScored === true && (await outcomes.probe?.(dataset))) {
      const message = `${what}Other rollouts can be scored, so the run continues; nothing is decided by these`;
      return emitEvent({ type: "warning", message });
    }
    if (areHopeless) throw this.#failures.toError(description);
    throw new InfrastructureError(
      `${what}Fix that, then run the same command again: an unfinished run resumes, and rollouts that could not be scored are repeated`,
      { cause: first.cause },
    );
  }
}

/** A rollout as a cell of a comparison. An answer that the guide could not score is unscored. */
export function cellOf({ status, score }: Pick<EndedRollout, "status" | "score">): Cell {
  if (score !== null) return score;
  return status === "failed" ? "failed" : "unscored";
}

const [unscored, failed] = [Number.NaN, Number.POSITIVE_INFINITY];

/** A list of cells, eight bytes each, which grows. */
export class ScoreList {
  #values = new Float64Array(16).fill(unscored);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Positions that are left out are unscored. */
  set(index: number, cell: Cell): void {
    if (index >= this.#values.length) {
      const values = new Float64Array(Math.max(index + 1, 2 * this.#values.length)).fill(unscored);
      values.set(this.#values);
      this.#values = values;
    }
    if (typeof cell === "number") this.#values[index] = cell;
    else this.#values[index] = cell === "failed" ? failed : unscored;
    this.#length = Math.max(this.#length, index + 1);
  }

  get(index: number): Cell {
    const value = this.#values[index];
    if (value === undefined || Number.isNaN(value)) return "unscored";
    return value === failed ? "failed" : value;
  }

  /**
   * The mean of those from `start` up to, not including, `end`; unscored ones are left out, failed ones count as `failureScore`.
   * `null` of none. Summed in order, so that it is the same in every run.
   */
  mean(failureScore: number, start = 0, end: number = this.#length): number | null {
    let [sum, count] = [0, 0];
    for (let index = start; index < end; index++) {
      const value = this.#values[index] as number;
      if (Number.isNaN(value)) continue;
      sum += value === failed ? failureScore : value;
      count++;
    }
    return count === 0 ? null : sum / count;
  }

  /** The worst score, as 0 at best: what a failure counts as where nothing else says it. */
  worst(lowerIsBetter = false): number {
    let worst = 0;
    for (let index = 0; index < this.#length; index++) {
      const value = this.#values[index] as number;
      if (lowerIsBetter ? value > worst && value !== failed : value < worst) worst = value;
    }
    return worst;
  }

  /** Whether there is any score. */
  hasScores(): boolean {
    return this.#values.some((value) => Number.isFinite(value));
  }

  /** How many cells are unscored. */
  unscored(): number {
    let count = 0;
    for (let index = 0; index < this.#length; index++) if (Number.isNaN(this.#values[index])) count++;
    return count;
  }

  /** As a list of its own. */
  toArray(): Cell[] {
    return Array.from({ length: this.#length }, (_, index) => this.get(index));
  }
}
