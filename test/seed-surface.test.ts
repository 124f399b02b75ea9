/**
 * Every name of the seed document: classes, their bases, methods, and every option with its default and its effect.
 *
 * @module
 */
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BasicSearchAlgorithm, Minibatch, MinibatchAlgorithm, type MinibatchTrainOptions } from "opto/algorithms";
import { DataLoader } from "opto/data";
import { type Candidate, model, parameter } from "opto/graph";
import { type RunEvent, standardOptimizationStep, Trainer } from "opto/trainer";
import { describe, expect, it } from "vitest";
import { distance, type Line, line, points, proposing, ScriptedOptimizer, setting } from "./support/line-fitting.ts";

async function train(options: MinibatchTrainOptions<number, number>, start = 0, size = 4) {
  const { agent, calls } = line(start);
  const events: RunEvent[] = [];
  const optimizer = setting(agent, 1, 2, 3, 2);
  const trainer = new MinibatchAlgorithm(agent, optimizer, { logger: { onEvent: (event) => events.push(event) } });
  const result = await trainer.train(distance, points(size), { shuffle: false, ...options });
  return { agent, calls, events, optimizer, result, log: stepsOf(events) };
}

function stepsOf(events: readonly RunEvent[]): Record<string, number[]> {
  const steps: Record<string, number[]> = {};
  for (const event of events) if (event.type === "log") steps[event.name] = [...(steps[event.name] ?? []), event.step];
  return steps;
}

/** An agent whose first rollouts wait for each other until `expected` are in flight. */
function mostInFlight(expected: number): { agent: Line; peak: () => number } {
  let inFlight = 0;
  let peak = 0;
  let open = (): void => {};
  const areEnough = new Promise<void>((resolve) => {
    open = resolve;
  });
  const agent = model({ a: parameter(0) }, async ({ a }, x: number) => {
    peak = Math.max(peak, ++inFlight);
    if (inFlight === expected) open();
    await areEnough;
    await new Promise((resolve) => setTimeout(resolve, 5));
    inFlight--;
    return a.value * x;
  });
  return { agent: agent as unknown as Line, peak: () => peak };
}

describe("classes", () => {
  it.each([
    ["Minibatch", Minibatch, Trainer],
    ["MinibatchAlgorithm", MinibatchAlgorithm, Minibatch],
    ["BasicSearchAlgorithm", BasicSearchAlgorithm, MinibatchAlgorithm],
  ])("%s extends its base", (_name, Class, Base) => {
    expect(Object.getPrototypeOf(Class)).toBe(Base);
  });

  it.each([
    ["Minibatch", Minibatch, ["train", "evaluate", "hasImprovement"]],
    ["MinibatchAlgorithm", MinibatchAlgorithm, ["train", "evaluate", "hasImprovement", "forward", "update", "optimizerStep"]],
    ["BasicSearchAlgorithm", BasicSearchAlgorithm, ["train", "forward", "update", "optimizerStep"]],
  ])("%s has the seed's methods", (_name, Class, methods) => {
    for (const method of methods) expect(Class.prototype).toHaveProperty(method, expect.any(Function));
  });

  it("a subclass of Minibatch only says what forward and update are", async () => {
    class Sum extends Minibatch<number, number, number, number> {
      readonly updates: (readonly number[])[] = [];
      async forward(agent: Line, x: number): Promise<number> {
        return (await agent.call(x)).peek();
      }
      async update(outputs: readonly number[]): Promise<number | null> {
        this.updates.push(outputs);
        this.optimizer.update({ a: outputs.length });
        return outputs.reduce((sum, output) => sum + output, 0);
      }
    }
    const { agent } = line(1);
    const trainer = new Sum(agent, setting(agent));
    const { trainScores } = await trainer.train(distance, points(3), { batchSize: 2, shuffle: false });
    expect(trainer.updates).toEqual([[1, 2], [6]]);
    expect(trainScores).toEqual([3, 6]);
  });
});

describe("Minibatch.train options", () => {
  it("ensureImprovement: false by default; true takes worse updates back", async () => {
    expect((await train({ evalFrequency: 0 })).result.parameters).toEqual({ a: 2 });
    const { result } = await train({ evalFrequency: 0, ensureImprovement: true }, 2);
    expect(result.parameters).toEqual({ a: 2 });
    expect(result.trainScores).toEqual([0, 0, 0, 0]);
  });

  it("improvementThreshold: 0 by default; an update must be better by more than it", async () => {
    const { events } = await train({ ensureImprovement: true });
    expect(events.find(({ type }) => type === "update-accepted")).toMatchObject({ threshold: 0 });
    const { result } = await train({ ensureImprovement: true, improvementThreshold: 100 });
    expect(result.parameters).toEqual({ a: 0 });
  });

  it.each([
    [undefined, 4],
    [1, 4],
    [3, 12],
  ])("numEpochs %s: %i iterations of one example", async (numEpochs, iterations) => {
    expect((await train({ numEpochs, evalFrequency: 0 })).result.iterations).toBe(iterations);
  });

  it.each([
    [undefined, [1, 1, 1, 1]],
    [2, [2, 2]],
    [3, [3, 1]],
    [9, [4]],
  ])("batchSize %s: batches of %j", async (batchSize, sizes) => {
    const { events } = await train({ batchSize, evalFrequency: 0 });
    expect(events.flatMap((event) => (event.type === "iteration-start" ? [event.batchSize] : []))).toEqual(sizes);
  });

  it("testDataset: the train dataset by default, else what is given", async () => {
    expect((await train({ batchSize: 4 })).calls.sort()).toEqual([1, 2, 3, 4].flatMap((x) => [x, x, x]));
    const { calls, result } = await train({ batchSize: 4, testDataset: [{ input: 10, info: 0 }] });
    expect(calls.filter((x) => x === 10)).toHaveLength(2);
    expect(result.testScore).toBe(-10);
  });

  it.each([
    [undefined, [0, 1, 2, 3, 4], [1, 2, 3, 4]],
    [1, [0, 1, 2, 3, 4], [1, 2, 3, 4]],
    // The last one, because the best values are chosen by it.
    [3, [0, 3, 4], [3]],
    [0, undefined, [1, 2, 3, 4]],
  ])("evalFrequency %s: tests at %j, logs at %j", async (evalFrequency, tests, logs) => {
    const { log, result } = await train({ evalFrequency });
    expect(log["Average test score"]).toEqual(tests);
    expect(log["Instantaneous train score"]).toEqual(logs);
    expect(result.testScore === null).toBe(evalFrequency === 0);
  });

  it("testScore is that of the values in the end, whatever evalFrequency is", async () => {
    const { result, log } = await train({ evalFrequency: 100 });
    expect(log["Average test score"]).toEqual([0, 4]);
    expect(result.testScore).toBe((await train({})).result.testScore);
  });

  it.each([
    [undefined, 1],
    [1, 1],
    [3, 3],
  ])("numEvalSamples %s: the agent runs %i times on each input of an evaluation", async (numEvalSamples, times) => {
    const { calls } = await train({ numEvalSamples, batchSize: 4, testDataset: [{ input: 7, info: 14 }], evalFrequency: 9 });
    // Before the first iteration and in the end.
    expect(calls.filter((x) => x === 7)).toHaveLength(2 * times);
  });

  it.each([
    [undefined, 2, [2, 4]],
    [null, 3, [3]],
    [1, 2, [1, 2, 3, 4]],
    [4, 1, [4]],
    [0, 1, undefined],
  ])("logFrequency %s with evalFrequency %i: logs at %j", async (logFrequency, evalFrequency, steps) => {
    const { log } = await train({ logFrequency, evalFrequency });
    for (const name of ["Instantaneous train score", "Average train score", "Parameter: a"]) expect(log[name]).toEqual(steps);
  });

  it.each([
    [undefined, []],
    [null, []],
    [0, []],
    [2, ["agent.json", "agent_iter0.json", "agent_iter2.json", "agent_iter4.json"]],
    [3, ["agent.json", "agent_iter0.json", "agent_iter3.json"]],
  ])("saveFrequency %s leaves %j", async (saveFrequency, files) => {
    const folder = await mkdtemp(join(tmpdir(), "opto-save-"));
    const { agent } = await train({ saveFrequency, savePath: join(folder, "agent.json") });
    expect((await readdir(folder)).sort()).toEqual(files);
    if (files.length === 0) return;
    const saved = line(0).agent;
    await saved.load(join(folder, files.at(-1) as string));
    await saved.load(join(folder, "agent.json"));
    expect(saved.a.value).toBe(agent.a.value);
    await saved.load(join(folder, "agent_iter0.json"));
    expect(saved.a.value).toBe(0);
  });

  it('savePath: "checkpoints/agent.json" by default', async () => {
    const folder = await mkdtemp(join(tmpdir(), "opto-save-"));
    const before = process.cwd();
    process.chdir(folder);
    try {
      await train({ saveFrequency: 4 });
      expect((await readdir(join(folder, "checkpoints"))).sort()).toEqual(["agent.json", "agent_iter0.json", "agent_iter4.json"]);
    } finally {
      process.chdir(before);
    }
  });

  it.each([undefined, null])("minScore %s on an agent that always throws: the run ends with its error", async (minScore) => {
    const { agent } = line(-1);
    const run = new MinibatchAlgorithm(agent, setting(agent)).train(distance, points(2), { minScore });
    await expect(run).rejects.toThrow(/^Nothing could be scored in this run: every rollout failed in the same way: \(/);
  });

  it.each([
    [-7, -7, -7],
    [0.5, 0.5, 0.5],
  ])("minScore %s on an agent that throws: training scores %s, evaluation %s", async (minScore, training, evaluation) => {
    const { agent } = line(-1);
    const trainer = new MinibatchAlgorithm(agent, setting(agent));
    const result = await trainer.train(distance, points(2), { minScore });
    expect(result.trainScores).toEqual([training, training]);
    expect(result.testScore).toBe(evaluation);
  });

  it.each([undefined, false, true, "output" as const])("verbose %s reaches the optimizer", async (verbose) => {
    const { optimizer } = await train({ verbose, evalFrequency: 0 });
    expect(optimizer.asked[0]?.verbose).toBe(verbose ?? false);
  });

  it.each([
    [undefined, undefined, 8],
    [3, undefined, 3],
    [3, 2, 2],
    [undefined, 16, 16],
  ])("numThreads %s in the constructor, %s in train: %i rollouts in flight", async (own, given, expected) => {
    const { agent, peak } = mostInFlight(expected);
    const trainer = new MinibatchAlgorithm(agent, setting(agent), { numThreads: own });
    await trainer.train(distance, points(40), { numThreads: given, batchSize: 40, evalFrequency: 0 });
    expect(peak()).toBe(expected);
  });

  it("shuffle and seed decide the order, alike in every run", async () => {
    const order = async (options: MinibatchTrainOptions<number, number>) =>
      (await train({ evalFrequency: 0, ...options }, 0, 12)).calls.join();
    expect(await order({ shuffle: true })).toBe(await order({ shuffle: true, seed: 0 }));
    expect(await order({ shuffle: true, seed: 1 })).not.toBe(await order({ shuffle: true, seed: 0 }));
    expect(await order({ shuffle: false })).toBe("1,2,3,4,5,6,7,8,9,10,11,12");
  });

  it("a DataLoader is taken in place of the dataset", async () => {
    const { agent, calls } = line();
    const loader = new DataLoader(points(5), { batchSize: 2, shuffle: false, dropLast: true });
    await new MinibatchAlgorithm(agent, setting(agent)).train(distance, loader, { evalFrequency: 0 });
    expect(calls).toEqual([1, 2, 3, 4]);
    await expect(new MinibatchAlgorithm(agent, setting(agent)).train(distance, loader, { batchSize: 3 })).rejects.toThrow(
      /batchSize/,
    );
  });

  it("signal: train rejects with its reason unchanged, and the agent keeps its last values", async () => {
    const { agent } = line();
    const controller = new AbortController();
    const reason = new Error("enough");
    const optimizer = new ScriptedOptimizer(agent, (position): Candidate => {
      if (position.startsWith("iteration/2")) controller.abort(reason);
      return { a: 1 };
    });
    const trainer = new MinibatchAlgorithm(agent, optimizer);
    await expect(trainer.train(distance, points(4), { signal: controller.signal })).rejects.toBe(reason);
    expect(agent.a.value).toBe(1);
  });

  it.each([
    ["evalfrequency", { evalfrequency: 1 }, /evalFrequency/],
    ["testFrequency", { testFrequency: 1 }, /testFrequency/],
    ["numEpochs", { numEpochs: 0 }, /numEpochs/],
    ["batchSize", { batchSize: 1.5 }, /batchSize/],
    ["evalFrequency", { evalFrequency: -1 }, /evalFrequency/],
    ["numEvalSamples", { numEvalSamples: 0 }, /numEvalSamples/],
    ["minScore", { minScore: Number.NaN }, /minScore/],
    ["numThreads", { numThreads: 0 }, /numThreads/],
    ["savePath", { savePath: "" }, /savePath/],
    ["ensureImprovement", { ensureImprovement: "no" }, /ensureImprovement.*true or false/],
    ["verbose", { verbose: "loud" }, /verbose.*"output"/],
    ["signal", { signal: {} }, /signal.*AbortSignal/],
  ])("a bad %s is refused before anything is done", async (_name, options, message) => {
    const { agent, calls } = line();
    const trainer = new MinibatchAlgorithm(agent, setting(agent, 1));
    await expect(trainer.train(distance, points(2), options as MinibatchTrainOptions<number, number>)).rejects.toThrow(message);
    expect(calls).toEqual([]);
  });
});

describe("Minibatch methods", () => {
  it("evaluate(agent, guide, xs, infos, options): the mean, over samples too", async () => {
    const { agent, calls } = line(1);
    const trainer = new MinibatchAlgorithm(agent, setting(agent));
    expect(await trainer.evaluate(agent, distance, [1, 2], [2, 4])).toBe(-1.5);
    expect(calls).toHaveLength(2);
    expect(
      await trainer.evaluate(agent, distance, [1, 2], [2, 4], { numSamples: 3, numThreads: 1, description: "Checking" }),
    ).toBe(-1.5);
    expect(calls).toHaveLength(2 + 6);
    const broken = line(-1).agent;
    expect(await trainer.evaluate(broken, distance, [1, 2], [2, 4])).toBeNull();
    expect(await trainer.evaluate(broken, distance, [1, 2], [2, 4], { minScore: -3 })).toBe(-3);
    await expect(trainer.evaluate(agent, distance, [1, 2], [2])).rejects.toThrow(/2 inputs and 1 infos/);
    await expect(trainer.evaluate(agent, distance, [], [])).rejects.toThrow(/at least one example/);
  });

  it.each([
    { a: 1, threshold: undefined, improved: true },
    { a: 1, threshold: 1, improved: false },
    { a: 0, threshold: undefined, improved: false },
    { a: -1, threshold: undefined, improved: false },
  ])("hasImprovement after a = 0 became $a with threshold $threshold: $improved", async ({ a, threshold, improved }) => {
    const { agent } = line(0);
    const trainer = new MinibatchAlgorithm(agent, setting(agent));
    const outputs = [await standardOptimizationStep(agent, 1, distance, 2)];
    const backup = agent.candidate();
    agent.a.set(a);
    expect(await trainer.hasImprovement([1], distance, [2], -2, outputs, backup, { threshold, numThreads: 1 })).toBe(improved);
  });

  it("standardOptimizationStep gives target, score and feedback; a throw gives minScore and the error", async () => {
    const { agent } = line(3);
    const step = await standardOptimizationStep(agent, 2, distance, 4);
    expect([step.target.peek(), step.score, step.feedback]).toEqual([6, -2, "fine or too high"]);
    agent.a.set(-1);
    for (const [minScore, expected] of [[undefined, 0] as const, [-5, -5] as const]) {
      const failed = await standardOptimizationStep(agent, 2, distance, 4, minScore);
      expect(failed.target.kind).toBe("exception");
      expect(failed.score).toBe(expected);
      expect(failed.feedback).toContain("(RangeError) a is -1");
    }
  });

  it("optimizerStep applies a proposal, and with bypassing only gives it", async () => {
    const { agent } = line();
    const trainer = new MinibatchAlgorithm(agent, setting(agent, 1));
    expect(await trainer.optimizerStep({ bypassing: true })).toEqual({ a: 1 });
    expect(agent.a.value).toBe(0);
    expect(await trainer.optimizerStep()).toEqual({ a: 1 });
    expect(agent.a.value).toBe(1);
  });
});

describe("BasicSearchAlgorithm.train options", () => {
  async function search(options: object, values: readonly number[] = [4, 1, 2, 3, 5, 6]) {
    const { agent, calls } = line();
    const optimizer = proposing(agent, ...values);
    const algorithm = new BasicSearchAlgorithm(agent, optimizer);
    await algorithm.train(distance, points(4), { batchSize: 4, evalFrequency: 0, shuffle: false, ...options });
    return { agent, calls, optimizer };
  }

  it.each([
    [undefined, 4],
    [1, 1],
    [6, 6],
  ])("numProposals %s: the optimizer is asked %i times a batch", async (numProposals, times) => {
    const { optimizer } = await search({ numProposals });
    expect(optimizer.asked.map(({ position }) => position)).toEqual(
      Array.from({ length: times }, (_, index) => `iteration/1/proposal/${index}`),
    );
  });

  it("validateDataset: the train dataset by default, else what is given", async () => {
    expect((await search({})).agent.a.value).toBe(2);
    const { agent, calls } = await search({ validateDataset: [{ input: 10, info: 30 }] });
    expect(agent.a.value).toBe(3);
    expect(calls.filter((x) => x === 10)).toHaveLength(5);
  });

  it("validateGuide is used for validation only", async () => {
    const asked: number[] = [];
    const likesLarge = (_x: number, y: number) => {
      asked.push(y);
      return y;
    };
    const { agent, optimizer } = await search({ validateGuide: likesLarge });
    expect(agent.a.value).toBe(4);
    expect(asked).toHaveLength(5 * 4);
    expect(optimizer.heard[0]?.feedback[0]?.score).toBe(-5);
  });

  it("unknown options are refused by name", async () => {
    await expect(search({ numProposal: 3 })).rejects.toThrow(/numProposal/);
    await expect(search({ numProposals: 0 })).rejects.toThrow(/numProposals/);
    await expect(search({ validateDataset: [] })).rejects.toThrow(/validateDataset/);
  });
});

describe("what a trainer is made with", () => {
  it.each([
    ["an unknown option", { numThread: 2 }, /numThread.*did you mean `numThreads`/],
    ["a logger that is none", { logger: 5 }, /a logger with `log` or `onEvent`, got 5/],
    ["a logger by name", { logger: "console" }, /a logger with .* got "console"/],
  ])("%s is refused", (_title, options, message) => {
    const { agent } = line();
    expect(() => new MinibatchAlgorithm(agent, setting(agent), options as object)).toThrow(message);
  });
});
