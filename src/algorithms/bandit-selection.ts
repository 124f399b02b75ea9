/**
 * Choosing the best of many candidates with a fixed number of rollouts: those that could still be the best get more of them.
 *
 * @module
 */
import type { Entry, Step } from "../search/search.ts";
import { blockOf } from "./standing.ts";
import { scoreRows, type TwoWayEstimate, twoWayEstimates } from "./two-way-estimates.ts";

/** How rollouts are allotted. */
export interface BanditOptions {
  /** Rollouts in all, at least 1. */
  readonly budget: number;
  /** How many candidates are to be chosen, at least 1. */
  readonly keep: number;
  /** Examples that a candidate gets at a time, at least 1. */
  readonly blockSize: number;
  /**
   * `"ucb"`: the highest upper confidence bounds get the next block; `"halving"`: all get blocks of equal size, and after each round the worse half
   * gets no more; `"uniform"`: all get the same.
   */
  readonly rule: "ucb" | "halving" | "uniform";
  /** For `"ucb"`: how much an uncertain candidate is preferred, in standard errors. */
  readonly exploration: number;
  /** Decides the order of the validation examples, which is the same for all candidates. */
  readonly seed: number;
}

/**
 * The candidates with the highest estimates after the rollouts, best first. All walk through the validation examples in the same order, so
 * that they are compared on common examples as far as they go; how hard the others were counts for none of them.
 */
export async function chooseByBandit(step: Step, arms: readonly Entry[], options: BanditOptions): Promise<readonly Entry[]> {
  const { budget, keep, blockSize, rule, exploration, seed } = options;
  const { archive, validation } = step;
  const order = blockOf(validation, seed, 0, validation.examples.length).examples;
  const estimates = (): ReadonlyMap<Entry, TwoWayEstimate> => twoWayEstimates(scoreRows(archive, arms, validation));
  let left = budget;
  let alive = [...arms];
  const untriedOf = (arm: Entry): readonly number[] => {
    const trials = archive.trials(arm, { ...validation, examples: order });
    return order.filter((_, at) => trials[at]?.length === 0);
  };
  const pull = async (arm: Entry, size: number): Promise<boolean> => {
    const examples = untriedOf(arm).slice(0, Math.min(size, left));
    if (examples.length === 0) return false;
    left -= examples.length;
    await step.score([arm], { ...validation, examples });
    return true;
  };
  const numRounds = Math.max(1, Math.ceil(Math.log2(Math.max(1, arms.length / keep))));
  const share = (count: number): number => Math.max(1, Math.floor(budget / (numRounds * count)));
  while (left > 0) {
    let [isMoving, given] = [false, 0];
    if (rule === "ucb") {
      const known = estimates();
      const boundOf = (arm: Entry): number => {
        const { score = 0, error = 0, examples = 0 } = known.get(arm) ?? {};
        return examples === 0 || !Number.isFinite(error) ? Number.POSITIVE_INFINITY : score + exploration * error;
      };
      const open = alive.filter((arm) => untriedOf(arm).length > 0);
      const [next] = open.toSorted((a, b) => descending(boundOf(a), boundOf(b)));
      if (next !== undefined) isMoving = await pull(next, blockSize);
    } else {
      const size = rule === "halving" ? share(alive.length) : Math.max(1, Math.floor(budget / arms.length));
      for (const arm of alive) if (await pull(arm, size)) given++;
      isMoving = given > 0;
      if (rule === "halving") alive = best(alive, estimates()).slice(0, Math.max(keep, Math.ceil(alive.length / 2)));
    }
    if (!isMoving) break;
  }
  return best(arms, estimates()).slice(0, keep);
}

/** The highest estimate first, of equals the earlier; what was never scored comes last. */
function best(arms: readonly Entry[], estimates: ReadonlyMap<Entry, TwoWayEstimate>): Entry[] {
  const scoreOf = (arm: Entry): number => {
    const { score = 0, examples = 0 } = estimates.get(arm) ?? {};
    return examples === 0 ? Number.NEGATIVE_INFINITY : score;
  };
  return arms.toSorted((a, b) => descending(scoreOf(a), scoreOf(b)));
}

function descending(a: number, b: number): number {
  return a === b ? 0 : b - a;
}
