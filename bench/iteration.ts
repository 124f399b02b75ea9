/**
 * How close one iteration of a search comes to the shortest time possible: 8 proposals on 50 validation examples, 16 in flight.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BasicSearchAlgorithm } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import type { Benchmark } from "./benchmark.ts";

const [numProposals, numValidation, batchSize, numThreads] = [8, 50, 16, 16];
const [rolloutMs, proposalMs, stragglerMs] = [50, 200, 1_000];
/** One in the middle of every pass: over the batch, and over the validation examples with each candidate. Nobody is told which. */
const slow = { train: batchSize / 2, validate: numValidation / 2 };

export const searchIteration: readonly Benchmark[] = [
  { name: "search iteration, 8 x 50", unit: "x lower bound", limit: 1.05, sample: () => overBound(false) },
  { name: "search iteration, 8 x 50, stragglers of 1 s", unit: "x lower bound", limit: 1.05, sample: () => overBound(true) },
];

/** Proposes its number, after a while. */
class Counting extends Optimizer {
  protected override async suggest({ position }: SuggestionRequest): Promise<Suggestion> {
    await sleep(proposalMs);
    return { values: new Map([["weight", Number(/\d+$/.exec(position)?.[0]) + 1]]) };
  }
}

async function overBound(hasStragglers: boolean): Promise<number> {
  const agent = model({ weight: parameter(0) }, async ({ weight }, x: { set: "train" | "validate"; index: number }) => {
    await sleep(hasStragglers && x.index === slow[x.set] ? stragglerMs : rolloutMs);
    return weight.value + x.index;
  });
  const examples = (set: "train" | "validate", count: number) =>
    Array.from({ length: count }, (_, index) => ({ input: { set, index }, info: null }));
  const search = new BasicSearchAlgorithm(agent, new Counting(agent), { numThreads });
  const options = { validateDataset: examples("validate", numValidation), numProposals, batchSize, evalFrequency: 0 };
  const started = performance.now();
  await search.train((_x, y: number) => [y, "more"], examples("train", batchSize), options);
  return (performance.now() - started) / lowerBoundMs(hasStragglers);
}

/** No phase can be shorter than its longest rollout, nor than all of its work divided among the places. */
function lowerBoundMs(hasStragglers: boolean): number {
  const extra = hasStragglers ? stragglerMs - rolloutMs : 0;
  const phase = (passes: number, size: number): number => {
    return Math.max(rolloutMs + extra, (passes * (size * rolloutMs + extra)) / numThreads);
  };
  return phase(1, batchSize) + proposalMs + phase(numProposals + 1, numValidation);
}
