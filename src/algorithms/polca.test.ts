import { type PolcaOptions, PolicySearch, polca } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";

/** Adds the given endings to the text, and notes what it is advised. */
class Appending extends Optimizer {
  readonly advice: (string | undefined)[] = [];
  readonly #endings: string[];
  constructor(agent: ConstructorParameters<typeof Optimizer>[0], endings: readonly string[]) {
    super(agent);
    this.#endings = [...endings];
  }
  protected suggest({ from = {}, advice }: SuggestionRequest): Suggestion {
    this.advice.push(advice);
    return { values: new Map([["text", `${from.text}${this.#endings.shift() ?? ""}`]]) };
  }
}

async function grow(endings: readonly string[], options: PolcaOptions = {}) {
  const agent = model({ text: parameter("aaaaaaaaaaaaaaaaaaaa") }, ({ text }, x: string) => text.value.split(x).length - 1);
  const optimizer = new Appending(agent, endings);
  const scored: string[] = [];
  const onEvent = (event: { readonly type: string; readonly candidate?: string; readonly position?: string }): void => {
    if (event.type === "candidate-scored") scored.push(event.candidate as string);
  };
  const search = new PolicySearch(agent, optimizer, polca({ numCandidates: 1, ...options }), { logger: { onEvent } });
  const settings = { batchSize: 1, numEpochs: 99, evalFrequency: 0, keep: "last" as const };
  const stop = { maxIterations: endings.length };
  const { parameters } = await search.train((_: string, count: number) => count, [{ input: "b", info: null }], {
    ...settings,
    stop,
  });
  return { text: parameters.text as string, advice: optimizer.advice, scored };
}

describe("polca", () => {
  it("scores no candidate that is almost a known one", async () => {
    expect((await grow(["b", "bbbbb"], { epsilon: 0.1 })).scored).toHaveLength(1);
    expect((await grow(["b", "bbbbb"], { epsilon: 0 })).scored).toHaveLength(2);
  });

  it("shows what earlier changes came to", async () => {
    const { text, advice } = await grow(["bbbb", "ccccccccc", ""], { epsilon: 0.1 });
    expect(text).toMatch(/^a+bbbb/);
    expect(advice[0]).toBeUndefined();
    expect(advice[1]).toBe(
      "How earlier changes scored, compared with the values that they were made from, on the examples that both were scored on:\n" +
        '- better by 4 (1 example): text: "aaaaaaaaaaaaaaaaaaaabbbb"',
    );
    expect((await grow(["bbbb", "c"], { summarySize: 0 })).advice).toEqual([undefined, undefined]);
  });

  it("compares on common examples alone: none is better for having had easy ones", async () => {
    const agent = model({ text: parameter("a") }, (_, x: number) => x);
    const optimizer = new Appending(agent, ["b".repeat(9), "c".repeat(9), "d".repeat(9), "e".repeat(9), "f".repeat(9)]);
    const search = new PolicySearch(agent, optimizer, polca({ numCandidates: 1 }));
    const data = Array.from({ length: 8 }, (_, x) => ({ input: x, info: null }));
    // Half of the examples are right whatever the text is.
    const settings = { batchSize: 1, numEpochs: 1, evalFrequency: 0, shuffle: false, stop: { maxIterations: 5 } };
    await search.train((x: number) => Number(x % 2 === 0), data, settings);
    const lines = (optimizer.advice.at(-1) ?? "").split("\n").slice(1);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/^- as good \(\d examples?\): /);
  });
});
