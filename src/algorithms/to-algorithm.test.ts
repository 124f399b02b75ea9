import { describe, expect, it } from "vitest";
import { DataLoader } from "../data/data-loader.ts";
import { type Dataset, type DatasetLike, toDataset } from "../data/dataset.ts";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { planTraining } from "./plan-training.ts";
import { type AlgorithmLike, type DataOfRun, toAlgorithm } from "./to-algorithm.ts";

function examples(count: number): Dataset<number, number> {
  return Array.from({ length: count }, (_, input) => ({ input, info: input }));
}

function columns(count: number): DatasetLike<number, number> {
  return { inputs: [...Array(count).keys()], infos: [...Array(count).keys()] };
}

/** What is meant on 40 training examples, or on other data. */
function meantBy(options: object, data: Partial<DataOfRun> = {}, given?: string): AlgorithmLike<unknown, unknown, unknown> {
  return toAlgorithm(given as undefined, options, { trainDataset: examples(40), ...data }).meant;
}

describe("the algorithm of a run that names none", () => {
  const enough = { validateDataset: examples(16) };

  it.each([
    ["16 validation examples", enough, "racingSearch"],
    ["15", { validateDataset: examples(15) }, "BasicSearchAlgorithm"],
    ["columns", { validateDataset: columns(16) }, "racingSearch"],
    ["nothing said about data", {}, "MinibatchAlgorithm"],
    ["a guide for validation", { ...enough, validateGuide: () => 0 }, "racingSearch"],
    ["the best values kept", { ...enough, keep: "best" }, "racingSearch"],
    ["the last values kept", { ...enough, keep: "last" }, "BasicSearchAlgorithm"],
    ["no evaluations", { ...enough, evalFrequency: 0 }, "BasicSearchAlgorithm"],
    ["an option of `Minibatch`", { ensureImprovement: true }, "MinibatchAlgorithm"],
    ["one besides validation data", { ...enough, improvementThreshold: 0 }, "BasicSearchAlgorithm"],
    ["an option of `BasicSearchAlgorithm`", { numProposals: 2 }, "BasicSearchAlgorithm"],
    ["one besides validation data", { ...enough, racing: { errorProbability: 0.05 } }, "BasicSearchAlgorithm"],
    ["options left undefined", { ...enough, numProposals: undefined, keep: undefined, evalFrequency: undefined }, "racingSearch"],
  ])("with %s", (_, options, meant) => {
    expect(meantBy(options)).toBe(meant);
  });

  it("depends on data that were set aside as on those that were given, unless there are both", () => {
    expect(meantBy({}, { setAside: examples(16) })).toBe("racingSearch");
    expect(meantBy({}, { setAside: examples(15) })).toBe("MinibatchAlgorithm");
    expect(meantBy({ ensureImprovement: true }, { setAside: examples(16) })).toBe("MinibatchAlgorithm");
    expect(meantBy({ validateDataset: examples(15) }, { setAside: examples(16) })).toBe("BasicSearchAlgorithm");
  });

  it.each([
    ["40", examples(40), "racingSearch"],
    ["39", examples(39), "BasicSearchAlgorithm"],
    ["40 in columns", columns(40), "racingSearch"],
    ["39 in columns", columns(39), "BasicSearchAlgorithm"],
    ["40 in a loader", new DataLoader(examples(40), { batchSize: 20 }), "racingSearch"],
    ["39 in a loader", new DataLoader(examples(39)), "BasicSearchAlgorithm"],
  ])("with %s training examples and enough for validation", (_, trainDataset, meant) => {
    expect(meantBy(enough, { trainDataset })).toBe(meant);
  });

  it("is no other than the one that is named", () => {
    expect(meantBy(enough, {}, "MinibatchAlgorithm")).toBe("MinibatchAlgorithm");
    expect(meantBy({ validateDataset: examples(1) }, {}, "racingSearch")).toBe("racingSearch");
  });
});

describe("what `train` makes of its data", () => {
  const agent = model({ a: parameter(0) }, ({ a }, x: number) => a.value * x);
  const planned = (options: object): ReturnType<typeof planTraining> =>
    planTraining({ agent, guide: () => 0, ...options } as never);

  it("races where it has set aside enough", () => {
    const plan = planned({ trainDataset: examples(64) });
    expect([plan.algorithm.meant, plan.isSplit, toDataset(plan.datasets.validateDataset!, "").length]).toEqual([
      "racingSearch",
      true,
      16,
    ]);
    expect((plan.trainDataset as Dataset<number, number>).length).toBe(48);
  });

  it("does not where that is too little, or the training data serve for both", () => {
    expect(planned({ trainDataset: examples(61) }).algorithm.meant).toBe("MinibatchAlgorithm");
    expect(planned({ trainDataset: examples(39) }).algorithm.meant).toBe("MinibatchAlgorithm");
  });

  it("takes the same columns for the same data, as it does with the same list", () => {
    const [train, validate] = [columns(40), columns(20)];
    const { datasets } = planned({ trainDataset: train, validateDataset: validate });
    expect(datasets.testDataset).toBe(datasets.validateDataset);
    const all = planned({ trainDataset: train, validateDataset: train, testDataset: train });
    expect([all.datasets.validateDataset, all.datasets.testDataset]).toEqual([all.trainDataset, all.trainDataset]);
    expect(all.datasets.validateDataset).toBe(all.trainDataset);
    expect(all.datasets.testDataset).toBe(all.trainDataset);
  });

  it("sets nothing aside for an algorithm that chooses nothing", () => {
    const plan = planned({ trainDataset: examples(64), evalFrequency: 0 });
    expect([plan.algorithm.meant, plan.isSplit]).toEqual(["MinibatchAlgorithm", false]);
    expect(plan.datasets).toEqual({});
  });
});
