import { describe, expect, it } from "vitest";
import { DataLoader } from "../data/data-loader.ts";
import { range } from "../graph/domain.ts";
import { type Module, model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { TPE } from "../optimizers/tpe.ts";
import { bestOf } from "./best-of.ts";
import { sequence } from "./compose.ts";
import { PolicySearch } from "./policy-search.ts";
import { racingSearch } from "./racing-search.ts";

const data = Array.from({ length: 20 }, (_, input) => ({ input, info: input }));

function planned(options: object, { policy = racingSearch(), trainDataset = data as never } = {}): readonly unknown[] {
  const agent = model({ a: parameter(0, { domain: range(0, 1) }) }, ({ a }, x: number) => a.value * x) as Module<number, number>;
  const search = new PolicySearch<number, number, number>(agent, new TPE(agent), policy);
  const { settings, loader } = search.plan(() => 0, trainDataset, options);
  return [loader.batchSize, settings.evalFrequency, settings.logFrequency];
}

describe("the defaults of a search", () => {
  it("hold for options that are not given", () => {
    expect(planned({})).toEqual([8, 10, 1]);
    expect(planned({ batchSize: undefined, evalFrequency: undefined })).toEqual([8, 10, 1]);
    expect(planned({}, { policy: racingSearch({ numLists: 2 }) })).toEqual([16, 10, 1]);
    expect(planned({}, { policy: bestOf() as never })).toEqual([8, 1, 1]);
  });

  it("give way to those that are", () => {
    expect(planned({ batchSize: 2, evalFrequency: 3 })).toEqual([2, 3, 3]);
    expect(planned({ evalFrequency: 0 })).toEqual([8, 0, 1]);
    expect(planned({ logFrequency: 4 })).toEqual([8, 10, 4]);
  });

  it("leave a loader its own batches", () => {
    expect(planned({}, { trainDataset: new DataLoader(data, { batchSize: 5 }) as never })).toEqual([5, 10, 1]);
  });

  it("evaluate every iteration where a score is waited for", () => {
    expect(planned({ stop: { targetScore: 1 } })).toEqual([8, 1, 1]);
    expect(planned({ stop: { patience: 3 } })).toEqual([8, 1, 1]);
    expect(planned({ stop: { maxIterations: 3 } })).toEqual([8, 10, 1]);
  });

  it("are those of its first part in a search of searches, and 1 where it has none", () => {
    const both = sequence([{ policy: bestOf(), iterations: 1 }, { policy: racingSearch() }]);
    expect(planned({}, { policy: both as never })).toEqual([8, 1, 1]);
    const { defaults: _, ...bare } = racingSearch();
    expect(planned({}, { policy: bare })).toEqual([1, 1, 1]);
  });
});
