/**
 * `RunOutcomes`: whether anything was ever scored in a run.
 *
 * @module
 */
import { AlikeFailures } from "./alike-failures.ts";
import type { Outcomes } from "./run-services.ts";

/** Counts over all processes of the run; a checkpoint keeps `hasScored`. */
export class RunOutcomes implements Outcomes {
  /** Whether the guide has judged an answer of the agent: the set-up works. */
  hasScored = false;
  #failures: AlikeFailures | undefined;

  add({ status, error, cause }: Parameters<Outcomes["add"]>[0]): void {
    if (status === "scored") this.hasScored = true;
    if (this.hasScored) {
      this.#failures = undefined;
      return;
    }
    this.#failures ??= new AlikeFailures();
    this.#failures.add(error ?? "", cause);
  }

  /** @throws NothingScoredError when there were rollouts and none was scored; ConfigurationError when all show one and the same wrong set-up */
  refuseNothingScored(): void {
    if (!this.hasScored && this.#failures !== undefined) throw this.#failures.toError("Nothing could be scored in this run");
  }
}
