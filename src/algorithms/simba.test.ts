import { PolicySearch, type SimbaOptions, simba } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";

/** Raises a level by one for even and by two for odd proposals, and notes what it is advised. */
class Raising extends Optimizer {
  override readonly learnsFromFeedback = true;
  readonly advice: string[] = [];
  protected suggest({ from = {}, advice, position }: SuggestionRequest): Suggestion {
    if (advice !== undefined) this.advice.push(advice);
    const step = 1 + (Number(/(\d+)$/.exec(position)?.[1]) % 2);
    return { values: new Map([["level", Number(from.level) + step]]) };
  }
}

interface Shown {
  readonly input: number;
  readonly output: number;
}

/** Right up to its level, and for inputs that it is shown. */
async function learn(options: SimbaOptions, maxIterations: number) {
  const agent = model({ shots: parameter([] as readonly Shown[]), level: parameter(1) }, ({ shots, level }, x: number) => {
    return x <= level.value ? x : (shots.value.find(({ input }) => input === x)?.output ?? 0);
  });
  const optimizer = new Raising(agent);
  const examples = Array.from({ length: 6 }, (_, at) => ({ input: at + 1, info: at + 1 }));
  const guide = Object.assign((_: number, y: number, right: number) => Number(y === right), { scoreRange: [0, 1] as const });
  const search = new PolicySearch(agent, optimizer, simba(options));
  const settings = { validateDataset: examples, batchSize: 6, numEpochs: 99, evalFrequency: 0, seed: 1, keep: "last" as const };
  const { parameters } = await search.train(guide, examples, { ...settings, stop: { maxIterations } });
  return { parameters, advice: optimizer.advice };
}

describe("simba", () => {
  it("shows what sets the better answer to an example apart from the worse one", async () => {
    const { parameters, advice } = await learn({ numCandidates: 2, maxDemos: 0 }, 3);
    expect(Number(parameters.level)).toBeGreaterThan(2);
    expect(advice[0]).toContain("The same example was answered twice, with different success.");
    expect(advice[0]).toMatch(/Score 1: \{"input":(\d),"output":\1\}\nScore 0: \{"input":\d,"output":0\}/);
  });

  it("adds the agent's own successes as demonstrations, and never more than it may", async () => {
    const { parameters } = await learn({ numCandidates: 6, maxDemos: 2 }, 6);
    const shots = parameters.shots as unknown as readonly Shown[];
    expect(shots.length).toBeLessThanOrEqual(2);
    for (const { input, output } of shots) expect(output).toBe(input);
  });

  it("improves on the batch alone as long as there is one candidate", async () => {
    const { parameters, advice } = await learn({ numCandidates: 2, maxDemos: 0 }, 1);
    expect([parameters.level, advice]).toEqual([3, []]);
  });
});
