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
  const { budget, keep, rule, seed } = options;
  const { validation } = step;
  const order = blockOf(validation, seed, 0, validation.examples.length).examples;
  const bandit: Bandit = { step, arms, order, options, left: budget, alive: arms };
  const playOn = rule === "ucb" ? pullMostPromising : pullAll;
  while (bandit.left > 0 && (await playOn(bandit)));
  return best(arms, estimatesOf(bandit)).slice(0, keep);
}

/** What is left to decide. */
interface Bandit {
  readonly step: Step;
  readonly arms: readonly Entry[];
  /** The validation examples as all arms walk through them. */
  readonly order: readonly number[];
  readonly options: BanditOptions;
  /** Rollouts. */
  left: number;
  /** The arms that may get more of them. */
  alive: readonly Entry[];
}

/** Gives a block to the arm with the highest upper bound. @returns whether there was one to give to */
async function pullMostPromising(bandit: Bandit): Promise<boolean> {
  const { blockSize, exploration } = bandit.options;
  const known = estimatesOf(bandit);
  const boundOf = (arm: Entry): number => {
    const { score = 0, error = 0, examples = 0 } = known.get(arm) ?? {};
    return examples === 0 || !Number.isFinite(error) ? Number.POSITIVE_INFINITY : score + exploration * error;
  };
  const open = bandit.alive.filter((arm) => untriedOf(bandit, arm).length > 0);
  const [next] = open.toSorted((a, b) => descending(boundOf(a), boundOf(b)));
  return next !== undefined && pull(bandit, next, blockSize);
}

/** Gives all arms blocks of equal size; with halving, the worse half gets no more. @returns whether any got one */
async function pullAll(bandit: Bandit): Promise<boolean> {
  const { arms, alive, options } = bandit;
  const { budget, keep, rule } = options;
  const numRounds = rule === "uniform" ? 1 : Math.max(1, Math.ceil(Math.log2(Math.max(1, arms.length / keep))));
  const count = rule === "uniform" ? arms.length : alive.length;
  const size = Math.max(1, Math.floor(budget / (numRounds * count)));
  let given = 0;
  for (const arm of alive) if (await pull(bandit, arm, size)) given++;
  if (rule === "halving") bandit.alive = best(alive, estimatesOf(bandit)).slice(0, Math.max(keep, Math.ceil(alive.length / 2)));
  return given > 0;
}

async function pull(bandit: Bandit, arm: Entry, size: number): Promise<boolean> {
  const examples = untriedOf(bandit, arm).slice(0, Math.min(size, bandit.left));
  if (examples.length === 0) return false;
  bandit.left -= examples.length;
  await bandit.step.score([arm], { ...bandit.step.validation, examples });
  return true;
}

function untriedOf({ step: { archive, validation }, order }: Bandit, arm: Entry): readonly number[] {
  const trials = archive.trials(arm, { ...validation, examples: order });
  return order.filter((_, at) => trials[at]?.length === 0);
}

function estimatesOf({ step: { archive, validation }, arms }: Bandit): ReadonlyMap<Entry, TwoWayEstimate> {
  return twoWayEstimates(scoreRows(archive, arms, validation));
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
