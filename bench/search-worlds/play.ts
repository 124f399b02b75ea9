/**
 * One search in one toy world: runs it on the real engine until its budget is used up, and says what it came to.
 *
 * @module
 */
import { PolicySearch } from "opto/algorithms";
import { comparePaired, isImprovement, type JsonValue } from "opto/data";
import type { SearchPolicy } from "opto/search";
import type { Arm } from "./arms.ts";
import { type World, worldOf } from "./world.ts";

/** One kind of world, and the budgets that searches are compared at. */
export interface Setting {
  /** The probability that a proposal repairs a failure, from 0 to 1; `null` where proposals only reword, so that nothing can be gained. */
  readonly repair: number | null;
  /** What a proposal costs, in task calls: one reading for each. 0 compares at equal task calls. */
  readonly prices: readonly number[];
  readonly budget: number;
}

/** What one search came to in one world, from 0 to 1. */
export interface Outcome {
  readonly score: number;
  readonly start: number;
  readonly spent: number;
  readonly isStart: boolean;
  /** Whether held-out examples confirm that it is better than the start, as `result.report` does. */
  readonly isConfirmed: boolean;
}

/** What a candidate is, and what was spent until a search held it. */
interface Held {
  readonly values: JsonValue;
  readonly tasks: number;
  readonly proposals: number;
}

/** Runs a search in the world of a seed. @returns what it had come to by the end of the iteration in which the budget was used up, for each price */
export async function play(arm: Arm, setting: Setting, seed: number): Promise<readonly Outcome[]> {
  if (!("policy" in arm)) {
    return Promise.all(setting.prices.map((price) => follow(arm, setting, { seed, price })));
  }
  const { prices, budget, repair } = setting;
  const world = worldOf({ seed, repair });
  const start = world.agent.candidate().prompt ?? null;
  const history = await search(arm, world, {
    seed,
    isSpent: (spent) => prices.every((price) => costsOf(spent, price) >= budget),
  });
  return prices.map((price) => {
    const held = history.find((one) => costsOf(one, price) >= budget) ?? history.at(-1) ?? { values: start, ...world.spent };
    return outcomeOf(world, { start, held, seed, price });
  });
}

function costsOf({ tasks, proposals }: World["spent"], price: number): number {
  return tasks + price * proposals;
}

function outcomeOf(
  { truth, heldOut }: World,
  { start, held, seed, price }: { readonly start: JsonValue; readonly held: Held; readonly seed: number; readonly price: number },
): Outcome {
  const isStart = JSON.stringify(held.values) === JSON.stringify(start);
  const comparison = comparePaired(heldOut(start, "start"), heldOut(held.values, "held"), { range: [0, 1], seed });
  const isConfirmed = !isStart && isImprovement(comparison);
  return { score: truth(held.values), start: truth(start), spent: costsOf(held, price), isStart, isConfirmed };
}

/** @returns what the search held after each iteration */
async function search(
  { policy, batchSize }: Extract<Arm, { readonly policy: unknown }>,
  { agent, optimizer, guide, train, validate, spent }: World,
  { seed, isSpent }: { readonly seed: number; readonly isSpent: (spent: World["spent"]) => boolean },
): Promise<readonly Held[]> {
  const history: Held[] = [];
  const stop = new AbortController();
  const onEvent = ({ type }: { readonly type: string }): void => {
    if (type === "iteration-end" && isSpent(spent)) stop.abort(new Error("The budget is used up"));
  };
  const own = policy();
  const watched: SearchPolicy = {
    ...own,
    iterate: async (step, memo) => {
      const verdict = await own.iterate(step, memo);
      history.push({ values: verdict.current.values.prompt ?? null, ...spent });
      return verdict;
    },
  };
  const trainer = new PolicySearch(agent, optimizer, watched, { logger: { onEvent }, numThreads: 1 });
  const data = { validateDataset: validate, batchSize, numEpochs: 1000, evalFrequency: 0, seed, keep: "last" as const };
  await trainer.train(guide, train, { ...data, signal: stop.signal }).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return history;
}

/** The best of all evaluated values is kept when a run ends by itself, so the number of iterations is what the budget allows. */
async function follow(
  { algorithm, batchSize, evalFrequency }: Extract<Arm, { readonly algorithm: unknown }>,
  { repair, budget }: Setting,
  { seed, price }: { readonly seed: number; readonly price: number },
): Promise<Outcome> {
  const world = worldOf({ seed, repair });
  const { agent, optimizer, guide, train, validate, spent } = world;
  const start = agent.candidate().prompt ?? null;
  const perIteration = batchSize + price + validate.length / evalFrequency;
  const stop = { maxIterations: Math.max(1, Math.floor((budget - validate.length) / perIteration)) };
  const trainer = new algorithm(agent, optimizer, { logger: [], numThreads: 1 });
  const data = { validateDataset: validate, testDataset: validate, batchSize, numEpochs: 1000, evalFrequency, seed };
  await trainer.train(guide, train, { ...data, stop, keep: "best" });
  return outcomeOf(world, { start, held: { values: agent.candidate().prompt ?? null, ...spent }, seed, price });
}
