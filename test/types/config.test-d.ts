/**
 * What the types of an `opto.config.ts` promise, and what must not compile.
 *
 * Each refusal stands below the same config written right, so that it can only fail for the reason that its title names.
 *
 * @module
 */
import {
  type Dataset,
  defineConfig,
  type Feedback,
  Guide,
  loadDataset,
  MinibatchAlgorithm,
  Module,
  model,
  OptoPrime,
  parameter,
  TPE,
  ucbSearch,
} from "opto";
import { describe, expectTypeOf, it } from "vitest";

interface Info {
  readonly right: number;
}

class Doubler extends Module<number, number> {
  factor = parameter(2);

  override forward(x: number): number {
    return this.factor.value * x;
  }
}

class Close extends Guide<number, number, Info> {
  override getFeedback(_question: number, answer: number, info: Info): Feedback {
    return { score: -Math.abs(answer - info.right), feedback: "" };
  }
}

const agent = new Doubler();
const trainDataset: Dataset<number, Info> = [{ input: 1, info: { right: 2 } }];

describe("defineConfig", () => {
  it("takes parts themselves", () => {
    defineConfig({ agent, trainDataset, guide: () => 1, batchSize: 2, output: "agent.json", name: "doubler" });
    defineConfig({ agent: parameter("text"), trainDataset: [{ input: null, info: null }], guide: "exactMatch" });
    defineConfig({ agent: model({}, (_parts, x: number) => x), trainDataset, evalDataset: trainDataset });
    // @ts-expect-error misspelt
    defineConfig({ agent, trainDataset, guide: () => 1, batchsize: 2 });
    // @ts-expect-error without data
    defineConfig({ agent, guide: () => 1 });
    // @ts-expect-error not an agent
    defineConfig({ agent: "agent", trainDataset, guide: () => 1 });
  });

  it("takes functions that give them", () => {
    defineConfig({
      agent: async () => agent,
      trainDataset: () => trainDataset,
      testDataset: async () => trainDataset,
      evalDataset: () => ({ inputs: [1], infos: [{ right: 2 }] }),
      guide: async () => new Close(),
      optimizer: (made) => new TPE(made),
    });
    defineConfig({ agent: () => agent, trainDataset: () => loadDataset<number, Info>("train.jsonl"), guide: () => 1 });
    // @ts-expect-error a dataset of other inputs
    defineConfig({ agent: () => agent, trainDataset: () => [{ input: "1", info: { right: 2 } }], guide: () => 1 });
    // @ts-expect-error a function that gives no agent
    defineConfig({ agent: () => "agent", trainDataset, guide: () => 1 });
    // @ts-expect-error a function that gives no optimizer
    defineConfig({ agent, trainDataset, optimizer: () => 1 });
  });

  it("tells a guide question, answer and info", () => {
    defineConfig({
      agent,
      trainDataset,
      guide: (question, answer, info) => {
        expectTypeOf(question).toEqualTypeOf<number>();
        expectTypeOf(answer).toEqualTypeOf<number>();
        expectTypeOf(info).toEqualTypeOf<Info>();
        return answer === info.right;
      },
    });
    defineConfig({
      agent: () => agent,
      trainDataset: async () => trainDataset,
      guide: (_question, answer, info) => [answer === info.right ? 1 : 0, "feedback"],
    });
    // @ts-expect-error a field that the dataset does not have
    defineConfig({ agent, trainDataset, guide: (_question, answer, info) => answer === info.wrong });
    // @ts-expect-error a guide of other answers
    defineConfig({ agent, trainDataset, guide: (_question: number, answer: string, info: Info) => answer === info.right });
    // @ts-expect-error a text is no score
    defineConfig({ agent, trainDataset, guide: (_question, _answer, _info) => "good" });
  });

  it("fits every dataset to the agent", () => {
    defineConfig({ agent, trainDataset, evalDataset: [{ input: 1, info: { right: 2 } }], guide: () => 1 });
    // @ts-expect-error an input that the agent does not take
    defineConfig({ agent, trainDataset, evalDataset: [{ input: "1", info: { right: 2 } }], guide: () => 1 });
    // @ts-expect-error an info without the field that the others have
    defineConfig({ agent, trainDataset, testDataset: () => [{ input: 1, info: {} }], guide: () => 1 });
  });

  it("takes an algorithm as a class, a policy or a name", () => {
    defineConfig({ agent, trainDataset, algorithm: ucbSearch({ evalSize: 8 }) });
    defineConfig({ agent, trainDataset, algorithm: "prioritySearch" });
    defineConfig({ agent: () => agent, trainDataset: () => trainDataset, algorithm: MinibatchAlgorithm });
    // @ts-expect-error a name that does not exist
    defineConfig({ agent, trainDataset, algorithm: "annealing" });
    // @ts-expect-error a policy that was not made
    defineConfig({ agent, trainDataset, algorithm: ucbSearch });
  });

  it("takes an optimizer by name, class or function of the agent", () => {
    defineConfig({ agent, trainDataset, optimizer: "TPE" });
    defineConfig({ agent, trainDataset, optimizer: TPE });
    defineConfig({
      agent,
      trainDataset,
      optimizer: (made) => {
        expectTypeOf(made).toEqualTypeOf<Module<number, number>>();
        return new OptoPrime(made);
      },
    });
    // @ts-expect-error an optimizer that does not exist
    defineConfig({ agent, trainDataset, optimizer: "Adam" });
  });
});
