/**
 * What the types of guides, datasets and training promise, and what must not compile.
 *
 * Each refusal stands below the same call written right, so that it can only fail for the reason that its title names.
 *
 * @module
 */
import {
  type AlgorithmName,
  BasicSearchAlgorithm,
  beamSearch,
  type Dataset,
  type Feedback,
  Guide,
  type JsonValue,
  Module,
  model,
  type Node,
  parameter,
  type SearchPolicy,
  sequentialRefinement,
  train,
} from "opto";
import { describe, expectTypeOf, it } from "vitest";

interface Info {
  readonly right: number;
}

const agent = model({ factor: parameter(2) }, ({ factor }, x: number) => factor.value * x);
const trainDataset: Dataset<number, Info> = [{ input: 1, info: { right: 2 } }];

describe("a guide as a function", () => {
  it("knows question, answer and info", () => {
    void train({
      agent,
      trainDataset,
      guide: (question, answer, info) => {
        expectTypeOf(question).toEqualTypeOf<number>();
        expectTypeOf(answer).toEqualTypeOf<number>();
        expectTypeOf(info).toEqualTypeOf<Info>();
        return answer === info.right;
      },
    });
    // @ts-expect-error a field that the dataset does not have
    void train({ agent, trainDataset, guide: (_question, answer, info) => answer === info.wrong });
    // @ts-expect-error a parameter of the wrong type
    void train({ agent, trainDataset, guide: (_question: string, answer: number, info: Info) => answer === info.right });
  });

  it("gives a score, a pair or feedback", () => {
    void train({ agent, trainDataset, guide: () => 1 });
    void train({ agent, trainDataset, guide: () => [0.5, "too low"] });
    void train({ agent, trainDataset, guide: async () => ({ score: null, feedback: "" }) });
    // @ts-expect-error a text
    void train({ agent, trainDataset, guide: () => "good" });
    // @ts-expect-error a score that is a text
    void train({ agent, trainDataset, guide: () => ({ score: "1", feedback: "" }) });
    // @ts-expect-error nothing
    void train({ agent, trainDataset, guide: () => {} });
  });
});

describe("a guide as a class", () => {
  it("gives feedback on what it is for", () => {
    class Close extends Guide<number, number, Info> {
      override getFeedback(_question: number, answer: number, info: Info): Feedback {
        return { score: -Math.abs(answer - info.right), feedback: "" };
      }
    }
    void train({ agent, trainDataset, guide: new Close() });

    class OfTexts extends Guide<string, string, Info> {
      override getFeedback(): Feedback {
        return { score: 1, feedback: "" };
      }
    }
    // @ts-expect-error a guide of other answers
    void train({ agent, trainDataset, guide: new OfTexts() });
  });

  it("cannot give a bare number", () => {
    class Wrong extends Guide<number, number, Info> {
      // @ts-expect-error feedback is an object with score and words
      override getFeedback(): number {
        return 1;
      }
    }
    void Wrong;
  });
});

describe("a train dataset", () => {
  const guide = (_question: number, answer: number, info: Info) => answer === info.right;

  it("has inputs of the agent and infos of the guide", () => {
    void train({ agent, trainDataset: [{ input: 1, info: { right: 2 } }], guide });
    void train({ agent, trainDataset: { inputs: [1], infos: [{ right: 2 }] }, guide });
    // @ts-expect-error info is missing
    void train({ agent, trainDataset: [{ input: 1 }], guide });
    // @ts-expect-error input is missing
    void train({ agent, trainDataset: [{ info: { right: 2 } }], guide });
    // @ts-expect-error infos are missing
    void train({ agent, trainDataset: { inputs: [1] }, guide });
    // @ts-expect-error an info without the field that the guide reads
    void train({ agent, trainDataset: [{ input: 1, info: {} }], guide });
    // @ts-expect-error an input that the agent does not take
    void train({ agent, trainDataset: [{ input: "1", info: { right: 2 } }], guide });
  });
});

describe("train", () => {
  it("knows its options", () => {
    void train({ agent, trainDataset, guide: () => 1, batchSize: 2, optimizer: "TPE" });
    for (const optimizer of ["OptoPrime", "OptoPrimeMulti", "OPRO", "TextGrad"] as const) {
      void train({ agent, trainDataset, guide: () => 1, optimizer });
    }
    // @ts-expect-error misspelt
    void train({ agent, trainDataset, guide: () => 1, batchsize: 2 });
    // @ts-expect-error an optimizer that does not exist
    void train({ agent, trainDataset, guide: () => 1, optimizer: "Adam" });
    // @ts-expect-error without data
    void train({ agent, guide: () => 1 });
  });

  it("takes an algorithm as a class, a policy or a name", () => {
    void train({ agent, trainDataset, guide: () => 1, algorithm: "MinibatchAlgorithm" });
    void train({ agent, trainDataset, guide: () => 1, algorithm: BasicSearchAlgorithm });
    // The types of the guide come from the agent and the dataset, also beside a class that has none of its own.
    void train({ agent, trainDataset, guide: (_x, y, info) => Number(y === info.right), algorithm: BasicSearchAlgorithm });
    void train({ agent, trainDataset, guide: () => 1, algorithm: beamSearch({ beamWidth: 4 }) });
    void train({ agent, trainDataset, guide: () => 1, algorithm: sequentialRefinement() });
    const names = ["beamSearch", "beamSearchWithHistory", "bestOf", "bestOfN", "paretoSearch", "prioritySearch"] as const;
    for (const algorithm of names) void train({ agent, trainDataset, guide: () => 1, algorithm });
    const others = ["sequentialRefinement", "sequentialSearch", "sequentialUpdate", "streamingSearch", "ucbSearch"] as const;
    for (const algorithm of others) void train({ agent, trainDataset, guide: () => 1, algorithm });
    const keeping: SearchPolicy<{ readonly round: number }> = {
      name: "Keeping",
      settings: {},
      start: { round: 0 },
      appetite: () => ({ forward: 1, proposals: 0, scored: [] }),
      iterate: async ({ current }, { round }) => ({ current, memo: { round: round + 1 } }),
    };
    void train({ agent, trainDataset, guide: () => 1, algorithm: keeping });
    expectTypeOf<AlgorithmName>().toExtend<string>();
    // @ts-expect-error a name that does not exist
    void train({ agent, trainDataset, guide: () => 1, algorithm: "annealing" });
    // @ts-expect-error a policy that was not made
    void train({ agent, trainDataset, guide: () => 1, algorithm: beamSearch });
    // @ts-expect-error a policy without `iterate`
    void train({ agent, trainDataset, guide: () => 1, algorithm: { ...keeping, iterate: undefined } });
    // @ts-expect-error a memo that is not plain JSON
    ({}) as SearchPolicy<Map<string, number>>;
    // @ts-expect-error an option that the search does not have
    void train({ agent, trainDataset, guide: () => 1, algorithm: beamSearch({ width: 4 }) });
  });

  it("leaves the agent usable", () => {
    expectTypeOf(agent.call(1)).toEqualTypeOf<Promise<Node<number>>>();
  });
});

describe("the result of train", () => {
  class Tool extends Module<string, string> {
    limit = parameter(3);
    forward(input: string): string {
      return input.slice(0, this.limit.value);
    }
  }
  class Support extends Module<number, number> {
    prompt = parameter("Answer.");
    examples = parameter<readonly { question: string }[]>([]);
    readonly tool = new Tool();
    readonly name = "support";
    forward(x: number): number {
      return x;
    }
  }
  const guide = (): number => 1;

  it("has the best values with the types of the agent's parameters", async () => {
    const result = await train({ agent: new Support(), trainDataset, guide });
    expectTypeOf(result.best.parameters.prompt).toEqualTypeOf<string>();
    expectTypeOf(result.best.parameters["tool.limit"]).toEqualTypeOf<number>();
    expectTypeOf(result.parameters.prompt).toEqualTypeOf<string>();
    expectTypeOf(result.best.parameters.examples[0]?.question).toEqualTypeOf<string | undefined>();
    expectTypeOf(result.best.parameters.other).toEqualTypeOf<JsonValue | undefined>();
    const { best } = await train({ agent, trainDataset, guide });
    expectTypeOf(best.parameters.factor).toEqualTypeOf<number>();
    // @ts-expect-error a number is no text
    best.parameters.factor satisfies string;
  });

  it("has values of any type where the agent tells nothing", async () => {
    const unknown: Module<number, number> = agent;
    const { best } = await train({ agent: unknown, trainDataset, guide });
    expectTypeOf(best.parameters.factor).toEqualTypeOf<JsonValue | undefined>();
    const single = await train({ agent: parameter(2), trainDataset, guide });
    expectTypeOf(single.best.parameters.factor).toEqualTypeOf<JsonValue | undefined>();
  });
});
