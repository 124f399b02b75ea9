/**
 * `BudgetShares`: which share of a budget iterations and evaluations take, so that a run can end in order.
 *
 * @module
 */
import type { Ledger } from "../llm/spend/ledger.ts";

type Shares = Pick<Ledger, "shareUsed">;

/** Follows a run, one piece of work after the other. */
export class BudgetShares {
  #used = 0;
  #iteration = 0;
  #evaluation = 0;

  begin({ shareUsed }: Shares): void {
    this.#used = shareUsed;
  }

  trained({ shareUsed }: Shares): void {
    this.#iteration = shareUsed - this.#used;
    this.#used = shareUsed;
  }

  evaluated({ shareUsed }: Shares): void {
    this.#evaluation = Math.max(this.#evaluation, shareUsed - this.#used);
  }

  /** `"budget"` where what is left is not enough for another iteration and an evaluation: what the agent has can still be judged. */
  end({ shareUsed }: Shares): "budget" | undefined {
    return shareUsed + this.#iteration + this.#evaluation > 1 + 1e-9 ? "budget" : undefined;
  }
}
