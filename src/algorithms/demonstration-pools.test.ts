import { model, parameter } from "opto";
import { PolicySearch } from "opto/algorithms";
import { describe, expect, it } from "vitest";
import type { ObjectiveConfig } from "../data/objectives.ts";
import { NoOptimizer } from "../optimizers/no-optimizer.ts";
import type { SearchPolicy, Step } from "../search/search.ts";
import { gatherDemonstrations } from "./demonstration-pools.ts";

type Shots = readonly { readonly input: number; readonly output: number }[];

interface Case {
  /** What the guide says of each example; of those that are `null` the agent throws. */
  readonly scores: readonly (number | null)[];
  readonly scoreRange?: readonly [number, number];
  readonly objective?: Partial<ObjectiveConfig>;
  readonly threshold?: number;
}

/** Which examples of a batch become demonstrations. */
async function demonstrated({ scores, scoreRange, threshold, ...settings }: Case): Promise<readonly number[]> {
  const agent = model({ shots: parameter([] as Shots) }, ({ shots }, at: number) => {
    if (scores[at] === null) throw new RangeError("no answer");
    return at + shots.value.length;
  });
  let found: readonly number[] = [];
  const policy: SearchPolicy<null> = {
    ...{ name: "Gathering", settings: {}, start: null },
    appetite: () => ({ forward: 1, proposals: 0, scored: [] }),
    async iterate(step) {
      const pools = await gatherDemonstrations(step as Step, step.current, {}, { paths: ["shots"], threshold });
      found = pools.shots?.bootstrapped.map(({ example }) => example) ?? [];
      return { current: step.current, memo: null };
    },
  };
  const guide = (at: number) => scores[at] as number;
  const examples = scores.map((_, input) => ({ input, info: null }));
  const search = new PolicySearch<number, number, null>(agent, new NoOptimizer(agent), policy);
  const judge = scoreRange === undefined ? guide : Object.assign(guide, { scoreRange });
  const how = { batchSize: scores.length, shuffle: false, numEpochs: 1, evalFrequency: 0, ...settings };
  await search.train(judge, examples, how);
  return found;
}

describe("gatherDemonstrations", () => {
  const minimize = { objective: { minimize: ["score"] } };
  it.each<{ readonly name: string; readonly expected: readonly number[] } & Case>([
    { name: "at least the mean", scores: [0, 0.4, 1], expected: [2] },
    { name: "all that are right", scores: [1, 1], scoreRange: [0, 1], expected: [0, 1] },
    { name: "none that is wrong", scores: [0, 0], scoreRange: [0, 1], expected: [] },
    { name: "none that is wrong, where another fails", scores: [0, null, 0], scoreRange: [0, 1], expected: [] },
    { name: "none that is wrong, where the guide says nothing", scores: [0, null, 0], expected: [] },
    { name: "those that are right, where another fails", scores: [1, null, 1], scoreRange: [0, 1], expected: [0, 2] },
    { name: "none at the lowest of the range", scores: [1, 1, 1], scoreRange: [1, 5], expected: [] },
    { name: "all at the highest of the range", scores: [0, 0], scoreRange: [-1, 0], expected: [0, 1] },
    { name: "the lower ones where less is better", scores: [0, 0.4, 1], ...minimize, expected: [0, 1] },
    { name: "none at the worst where less is better", scores: [1, 1], scoreRange: [0, 1], ...minimize, expected: [] },
    { name: "all at the best where less is better", scores: [0, 0], scoreRange: [0, 1], ...minimize, expected: [0, 1] },
    { name: "what is above a threshold", scores: [0.2, 0.5, 0.9], threshold: 0.5, expected: [1, 2] },
    {
      name: "what is below a threshold where less is better",
      scores: [0.2, 0.5, 0.9],
      threshold: 0.5,
      ...minimize,
      expected: [0, 1],
    },
  ])("takes $name", async ({ name: _, expected, ...of }) => {
    expect(await demonstrated(of)).toEqual(expected);
  });
});
