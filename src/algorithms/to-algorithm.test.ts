import { describe, expect, it } from "vitest";
import { type Dataset, toDataset } from "../data/dataset.ts";
import { model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { planTraining } from "../train.ts";
import { toAlgorithm } from "./to-algorithm.ts";

function examples(count: number): Dataset<number, number> {
  return Array.from({ length: count }, (_, input) => ({ input, info: input }));
}

describe("the algorithm of a run that names none", () => {
  const enough = { validateDataset: examples(16) };

  it.each([
    ["16 validation examples", enough, "racingSearch"],
    ["15", { validateDataset: examples(15) }, "BasicSearchAlgorithm"],
    ["columns", { validateDataset: { inputs: [...Array(16).keys()], infos: [...Array(16).keys()] } }, "racingSearch"],
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
    expect(toAlgorithm(undefined, options).meant).toBe(meant);
  });

  it("depends on data that were set aside as on those that were given, unless there are both", () => {
    expect(toAlgorithm(undefined, {}, examples(16)).meant).toBe("racingSearch");
    expect(toAlgorithm(undefined, {}, examples(15)).meant).toBe("MinibatchAlgorithm");
    expect(toAlgorithm(undefined, { ensureImprovement: true }, examples(16)).meant).toBe("MinibatchAlgorithm");
    expect(toAlgorithm(undefined, { validateDataset: examples(15) }, examples(16)).meant).toBe("BasicSearchAlgorithm");
  });

  it("is no other than the one that is named", () => {
    expect(toAlgorithm("MinibatchAlgorithm", enough).meant).toBe("MinibatchAlgorithm");
    expect(toAlgorithm("racingSearch", { validateDataset: examples(1) }).meant).toBe("racingSearch");
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

  it("sets nothing aside for an algorithm that chooses nothing", () => {
    const plan = planned({ trainDataset: examples(64), evalFrequency: 0 });
    expect([plan.algorithm.meant, plan.isSplit]).toEqual(["MinibatchAlgorithm", false]);
    expect(plan.datasets).toEqual({});
  });
});
