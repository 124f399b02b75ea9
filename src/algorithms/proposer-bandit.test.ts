import { bestOf, PolicySearch, type Proposer, prioritySearch, withProposers } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";

/** Raises the level by what the advice names. */
class Advised extends Optimizer {
  readonly advice: string[] = [];
  protected suggest({ from = {}, advice = "" }: SuggestionRequest): Suggestion {
    this.advice.push(advice);
    return { values: new Map([["level", Number(from.level) + Number(/by (-?[\d.]+)/.exec(advice)?.[1] ?? 0)]]) };
  }
}

async function ask(proposers: readonly Proposer[], maxIterations = 20) {
  const agent = model({ level: parameter(0) }, ({ level }, x: number) => level.value + x);
  const optimizer = new Advised(agent);
  const search = new PolicySearch(agent, optimizer, withProposers(prioritySearch({ numCandidates: 1 }), proposers));
  const examples = [1, 2, 3, 4].map((input) => ({ input, info: null }));
  const settings = { batchSize: 2, numEpochs: 99, evalFrequency: 0, stop: { maxIterations } };
  await search.train((_: number, y: number) => y, examples, settings);
  const countOf = (advice: string): number => optimizer.advice.filter((one) => one === advice).length;
  return proposers.map(({ advice }) => countOf(advice));
}

describe("withProposers", () => {
  it("asks each way to propose, and then mostly the one that gains the most", async () => {
    const [small, large, bad] = await ask([
      { name: "small", advice: "by 0.1" },
      { name: "large", advice: "by 1" },
      { name: "bad", advice: "by -1" },
    ]);
    expect([small, large, bad].every((count) => (count ?? 0) > 0)).toBe(true);
    expect(large).toBeGreaterThan((small ?? 0) + (bad ?? 0));
  });

  it("prefers what gains as much at a lower cost", async () => {
    const [cheap, expensive] = await ask([
      { name: "cheap", advice: "by 1 cheaply" },
      { name: "expensive", advice: "by 1", cost: 4 },
    ]);
    expect(cheap).toBeGreaterThan(expensive ?? 0);
  });

  it("keeps the name, the appetite, and the advice of the search", () => {
    const wrapped = withProposers(bestOf({ numProposals: 2 }), [{ name: "one", advice: "by 1" }]);
    expect(wrapped).toMatchObject({ name: "BestOf", settings: { numProposals: 2, proposers: [{ name: "one", cost: 1 }] } });
    expect(wrapped.appetite()).toEqual(bestOf({ numProposals: 2 }).appetite());
  });

  it.each<[string, readonly Proposer[], RegExp]>([
    ["no proposer", [], /at least one proposer/],
    ["two of one name", ["x", "x"].map((name) => ({ name, advice: "" })), /Two proposers have the name "x"/],
    ["a cost of 0", [{ name: "x", advice: "", cost: 0 }], /cost/],
  ])("refuses %s", (_, proposers, message) => {
    expect(() => withProposers(bestOf(), proposers)).toThrow(message);
  });
});
