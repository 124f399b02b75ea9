/**
 * How close the pool comes to the shortest time possible.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { model, parameter } from "opto/graph";
import { evaluate } from "opto/trainer";
import type { Benchmark } from "./benchmark.ts";

const evaluations = 200;
const durationMs = 50;
const numThreads = 16;
const idealMs = Math.ceil(evaluations / numThreads) * durationMs;

export const makespan: readonly Benchmark[] = [
  { name: "200 evaluations of 50 ms, 16 in flight", unit: "x ideal", limit: 1.03, sample: overIdeal },
];

async function overIdeal(): Promise<number> {
  const agent = model({ prompt: parameter("Answer.") }, async ({ prompt }, question: string) => {
    await sleep(durationMs);
    return `${prompt.value} ${question}`;
  });
  const questions = Array.from({ length: evaluations }, (_, index) => `question ${index}`);
  const started = performance.now();
  await evaluate(agent, (_question, answer) => answer.length > 0, questions, questions, { numThreads });
  return (performance.now() - started) / idealMs;
}
