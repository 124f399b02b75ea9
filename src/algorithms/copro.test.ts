import { copro, PolicySearch } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";

/** Proposes the next numbers for the one parameter that it may change, and notes what it is advised. */
class Counting extends Optimizer {
  readonly asked: { readonly names: readonly string[]; readonly advice: string | undefined }[] = [];
  protected suggest({ position, parameters, from = {}, advice }: SuggestionRequest): Suggestion {
    const [name = ""] = parameters.keys();
    this.asked.push({ names: [...parameters.keys()], advice: advice as string | undefined });
    return { values: new Map([[name, Number(from[name]) + Number(/proposal\/(\d+)/.exec(position)?.[1]) + 1]]) };
  }
}

async function ascend(maxIterations: number, options: Parameters<typeof copro>[0] = {}) {
  const agent = model({ a: parameter(0), b: parameter(0) }, ({ a, b }, x: number) => a.value * x + b.value);
  const optimizer = new Counting(agent);
  const examples = [1, 2, 3].map((x) => ({ input: x, info: 3 * x + 2 }));
  const search = new PolicySearch(agent, optimizer, copro({ breadth: 3, ...options }));
  const guide = (_: number, y: number, right: number) => -Math.abs(y - right);
  const settings = { validateDataset: examples, batchSize: 3, numEpochs: 99, stop: { maxIterations }, evalFrequency: 0 };
  const { parameters } = await search.train(guide, examples, settings);
  return { parameters, asked: optimizer.asked };
}

describe("copro", () => {
  it("changes one parameter after the other, and keeps the best", async () => {
    const { parameters, asked } = await ascend(2);
    expect(asked.map(({ names }) => names)).toEqual([["a"], ["a"], ["a"], ["b"], ["b"], ["b"]]);
    expect(parameters).toEqual({ a: 3, b: 2 });
  });

  it("shows the best values so far, the best last, with the other parameters as they are", async () => {
    const { asked } = await ascend(3, { maxAttempts: 3, depth: 2 });
    expect(asked[0]?.advice).toBeUndefined();
    expect(asked[3]?.advice).toBe(
      "Values of a that were tried, with their scores on the same examples, best last:\nScore -6: 1\nScore -4: 2\nScore -2: 3",
    );
    // No value of b has been tried with this a.
    expect(asked.at(-1)).toMatchObject({ names: ["b"], advice: undefined });
  });
});
