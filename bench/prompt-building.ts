/**
 * What composing a prompt costs, on graphs of 10,000 operations that do not fit into it.
 *
 * @module
 */
import { bundle, type Node, type Parameter, parameter } from "opto/graph";
import { type Benchmark, busyMs, median } from "./benchmark.ts";
import { Composer } from "./composer.ts";

const operations = 10_000;
const words = "The quick brown fox jumps over the lazy dog. ".repeat(2_300);

/** 100 KB of JSON each. Objects of their own, as programs make them, around one text, so that the memory is enough. */
const step = bundle((before: unknown, index: number) => ({ index, text: words, isFirst: typeof before === "string" }), {
  name: "step",
  description: "Does one more step.",
});

export const promptBuilding: readonly Benchmark[] = [
  { name: "prompt of 32,000 tokens, chain of 10,000", unit: "ms", limit: 50, sample: () => composing(chain(), 32_000) },
  { name: "prompt of 32,000 tokens, 5,000 runs of 2", unit: "ms", limit: 50, sample: () => composing(batch(), 32_000) },
  { name: "prompt of 8,000 tokens, 5,000 runs of 2", unit: "ms", limit: 50, sample: () => composing(batch(), 8_000) },
];

interface Output {
  readonly start: Parameter;
  readonly targets: readonly Node[];
}

/** The median of a few prompts: the first ones are slower, until the engine has compiled what they run. */
function composing({ start, targets }: Output, maxTokens: number): number {
  const optimizer = new Composer([start]);
  const feedback = targets.map((_, index) => ({ score: (index % 10) / 10, feedback: `Case ${index % 7} is wrong.` }));
  optimizer.backward(targets, feedback);
  const times = Array.from({ length: 5 }, () =>
    busyMs(() => {
      if (!optimizer.promptOf(maxTokens).prompt.includes("# Left out"))
        throw new Error("Expected more than fits into the prompt");
    }),
  );
  return median(times);
}

function chain(): Output {
  const start = parameter("Answer.", { name: "prompt" });
  let last: Node = start;
  for (let index = 0; index < operations; index++) last = step(last, index);
  return { start, targets: [last] };
}

function batch(): Output {
  const start = parameter("Answer.", { name: "prompt" });
  return { start, targets: Array.from({ length: operations / 2 }, (_, index) => step(step(start, index), index)) };
}
