import { PolicySearch, type ProTeGiOptions, proTeGi } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";

/** Edits raise the level, paraphrases keep it; notes what it is advised. */
class Editing extends Optimizer {
  readonly advice: string[] = [];
  protected suggest({ from = {}, advice = "", position }: SuggestionRequest): Suggestion {
    this.advice.push(advice);
    const [level = 0] = from.prompt as readonly number[];
    const number = Number(/(\d+)$/.exec(position)?.[1]);
    return { values: new Map([["prompt", [level + Number(advice.startsWith("First name")), number, level]]]) };
  }
}

async function climb(options: ProTeGiOptions, maxIterations = 4) {
  const agent = model({ prompt: parameter([0] as readonly number[]) }, ({ prompt }, x: number) =>
    Number((prompt.value[0] ?? 0) > x),
  );
  const optimizer = new Editing(agent);
  const examples = Array.from({ length: 12 }, (_, at) => ({ input: at / 2, info: null }));
  const guide = Object.assign((_: number, right: number) => right, { scoreRange: [0, 1] as const });
  let rollouts = 0;
  const onEvent = ({ type, ...event }: { readonly type: string; readonly position?: string }): void => {
    if (type === "rollout-end" && event.position?.includes("/validate")) rollouts++;
  };
  const search = new PolicySearch(agent, optimizer, proTeGi(options), { logger: { onEvent } });
  const settings = { validateDataset: examples, batchSize: 4, numEpochs: 99, evalFrequency: 0, seed: 1, keep: "last" as const };
  const { parameters } = await search.train(guide, examples, { ...settings, stop: { maxIterations } });
  return { level: (parameters.prompt as readonly number[])[0], advice: optimizer.advice, rollouts };
}

describe("proTeGi", () => {
  it("has one flaw after the other named and fixed, and asks for paraphrases", async () => {
    const { advice } = await climb({ beamWidth: 1, numEdits: 2, numParaphrases: 1 }, 1);
    expect(advice).toEqual([
      "First name the flaw that explains most of the failures. Then fix that flaw alone.",
      "First name the flaw number 2, by how many failures it explains. Then fix that flaw alone.",
      "Say the same in other words: keep the meaning, and change the wording and the order.",
    ]);
  });

  it.each(["ucb", "halving", "uniform"] as const)("keeps the best by %s, within its budget of rollouts", async (selection) => {
    const { level, rollouts } = await climb({ beamWidth: 2, numEdits: 2, numParaphrases: 1, budget: 40, selection });
    expect(level).toBeGreaterThan(2);
    expect(rollouts).toBeLessThanOrEqual(4 * 40);
  });

  it("compares no more successors than it may", async () => {
    const { rollouts } = await climb({ beamWidth: 1, numEdits: 4, numParaphrases: 2, maxSuccessors: 1, budget: 1000 }, 1);
    expect(rollouts).toBe(2 * 12);
  });
});
