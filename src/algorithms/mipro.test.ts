import { exactMatch, mipro, model, parameter, train } from "opto";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { describe, expect, it } from "vitest";

const topics = ["card", "login", "price", "crash"];
const queues = ["billing", "access", "sales", "technical"];
const dataset = Array.from({ length: 48 }, (_, at) => ({
  input: `${topics[at % 4]} ticket ${at}`,
  info: queues[at % 4] as string,
}));

/** Needs an instruction that says how to answer, and examples of every topic. */
const agent = () => {
  const parts = { prompt: parameter("Hello"), shots: parameter([] as { input: string; output: string }[]) };
  return model(parts, ({ prompt, shots }, ticket: string) => {
    const others = shots.value.filter(({ input }) => input !== ticket);
    const queue = others.find(({ input }) => input.slice(0, 4) === ticket.slice(0, 4))?.output ?? "billing";
    return prompt.value.includes("one word") ? queue : `I think it is ${queue}`;
  });
};

/** Writes one good instruction among others, and notes what it was advised. */
class Writer extends Optimizer {
  readonly advice: (string | undefined)[] = [];
  protected suggest({ position, advice, parameters }: SuggestionRequest): Suggestion {
    expect([...parameters.keys()]).toEqual(["prompt"]);
    this.advice.push(advice);
    const number = Number(/proposal\/(\d+)/.exec(position)?.[1]);
    return { values: new Map([["prompt", number === 3 ? "Answer in one word" : `Answer ${number}`]]) };
  }
}

describe("mipro", () => {
  it("finds the combination of an instruction and demonstrations that neither finds alone", async () => {
    const trained = agent();
    const writer = new Writer(trained);
    const { best } = await train({
      agent: trained,
      guide: exactMatch(),
      trainDataset: dataset.slice(0, 24),
      validateDataset: dataset.slice(24),
      optimizer: writer,
      algorithm: mipro({ minibatchSize: 8, numCandidates: 5, numTrials: 2 }),
      batchSize: 12,
      numEpochs: 15,
      run: null,
      logger: [],
    });
    expect(best.parameters.prompt).toBe("Answer in one word");
    expect(best.score).toBe(1);
    const first = writer.advice.slice(0, 5);
    expect(new Set(first).size).toBe(5);
    expect(first[0]).toContain('{"input":');
  });

  /** What is best after some iterations, where the later instructions of the writer are the better ones. */
  async function bestAfter(iterations: number, minibatchSize: number) {
    const agent = model({ prompt: parameter("Hello") }, ({ prompt }, _: string) => prompt.value);
    const order = ["Hello", "Answer 0", "Answer 1", "Answer 2", "Answer in one word", "Answer 4"];
    const { best } = await train({
      agent,
      guide: (_: string, answer: string) => order.indexOf(answer) / 5,
      trainDataset: dataset.slice(0, 24),
      validateDataset: dataset.slice(24),
      optimizer: new Writer(agent),
      algorithm: mipro({ minibatchSize, numCandidates: 5, numTrials: 2, extendEvery: 0 }),
      batchSize: 24 / iterations,
      numEpochs: 1,
      seed: 2,
      run: null,
      logger: [],
    });
    return best.parameters.prompt;
  }

  it.each([1, 2, 4])("returns something better after %i iterations", async (iterations) => {
    expect(await bestAfter(iterations, 8)).not.toBe("Hello");
  });

  it("returns the best of all combinations that were tried on all validation data", async () => {
    expect(await bestAfter(4, 24)).toBe("Answer 4");
  });
});
