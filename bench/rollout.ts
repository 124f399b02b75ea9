/**
 * Processor time that a rollout costs when the agent itself takes none: all of it is the framework's.
 *
 * @module
 */
import { MinibatchAlgorithm } from "opto/algorithms";
import { type Module, model, parameter } from "opto/graph";
import { Optimizer, type Suggestion } from "opto/optimizers";
import { evaluate } from "opto/trainer";
import type { Benchmark } from "./benchmark.ts";

const rollouts = 5_000;
const numThreads = 16;
const questions: readonly string[] = Array.from({ length: rollouts }, (_, index) => `question ${index}`);

export const rolloutCost: readonly Benchmark[] = [
  { name: "processor time of an evaluation rollout", unit: "us", limit: 100, sample: evaluation },
  { name: "processor time of a training rollout", unit: "us", limit: 100, sample: training },
];

/** Proposes no change. */
class Idle extends Optimizer {
  protected suggest(): Suggestion {
    return { values: new Map() };
  }
}

function evaluation(): Promise<number> {
  return microsecondsEach(() => evaluate(instantAgent(), guide, questions, questions, { numThreads }));
}

function training(): Promise<number> {
  const agent = instantAgent();
  const trainer = new MinibatchAlgorithm(agent, new Idle(agent), { numThreads });
  return microsecondsEach(() =>
    trainer.train(guide, { inputs: questions, infos: questions }, { batchSize: 100, evalFrequency: 0 }),
  );
}

function instantAgent(): Module<string, string> {
  return model({ prompt: parameter("Answer.") }, ({ prompt }, question: string) => `${prompt.value} ${question}`);
}

function guide(_question: string, answer: string): [number, string] {
  return [answer.length, "fine"];
}

/** All threads of the process count, so that garbage collection beside the main thread does too. */
async function microsecondsEach(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rollouts;
}
