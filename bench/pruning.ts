/**
 * What a search spares with a guide that declares its range: validation calls of 8 proposals on 50 examples, right or wrong.
 *
 * The share of right answers of each proposal is spread as that of prompts of a language model often is: most are about as
 * good as the current one (0.75) or worse, some much worse, few better. Whether an example is hard is the same for all.
 *
 * @module
 */
import { BasicSearchAlgorithm } from "opto/algorithms";
import { Random } from "opto/data";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import type { Benchmark } from "./benchmark.ts";

const [numProposals, numExamples, trials, current] = [8, 50, 1_000, 0.75];

export const pruning: readonly Benchmark[] = [
  { name: "validation calls left by exact pruning", unit: "% of all", limit: 70, sample: shareLeft },
];

class Numbered extends Optimizer {
  protected suggest({ position }: SuggestionRequest): Suggestion {
    return { values: new Map([["number", Number(/\d+$/.exec(position)?.[0]) + 1]]) };
  }
}

/** @throws Error when another candidate is chosen than with the full evaluation */
async function shareLeft(): Promise<number> {
  let [with_, without] = [0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const right = answers(trial);
    const pruned = await search(right, [0, 1]);
    const full = await search(right, undefined);
    if (pruned.chosen !== full.chosen)
      throw new Error(`Expected proposal ${full.chosen} in trial ${trial}, got ${pruned.chosen}`);
    with_ += pruned.calls;
    without += full.calls;
  }
  return (with_ / without) * 100;
}

/** Whether each candidate answers each example rightly. */
function answers(trial: number): boolean[][] {
  const random = new Random(trial, "pruning");
  const hardness = Array.from({ length: numExamples }, () => random.normal(0, 0.1));
  const skills = Array.from({ length: numProposals + 1 }, (_, candidate) => {
    if (candidate === 0) return current;
    return random.next() < 0.3 ? random.next() * current : current + random.normal(-0.05, 0.12);
  });
  return skills.map((skill) => hardness.map((easier) => random.next() < skill + easier));
}

async function search(
  right: readonly (readonly boolean[])[],
  scoreRange: readonly [number, number] | undefined,
): Promise<{ readonly chosen: unknown; readonly calls: number }> {
  let calls = 0;
  const agent = model({ number: parameter(0) }, async ({ number }, index: number) => {
    await null;
    calls++;
    return Number(right[number.value]?.[index]);
  });
  const guide = Object.assign((_index: number, answer: number): [number, string] => [answer, "right or wrong"], { scoreRange });
  const examples = Array.from({ length: numExamples }, (_, index) => ({ input: index, info: null }));
  const algorithm = new BasicSearchAlgorithm(agent, new Numbered(agent), { numThreads: 16 });
  const options = { validateDataset: examples, numProposals, batchSize: 1, evalFrequency: 0 };
  const { parameters } = await algorithm.train(guide, examples.slice(0, 1), options);
  // One call is that of the batch.
  return { chosen: parameters.number, calls: calls - 1 };
}
