/**
 * What a task has come to: every score, and how many rollouts ended in each way.
 *
 * @module
 */
import { InfrastructureError } from "../errors.ts";
import type { AmbientEvent } from "../graph/scope.ts";
import type { RolloutStatus } from "./events.ts";
import type { Rollout } from "./rollout.ts";
import { ScoreList } from "./score-list.ts";

/** Counts rollouts as they end, in any order. */
export class TaskTally {
  /** In order of the items. */
  readonly scores: ScoreList = new ScoreList();
  /** Rollouts that were left out, because they could not matter any more. */
  skipped = 0;
  /** Whether the program failed somewhere without a score for that. */
  hasFailureWithoutScore = false;
  readonly #counts: Record<RolloutStatus, number> = { scored: 0, failed: 0, unscored: 0 };
  #firstUnscored: { readonly index: number; readonly error: string; readonly cause: unknown } | undefined;

  get failed(): number {
    return this.#counts.failed;
  }

  get unscored(): number {
    return this.#counts.unscored;
  }

  add(index: number, rollout: Rollout<unknown>): void {
    this.scores.set(index, rollout.score);
    this.#counts[rollout.status]++;
    if (rollout.status === "failed" && rollout.score === null) this.hasFailureWithoutScore = true;
    if (rollout.status !== "unscored" || index > (this.#firstUnscored?.index ?? Number.POSITIVE_INFINITY)) return;
    this.#firstUnscored = { index, error: rollout.error, cause: rollout.cause };
  }

  /** The event that tells of the end of the task. */
  toEvent(position: string, description: string): AmbientEvent {
    const { scores, skipped } = this;
    const meanScore = scores.mean();
    const counts = skipped === 0 ? this.#counts : { ...this.#counts, skipped };
    return { type: "task-end", position, description, meanScore, scores: scores.toArray(), ...counts };
  }

  /** @throws InfrastructureError when there were rollouts and every one of them stayed unscored */
  refuseAllUnscored(description: string): void {
    const { scored, failed, unscored } = this.#counts;
    const first = this.#firstUnscored;
    if (first === undefined || scored + failed > 0) return;
    throw new InfrastructureError(
      `${description}: none of ${unscored} rollouts could be scored, for reasons outside the agent. The first: ${first.error}`,
      { cause: first.cause },
    );
  }
}
