/**
 * `FirstRollouts`: whether the first rollouts of a task show that the set-up of the agent's own client is wrong.
 *
 * @module
 */
import { currentRun } from "../graph/scope.ts";
import { AlikeFailures } from "./alike-failures.ts";
import type { Rollout } from "./rollout.ts";

/** How many of the first rollouts have to fail alike. */
const enough = 5;

/**
 * Follows the first rollouts of a task, by their position and not by the time at which they end, so that the verdict is the same whatever
 * runs beside them. In a run that has scored anything the set-up works.
 */
export class FirstRollouts {
  readonly #failures = new AlikeFailures();
  #ended = 0;
  #isOver = currentRun()?.services?.outcomes?.hasScored === true;

  /** @throws ConfigurationError when all of the first rollouts have failed by the same wrong set-up */
  add(index: number, { status, error = "", cause }: Rollout<unknown>, description: string): void {
    if (this.#isOver || index >= enough) return;
    if (status === "scored") {
      this.#isOver = true;
      return;
    }
    this.#failures.add(error, cause);
    this.#ended++;
    if (this.#ended < enough) return;
    this.#isOver = true;
    if (this.#failures.areSetUp) throw this.#failures.toError(`${description}, after ${enough} rollouts`);
  }
}
