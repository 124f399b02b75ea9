import { describe, expect, it } from "vitest";
import { objective } from "../data/objectives.ts";
import { Random } from "../data/random.ts";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { NoOptimizer } from "../optimizers/no-optimizer.ts";
import { SearchArchive } from "../search/archive.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { type FeedbackBatchOptions, feedbackBatch, withFeedbackBatches } from "./feedback-batch.ts";
import { PolicySearch } from "./policy-search.ts";

/** What is chosen when the start scored so on the first train examples, the batch being the last ones of 20. */
function chosen(
  scores: readonly number[],
  { of, minimize = [], ...options }: FeedbackBatchOptions & { of?: "child"; minimize?: readonly string[] } = {},
) {
  const archive = new SearchArchive({ objective: objective({ minimize }) });
  const start = archive.add({ id: "start", values: { at: 0 }, parents: [], origin: "start" });
  const child = archive.add({ id: "child", values: { at: 1 }, parents: ["start"], origin: "test" });
  for (const [example, score] of scores.entries()) archive.note(start, "train", example, { scores: { score }, failed: false });
  const batch = { dataset: "train", examples: [12, 13, 14, 15, 16, 17, 18, 19] } as const;
  const step = { archive, batch, random: new Random(1) } as unknown as Step;
  const parents: readonly Entry[] = [of === "child" ? child : start];
  const { examples } = feedbackBatch(step, parents, options);
  return { examples, known: examples.filter((example) => example < 12), size: examples.length };
}

describe("withFeedbackBatches", () => {
  it("runs a search on batches with a known failure, and keeps everything else", async () => {
    const agent = model({ level: parameter(0) }, ({ level }, ease: number) => Number(level.value + ease >= 3));
    const batches: number[][] = [];
    const policy: SearchPolicy<null> = {
      ...{ name: "Noting", settings: { own: 1 }, start: null },
      appetite: () => ({ forward: 1, proposals: 0, scored: [] }),
      iterate: async (step) => {
        const outputs = await step.forward([step.current]);
        batches.push(outputs.map(({ example }) => example));
        // As of now, and not as of the beginning of the step.
        expect(step.history.examples).toBeGreaterThan(0);
        return { current: step.current, memo: null };
      },
    };
    const wrapped = withFeedbackBatches(policy, { failures: "one" });
    expect(wrapped).toMatchObject({ name: "Noting", settings: { own: 1, feedbackBatches: { least: 3, failures: "one" } } });
    const search = new PolicySearch(agent, new NoOptimizer(agent), wrapped);
    // Only the first two are wrong.
    const examples = Array.from({ length: 12 }, (_, at) => ({ input: at < 2 ? 0 : 5, info: null }));
    await search.train((_: number, right: number) => right, examples, {
      batchSize: 4,
      shuffle: false,
      numEpochs: 2,
      evalFrequency: 0,
    });
    expect(batches[0]).toEqual([0, 1, 2, 3]);
    for (const batch of batches) expect(batch.some((example) => example < 2)).toBe(true);
  });
});

describe("feedbackBatch", () => {
  it("is the smaller, the more often the candidates fail", () => {
    const sizes = [0.9, 0.5, 0.25, 0].map((rate) => chosen(Array.from({ length: 12 }, (_, at) => (at < 12 * rate ? 0 : 1))).size);
    expect(sizes).toEqual([3, 4, 8, 8]);
  });

  it("has a known failure and a known success, and else the next examples", () => {
    const scores = [0, 1, 1, 1];
    const { known, size } = chosen(scores);
    expect(known.filter((example) => scores[example] === 0)).toEqual([0]);
    expect(known.filter((example) => scores[example] === 1)).toHaveLength(1);
    expect(size).toBe(8);
  });

  it("is of known failures, and one success, where that is asked for", () => {
    const scores = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    const { examples } = chosen(scores, { failures: "most" });
    expect(examples.map((example) => scores[example])).toEqual([0, 0, 0, 1]);
  });

  it("knows of a child what its closest ancestor failed on", () => {
    expect(chosen([0, 1, 1, 1], { of: "child" }).known).toContain(0);
  });

  it("is the batch where nothing is known, as far as it is needed", () => {
    expect(chosen([]).examples).toEqual([12, 13, 14, 15]);
  });

  it("counts what is below the best score as a failure", () => {
    expect(chosen([0.8, 1, 0.9], { least: 3, most: 3 }).known).toContain(1);
  });

  it("counts what is above the lowest as a failure where less is better", () => {
    const scores = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    const { examples } = chosen(scores, { failures: "most", minimize: ["score"] });
    expect(examples.map((example) => scores[example])).toEqual([0, 1, 1, 1]);
  });
});
