import { type MapElitesOptions, mapElites, PolicySearch } from "opto/algorithms";
import { Random } from "opto/data";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";

/** Adds letters, some of which count, and sometimes removes one that does. */
class Writing extends Optimizer {
  protected suggest({ from = {}, position }: SuggestionRequest): Suggestion {
    const random = new Random("write").fork(position);
    const text = String(from.text);
    const shorter = text.replace("b", "");
    return { values: new Map([["text", random.choice([shorter, `${text}a`, `${text}b`, `${text}bbb`])]]) };
  }
}

async function evolve(options: MapElitesOptions, maxIterations = 12) {
  const agent = model({ text: parameter("start b b") }, ({ text }, x: number) =>
    Math.min(1, (text.value.split("b").length - 1) / (x + 1)),
  );
  const examples = Array.from({ length: 16 }, (_, at) => ({ input: at, info: null }));
  const counts = new Map<string, number>();
  const onEvent = (event: { readonly type: string; readonly candidate?: string; readonly trials?: unknown }): void => {
    if (event.type === "candidate-dropped" || event.type === "candidate-scored") {
      const key = event.candidate as string;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  };
  const guide = Object.assign((_: number, score: number) => score, { scoreRange: [0, 1] as const });
  const search = new PolicySearch(agent, new Writing(agent), mapElites(options), { logger: { onEvent } });
  const settings = { validateDataset: examples, batchSize: 2, numEpochs: 99, evalFrequency: 0, seed: 1, keep: "last" as const };
  const { parameters, usage } = await search.train(guide, examples, { ...settings, stop: { maxIterations } });
  return { score: (parameters.text as string).split("b").length - 1, rollouts: usage.rollouts, counts };
}

describe("mapElites", () => {
  it("climbs on every number of islands", async () => {
    for (const numIslands of [1, 3]) expect((await evolve({ numIslands, migrateEvery: 4 }, 15)).score).toBeGreaterThan(4);
  });

  it("evaluates further only what does no worse than its parent on the first examples", async () => {
    const [staged, full] = [await evolve({ stages: [4] }), await evolve({ stages: [] })];
    expect(staged.rollouts).toBeLessThan(full.rollouts);
    expect(staged.score).toBeGreaterThan(3);
  });

  it("does not evaluate what is almost the same as a candidate of the island", async () => {
    const [strict, any] = [await evolve({ novelty: 0.3, stages: [] }, 4), await evolve({ novelty: 0, stages: [] }, 4)];
    expect(strict.rollouts).toBeLessThan(any.rollouts);
  });

  it("takes the same decisions when it is run again", async () => {
    expect(await evolve({})).toEqual(await evolve({}));
  });
});
