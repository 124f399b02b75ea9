/**
 * One search over a tensor: what it has chosen, and whether that is shown to be better than the start.
 *
 * @module
 */
import { train } from "opto";
import { comparePaired, isImprovement, Random } from "opto/data";
import type { OptoArm } from "../arms.ts";
import type { Tensor } from "./tensor.ts";
import { tensorWorld } from "./tensor-world.ts";

/** What a run has come to. Scores are means over test examples and all samples. */
export interface PolicyRun {
  readonly start: number;
  readonly score: number;
  readonly proposals: number;
  /** Rollouts; less than the budget where the search ended before. */
  readonly spent: number;
  /** Whether one rollout for each test example shows a gain, as a run of `train()` with a test dataset reports it. */
  readonly confirmed: boolean;
}

/** Runs a search with a budget of rollouts. */
export async function runPolicy(arm: OptoArm, tensor: Tensor, seed: number, rollouts: number): Promise<PolicyRun> {
  const { agent, optimizer, guide, train: trainRows, validation, test, proposals } = tensorWorld({ tensor, seed });
  const { policy } = arm;
  const data =
    policy === undefined
      ? { trainDataset: [...trainRows, ...validation] }
      : { trainDataset: trainRows, validateDataset: validation };
  const algorithm = typeof policy === "function" ? policy() : policy;
  const settings = policy === undefined ? {} : { algorithm, batchSize: arm.batchSize, evalFrequency: arm.evalFrequency };
  const { usage } = await train({
    ...{ agent, optimizer, guide, seed, ...data, ...settings },
    budget: { rollouts },
    stop: { onSignals: false, maxIterations: rollouts },
    rollouts: { overlapEvaluation: false },
    numEpochs: 1_000,
    numThreads: 1,
    logger: [],
    run: null,
  });
  const held = Number(agent.candidate().prompt);
  const truth = (prompt: number): number => {
    const samples = Array.from({ length: tensor.numSamples }, (_, sample) => sample);
    return average(test.flatMap((example) => samples.map((sample) => tensor.score(prompt, example, sample))));
  };
  const draws = new Random(seed, "test samples");
  const once = (prompt: number): number[] =>
    test.map((example) => tensor.score(prompt, example, draws.integer(0, tensor.numSamples - 1)));
  const confirmed = held !== 0 && isImprovement(comparePaired(once(0), once(held), { range: [0, 1], resamples: 1_000 }));
  return { start: truth(0), score: truth(held), proposals: proposals(), spent: usage.rollouts, confirmed };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
