/**
 * What advice says of scores, more or less of them being better.
 *
 * @module
 */
import { beamSearchWithHistory, copro, PolicySearch, polca, simba, skillPatches } from "opto/algorithms";
import { objective } from "opto/data";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import type { SearchPolicy } from "opto/search";
import { describe, expect, it } from "vitest";
import { shownGain, shownScores } from "./shown-score.ts";

/** Takes the given values one after the other, and notes what it is advised. */
class Listed extends Optimizer {
  override readonly learnsFromFeedback = true;
  readonly advice: string[] = [];
  #count = 0;
  readonly #values: readonly string[];
  constructor(agent: ConstructorParameters<typeof Optimizer>[0], values: readonly string[]) {
    super(agent);
    this.#values = values;
  }
  protected suggest({ advice }: SuggestionRequest): Suggestion {
    if (advice !== undefined) this.advice.push(advice);
    return { values: new Map([["level", this.#values[this.#count++ % this.#values.length] as string]]) };
  }
}

/** The loss by value; a value of none fails. */
const losses: Readonly<Record<string, number>> = { start: 3.5, good: 2.25, bad: 5, "good\nbad": 5, "start\nbad\nbad": 6 };

async function advised(policy: unknown, values: readonly string[], maxIterations: number): Promise<string> {
  const agent = model({ level: parameter("start") }, ({ level }, x: number) => {
    if (level.value === "none") throw new Error("no level");
    return (losses[level.value] ?? 9) + x / 100;
  });
  const optimizer = new Listed(agent, values);
  const examples = [0, 1, 2, 3].map((input) => ({ input, info: null }));
  const search = new PolicySearch(agent, optimizer, policy as SearchPolicy);
  const settings = { validateDataset: [...examples], batchSize: 4, numEpochs: 99, evalFrequency: 0, stop: { maxIterations } };
  const guide = (_: number, loss: number) => ({ score: loss, feedback: "" });
  await search.train(guide as never, examples, { ...settings, objective: { minimize: ["score"] } } as never);
  return optimizer.advice.join("\n");
}

describe("where less is better, the advice", () => {
  it("of COPRO has the guide's own scores, best last", async () => {
    const advice = await advised(copro({ breadth: 2, depth: 2 }), ["good", "bad"], 2);
    expect(advice).toContain('best last:\nScore 5.015: "bad"\nScore 3.515: "start"\nScore 2.265: "good"');
  });

  it("of a beam search has them, best first", async () => {
    const advice = await advised(beamSearchWithHistory(), ["good", "bad"], 4);
    expect(advice).toContain(
      'best first:\nScore 2.265: {"level":"good"}\nScore 3.515: {"level":"start"}\nScore 5.015: {"level":"bad"}',
    );
  });

  it("of SIMBA calls the better answer the first, and a failure what it is", async () => {
    const advice = await advised(simba({ numCandidates: 1, maxDemos: 0 }), ["good", "bad"], 4);
    expect(advice).toMatch(/different success\.\nScore 2\.\d+: .*\nScore (3\.5|5)\d*: /);
    const failing = await advised(simba({ numCandidates: 1, maxDemos: 0 }), ["none", "good"], 6);
    expect(failing).toMatch(/different success\.\nScore \d\.\d+: .*\nFailed: /);
    for (const text of [advice, failing]) expect(text).not.toContain("Score -");
  });

  it("of skill patches says what was worse, and what was applied together", async () => {
    expect(await advised(skillPatches({ numPatches: 1 }), ["bad"], 2)).toContain("level (worse by 1.5):");
    const both = await advised(skillPatches({ numPatches: 2 }), ["worse\nstart", "start\nlonger"], 2);
    expect(both).toMatch(
      /level \(worse by 5\.5, together with 1 other edit\):\n.*\nlevel \(worse by 5\.5, together with 1 other edit\):/,
    );
  });

  it("of POLCA says which change was worse", async () => {
    const advice = await advised(polca({ numCandidates: 1, epsilon: 0 }), ["bad", "good"], 4);
    expect(advice).toMatch(/worse by 1\.5 \(\d+ examples?\): level: "bad"/);
  });
});

describe("shown scores", () => {
  it.each([
    { by: {}, shown: ["-2", "none"] },
    { by: { minimize: ["score"] }, shown: ["2", "none"] },
    { by: { scoreKey: "cost", minimize: ["cost"] }, shown: ["2", "none"] },
    // What is made of several metrics has no direction of its own.
    { by: { weights: { score: 1, cost: 1 }, minimize: ["score", "cost"] }, shown: ["-2", "none"] },
  ])("are the guide's own where these are compared: $by", ({ by, shown }) => {
    expect(shownScores({ objective: objective(by) }, [-2, null], "none")).toEqual(shown);
  });

  it("say a difference without a direction of the score", () => {
    expect([0.5, -12_345.6, 0].map(shownGain)).toEqual(["better by 0.5", "worse by 12346", "as good"]);
  });
});
