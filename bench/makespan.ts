/**
 * How close the pool comes to the shortest time possible.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { model, parameter } from "opto/graph";
import { evaluate } from "opto/trainer";
import type { Benchmark } from "./benchmark.ts";

const evaluations = 500;
const durationMs = 50;

export const makespan: readonly Benchmark[] = [
  { name: "500 evaluations of 50 ms, 16 in flight", unit: "x ideal", limit: 1.03, sample: () => overIdeal(16) },
  { name: "500 evaluations of 50 ms, 64 in flight", unit: "x ideal", limit: 1.1, sample: () => overIdeal(64) },
];

async function overIdeal(numThreads: number): Promise<number> {
  const agent = model({ prompt: parameter("Answer.") }, async ({ prompt }, question: string) => {
    await sleep(durationMs);
    return `${prompt.value} ${question}`;
  });
  const questions = Array.from({ length: evaluations }, (_, index) => `question ${index}`);
  const started = performance.now();
  await evaluate(agent, (_question, answer) => answer.length > 0, questions, questions, { numThreads });
  return (performance.now() - started) / (Math.ceil(evaluations / numThreads) * durationMs);
}
