import { copro, gepa, PolicySearch } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import type { SearchPolicy } from "opto/search";
import { describe, expect, it } from "vitest";

/** Learns from feedback, and notes what it is asked for and whether there is feedback on that. */
class Noting extends Optimizer {
  override readonly learnsFromFeedback = true;
  readonly asked: { readonly name: string | undefined; readonly isReached: boolean }[] = [];
  protected suggest({ parameters, graph, from = {} }: SuggestionRequest): Suggestion {
    const [[name, asked] = []] = [...parameters];
    this.asked.push({ name, isReached: asked !== undefined && graph.parameters.includes(asked) });
    return { values: new Map(name === undefined ? [] : [[name, Number(from[name]) + 1]]) };
  }
}

/** What is asked for in three iterations; each kind of input reads another parameter, or none. */
async function asked(policy: SearchPolicy, inputs: readonly ("a" | "b" | "c" | "none")[]) {
  const agent = model({ a: parameter(0), b: parameter(0), c: parameter(0) }, (parts, kind: "a" | "b" | "c" | "none") => {
    return kind === "none" ? 0 : parts[kind].value;
  });
  const optimizer = new Noting(agent);
  const examples = inputs.map((input) => ({ input, info: null }));
  const settings = { batchSize: 2, shuffle: false, numEpochs: 9, stop: { maxIterations: 3 }, evalFrequency: 0 };
  await new PolicySearch(agent, optimizer, policy).train((_, answer: number) => answer - 100, examples, settings);
  return optimizer.asked;
}

describe.each([
  ["gepa", () => gepa() as SearchPolicy],
  ["copro", () => copro({ breadth: 1 }) as SearchPolicy],
])("parameters in turn of %s", (_, policy) => {
  it("are those that the batch has feedback on", async () => {
    const all = await asked(policy(), ["b", "c"]);
    expect(all.map(({ name }) => name)).not.toContain("a");
    expect(all).toHaveLength(3);
    expect(all.every(({ isReached }) => isReached)).toBe(true);
  });

  it("are all of them where all are read", async () => {
    expect((await asked(policy(), ["a", "b"])).map(({ name }) => name)).toContain("a");
  });

  it("remain what they were where none is read", async () => {
    expect((await asked(policy(), ["none", "none"])).every(({ isReached }) => !isReached)).toBe(true);
  });
});
