/**
 * One search in one toy world: runs it on the real engine until its budget is used up, and says what it came to.
 *
 * @module
 */
import { PolicySearch } from "opto/algorithms";
import { comparePaired, isImprovement } from "opto/data";
import type { Arm } from "./arms.ts";
import { type World, worldOf } from "./world.ts";

/** One kind of world and budget. */
export interface Setting {
  readonly repair: number;
  /** What a proposal costs, in task calls. */
  readonly price: number;
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

/** Runs a search in the world of a seed. It ends with the iteration in which the budget is used up. */
export async function play(arm: Arm, { repair, price, budget }: Setting, seed: number): Promise<Outcome> {
  const world = worldOf({ seed, repair });
  const { agent, spent, truth, heldOut } = world;
  const start = agent.candidate().prompt ?? null;
  const costs = (): number => spent.tasks + price * spent.proposals;
  if ("policy" in arm) await search(arm, world, { seed, isSpent: () => costs() >= budget });
  else await follow(arm, world, { seed, price, budget });
  const held = agent.candidate().prompt ?? null;
  const isStart = JSON.stringify(held) === JSON.stringify(start);
  const comparison = comparePaired(heldOut(start, "start"), heldOut(held, "held"), { range: [0, 1], seed });
  const isConfirmed = !isStart && isImprovement(comparison);
  return { score: truth(held), start: truth(start), spent: costs(), isStart, isConfirmed };
}

async function search(
  { policy, batchSize }: Extract<Arm, { readonly policy: unknown }>,
  { agent, optimizer, guide, train, validate }: World,
  { seed, isSpent }: { readonly seed: number; readonly isSpent: () => boolean },
): Promise<void> {
  const stop = new AbortController();
  const onEvent = ({ type }: { readonly type: string }): void => {
    if (type === "iteration-end" && isSpent()) stop.abort(new Error("The budget is used up"));
  };
  const trainer = new PolicySearch(agent, optimizer, policy(), { logger: { onEvent }, numThreads: 1 });
  const data = { validateDataset: validate, batchSize, numEpochs: 1000, evalFrequency: 0, seed, keep: "last" as const };
  await trainer.train(guide, train, { ...data, signal: stop.signal }).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
}

/** The best of all evaluated values is kept when a run ends by itself, so the number of iterations is what the budget allows. */
async function follow(
  { algorithm, batchSize, evalFrequency }: Extract<Arm, { readonly algorithm: unknown }>,
  { agent, optimizer, guide, train, validate }: World,
  { seed, price, budget }: { readonly seed: number } & Omit<Setting, "repair">,
): Promise<void> {
  const perIteration = batchSize + price + validate.length / evalFrequency;
  const stop = { maxIterations: Math.max(1, Math.floor((budget - validate.length) / perIteration)) };
  const trainer = new algorithm(agent, optimizer, { logger: [], numThreads: 1 });
  const data = { validateDataset: validate, testDataset: validate, batchSize, numEpochs: 1000, evalFrequency, seed };
  await trainer.train(guide, train, { ...data, stop, keep: "best" });
}
