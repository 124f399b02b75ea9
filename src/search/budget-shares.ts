/**
 * `BudgetShares`: which share of a budget iterations and evaluations take, so that a run can end in order.
 *
 * @module
 */
import type { Budget } from "../llm/spend/budget.ts";
import type { Ledger } from "../llm/spend/ledger.ts";

type Shares = Pick<Ledger, "shareUsed">;

/** The most that one iteration and one evaluation have taken; plain JSON. */
export type LargestShares = {
  /** The budget, as text: of another one these are other shares. */
  readonly of: string;
  /** `null` before the first one. */
  readonly iteration: number | null;
  readonly evaluation: number;
};

/** Follows a run, one piece of work after the other. Iterations of a search differ, so the largest one counts. */
export class BudgetShares {
  readonly #of: string;
  readonly #isJudged: boolean;
  #used = 0;
  #iteration: number | null = null;
  #evaluation = 0;

  /** @param isJudged whether what the agent has in the end has to be evaluated then */
  constructor(budget: Budget | undefined, isJudged: boolean) {
    this.#of = JSON.stringify(budget ?? null);
    this.#isJudged = isJudged;
  }

  begin({ shareUsed }: Shares): void {
    this.#used = shareUsed;
  }

  trained({ shareUsed }: Shares): void {
    this.#iteration = Math.max(this.#iteration ?? 0, shareUsed - this.#used);
    this.#used = shareUsed;
  }

  evaluated({ shareUsed }: Shares): void {
    this.#evaluation = Math.max(this.#evaluation, shareUsed - this.#used);
  }

  /** `"budget"` where what is left is not enough for another iteration and an evaluation: what the agent has can still be judged. */
  end({ shareUsed }: Shares): "budget" | undefined {
    if (!this.#isJudged || this.#iteration === null) return undefined;
    return shareUsed + this.#iteration + this.#evaluation > 1 + 1e-9 ? "budget" : undefined;
  }

  /** What a run that continues needs. */
  largest(): LargestShares {
    return { of: this.#of, iteration: this.#iteration, evaluation: this.#evaluation };
  }

  /** Takes over what was kept, unless the budget is another one now. */
  restore(kept: LargestShares | null): void {
    if (kept?.of === this.#of) [this.#iteration, this.#evaluation] = [kept.iteration, kept.evaluation];
  }
}
