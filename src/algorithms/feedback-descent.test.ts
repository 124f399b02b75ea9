import { type FeedbackDescentOptions, feedbackDescent, PolicySearch } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";

/** Proposes one level after the other from a list, and notes what it is advised. */
class Listed extends Optimizer {
  readonly advice: (string | undefined)[] = [];
  readonly #levels: number[];
  constructor(agent: ConstructorParameters<typeof Optimizer>[0], levels: readonly number[]) {
    super(agent);
    this.#levels = [...levels];
  }
  protected suggest({ advice }: SuggestionRequest): Suggestion {
    this.advice.push(advice);
    return { values: new Map([["level", this.#levels.shift() ?? 0]]), reasoning: "A guess." };
  }
}

async function descend(levels: readonly number[], options: FeedbackDescentOptions = {}) {
  const agent = model({ level: parameter(2) }, ({ level }, x: number) => level.value - x);
  const optimizer = new Listed(agent, levels);
  const examples = [0, 1, 2, 3].map((x) => ({ input: x, info: 4 - x }));
  const guide = (_: number, y: number, right: number) => ({
    score: -Math.abs(y - right),
    feedback: y < right ? "too low" : "too high",
  });
  const search = new PolicySearch(agent, optimizer, feedbackDescent(options));
  const settings = { validateDataset: examples, batchSize: 4, numEpochs: 99, evalFrequency: 0, keep: "last" as const };
  const stop = { maxIterations: levels.length };
  const { parameters } = await search.train(guide, examples, { ...settings, stop });
  return { level: parameters.level, advice: optimizer.advice };
}

describe("feedbackDescent", () => {
  it("shows why candidates lost, and empties the reasons when one is better", async () => {
    const { level, advice } = await descend([0, 1, 3, 3]);
    expect(level).toBe(3);
    expect(advice[0]).toBeUndefined();
    expect(advice[1]).toBe(
      "Changes to these values that were tried and were not better. Learn from the reasons, and do not repeat them:\n" +
        '- "A guess." level: 0 (better on 0 and worse on 4 examples of its batch)' +
        '\n  Feedback where it was worse: "too low"'.repeat(2),
    );
    expect(advice[2]).toContain("level: 1 (better on 0");
    expect(advice[3]).toBeUndefined();
  });

  it.each([
    [1, 3],
    [0, 0],
  ])("shows the latest %i reasons", async (maxRationales, atMost) => {
    const { advice } = await descend([0, 1, 0, 1], { maxRationales });
    expect(advice.at(-1)?.match(/^- /gm)?.length ?? 0).toBe(Math.min(maxRationales, atMost));
  });

  it("keeps the current candidate on a tie", async () => {
    // As far off on the other side.
    expect((await descend([6])).level).toBe(2);
  });
});
