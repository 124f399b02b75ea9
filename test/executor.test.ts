/**
 * Rollouts elsewhere: every task and outcome crosses as JSON, and the rollout runs on parts that another process would make for itself.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BasicSearchAlgorithm, beamSearch, MinibatchAlgorithm, PolicySearch } from "opto/algorithms";
import { type Example, Random } from "opto/data";
import { inProcess } from "opto/executors";
import { bundle, type Module, model, parameter } from "opto/graph";
import type { GuideFunction } from "opto/guides";
import { callModel } from "opto/llm";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import { runDirectory } from "opto/runs";
import { httpError, scriptedModel } from "opto/testing";
import { type Executor, performTask, type RolloutOutcome, type RolloutTask, type RunEvent, type TaskParts } from "opto/trainer";
import { describe, expect, it } from "vitest";
import { toGuide } from "../src/guides/guide.ts";

/** Through the text of a message and through the structured clone that worker threads make. */
function crossed<T>(value: T): T {
  return structuredClone(JSON.parse(JSON.stringify(value)) as T);
}

/** Runs rollouts as a worker would: it has nothing of the run but what crosses. */
class Elsewhere implements Executor {
  readonly tasks: RolloutTask[] = [];
  readonly outcomes: RolloutOutcome[] = [];
  readonly #parts: TaskParts<number, number, number>;

  constructor(parts: TaskParts<number, number, number>) {
    this.#parts = parts;
  }

  readonly run: Executor["run"] = async (task, { signal, gate }) => {
    expect(crossed(task)).toEqual(task);
    this.tasks.push(task);
    const outcome = await performTask(this.#parts, crossed(task), { signal, gate });
    expect(JSON.stringify(crossed(outcome))).toBe(JSON.stringify(outcome));
    this.outcomes.push(outcome);
    return crossed(outcome);
  };
}

const double = bundle((value: number) => value * 2, { name: "double", description: "Doubles a number." });

function lineAgent(trouble: { readonly failures?: number; readonly outages?: number } = {}): Module<number, number> {
  return model({ slope: parameter(0), offset: parameter(0) }, async ({ slope, offset }, x: number) => {
    const chance = new Random("trouble").fork(`${slope.value}/${offset.value}/${x}`).next();
    await new Promise((resolve) => setTimeout(resolve, (x * 7) % 3));
    if (chance < (trouble.failures ?? 0)) throw new RangeError(`no answer for ${x}`);
    if (chance > 1 - (trouble.outages ?? 0)) throw new DOMException("The request timed out", "TimeoutError");
    return double(slope.value * x).value / 2 + offset.value;
  });
}

const closeness: GuideFunction<number, number, number> = Object.assign(
  (_x: number, y: number, right: number) => ({
    score: 1 / (1 + Math.abs(y - right)),
    feedback: y < right ? "too low" : "too high",
    scores: { size: Math.abs(y) },
  }),
  { scoreRange: [0, 1] as const },
);

const lines = (from: number): Example<number, number>[] =>
  Array.from({ length: 6 }, (_, index) => ({ input: from + index, info: 3 * (from + index) + 2 }));
const [trainDataset, validateDataset, testDataset] = [lines(0), lines(10), lines(20)];

/** The parts that another process makes, equal to those of the run and none of them the same. */
function partsElsewhere(trouble = {}): TaskParts<number, number, number> {
  const guide = toGuide<number, number, number>(
    Object.assign((...args: [number, number, number]) => closeness(...args), closeness),
  );
  const data = {
    train: { dataset: lines(0), guide },
    validate: { dataset: lines(10), guide },
    test: { dataset: lines(20), guide },
  };
  return { agent: lineAgent(trouble), data };
}

/** Draws values near those it improves, by its position and the feedback that reached it. */
class Walk extends Optimizer {
  protected suggest({ position, parameters, graph }: SuggestionRequest): Suggestion {
    const random = new Random("walk").fork(`${position}/${graph.nodes.map(({ name }) => name).join(",")}`);
    return { values: new Map([...parameters].map(([name, { value }]) => [name, Number(value) + random.integer(-1, 2)])) };
  }
}

interface Ran {
  readonly events: RunEvent[];
  readonly result: unknown;
  /** Also of what was begun ahead and not needed, which depends on timing. */
  readonly rollouts: number;
}

type Algorithm = "basic" | "beam" | "minibatch";

async function search(algorithm: Algorithm, numThreads: number, executor?: Executor, trouble = {}, further = {}): Promise<Ran> {
  const events: RunEvent[] = [];
  const agent = lineAgent(trouble);
  const logger = { order: "logical" as const, onEvent: (event: RunEvent) => void events.push(event) };
  const options = { logger, numThreads, executor };
  const settings = { batchSize: 3, stop: { maxIterations: 4 }, numEpochs: 9, seed: 1, ...further };
  const teacher = new Walk(agent);
  const trainer =
    algorithm === "beam"
      ? new PolicySearch<number, number, number>(agent, teacher, beamSearch({ beamWidth: 2 }), options)
      : new (algorithm === "basic" ? BasicSearchAlgorithm<number, number, number> : MinibatchAlgorithm<number, number, number>)(
          agent,
          teacher,
          options,
        );
  const own = algorithm === "minibatch" ? { ensureImprovement: true } : {};
  const data = { validateDataset, testDataset };
  const { usage, run, ...result } = (await trainer.train(closeness, trainDataset, {
    ...settings,
    ...data,
    ...own,
  })) as unknown as {
    usage: { rollouts: number };
    run: unknown;
  };
  return { events: events.map(withoutMachine), result, rollouts: usage.rollouts };
}

/** Without what differs from run to run: slots and times. */
function withoutMachine(event: RunEvent): RunEvent {
  const told = JSON.parse(JSON.stringify(event)) as Record<string, unknown>;
  delete told.numThreads;
  delete told.usage;
  return told as unknown as RunEvent;
}

describe("rollouts of an executor", () => {
  it.each((["basic", "beam", "minibatch"] as const).flatMap((algorithm) => [1, 16].map((slots) => ({ algorithm, slots }))))(
    "come to the same as in process: $algorithm with $slots slots",
    async ({ algorithm, slots }) => {
      const executor = new Elsewhere(partsElsewhere());
      const there = await search(algorithm, slots, executor);
      const here = await search(algorithm, 4);
      expect(there.events).toEqual(here.events);
      expect(there.result).toEqual(here.result);
      // Every rollout of the run was a task.
      expect(executor.tasks.length).toBe(there.rollouts);
      expect(new Set(executor.tasks.map(({ mode }) => mode))).toEqual(new Set(["score", "feedback"]));
    },
  );

  it.each([
    { name: "failing rollouts", trouble: { failures: 0.2 } },
    { name: "outages", trouble: { outages: 0.1 } },
  ])("come to the same with $name", async ({ trouble }) => {
    const executor = new Elsewhere(partsElsewhere(trouble));
    const there = await search("beam", 16, executor, trouble);
    const here = await search("beam", 1, undefined, trouble);
    expect(there.events).toEqual(here.events);
    expect(there.result).toEqual(here.result);
    expect(executor.outcomes.some(({ status }) => status !== "scored")).toBe(true);
  });

  it("are recorded like any other, and not asked for again", async () => {
    const dir = await mkdtemp(join(tmpdir(), "opto-executor-"));
    try {
      const keeper = () => runDirectory({ dir, id: "kept", cacheRollouts: true });
      const stop = new AbortController();
      const first = new Elsewhere(partsElsewhere());
      const stopping: Executor = {
        run: (task, context) => {
          if (first.tasks.length === 20) stop.abort(new Error("stopped for the test"));
          return first.run(task, context);
        },
      };
      await expect(search("basic", 1, stopping, {}, { keeper: keeper(), signal: stop.signal })).rejects.toThrow(
        "stopped for the test",
      );
      const second = new Elsewhere(partsElsewhere());
      const resumed = await search("basic", 1, second, {}, { keeper: keeper() });
      const undisturbed = (await search("basic", 1)).result as { best: unknown; parameters: unknown };
      expect(resumed.result).toMatchObject({ best: undisturbed.best, parameters: undisturbed.parameters });
      const again = second.tasks.filter(({ position }) => first.tasks.slice(0, 19).some((task) => task.position === position));
      expect(again).toEqual([]);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it("leave to this process what a subclass makes of a rollout", async () => {
    class Own extends MinibatchAlgorithm<number, number, number> {
      override forward(...args: Parameters<MinibatchAlgorithm<number, number, number>["forward"]>) {
        return super.forward(...args);
      }
    }
    const agent = lineAgent();
    const executor = new Elsewhere(partsElsewhere());
    await new Own(agent, new Walk(agent), { executor }).train(closeness, trainDataset, { batchSize: 3 });
    expect(new Set(executor.tasks.map(({ mode }) => mode))).toEqual(new Set(["score"]));
  });
});

describe("a failure of an executor's rollout", () => {
  const train = (executor: Executor, guide: GuideFunction<number, number, number> = closeness): Promise<unknown> => {
    const agent = lineAgent();
    return new MinibatchAlgorithm(agent, new Walk(agent), { executor }).train(guide, trainDataset, { batchSize: 3 });
  };

  it("is that of the guide, by class and text", async () => {
    const parts = partsElsewhere();
    const guide = toGuide<number, number, number>(() => {
      throw new TypeError("no such field");
    });
    const executor = new Elsewhere({ ...parts, data: { train: { dataset: lines(0), guide } } });
    await expect(train(executor)).rejects.toMatchObject({
      name: "GuideError",
      code: "guide",
      message: expect.stringMatching(/^The guide failed on the input 0 .*: no such field$/),
      cause: { name: "TypeError", message: "no such field" },
    });
  });

  it("names the node whose value does not cross", async () => {
    const agent = model({ slope: parameter(1) }, ({ slope }, x: number) => {
      const held = bundle(() => new Map([[x, slope.value]]), { name: "lookUp", description: "Makes a map." })();
      return held.value.get(x) as number;
    });
    const other = { ...partsElsewhere(), agent } as TaskParts<number, number, number>;
    const trainer = new MinibatchAlgorithm(agent, new Walk(agent), { executor: inProcess(other) });
    await expect(trainer.train(closeness, trainDataset, { evalFrequency: 0 })).rejects.toThrow(
      /^The value of the node "lookUp", a result of `lookUp`, is not JSON .*so an executor cannot perform the rollout/,
    );
  });

  it.each([
    { name: "a dataset that it does not have", data: {}, message: 'This process has no dataset "train"' },
    {
      name: "other data than those of the run",
      data: { train: { dataset: lines(0).slice(0, 1), guide: toGuide<number, number, number>(closeness) } },
      message: "got one with 1 examples",
    },
  ])("names $name", async ({ data, message }) => {
    await expect(train(new Elsewhere({ ...partsElsewhere(), data }))).rejects.toThrow(message);
  });

  it("is an outage when the executor loses the rollout", async () => {
    const lost: Executor = { run: () => Promise.reject(Object.assign(new Error("worker gone"), { code: "ECONNRESET" })) };
    await expect(train(lost)).rejects.toThrow(/none of 6 rollouts could be scored.*worker gone/);
  });

  it.each([undefined, "done", { score: 1 }, { status: "ok", events: [] }])(
    "stops the run where it returns no outcome: %o",
    async (returned) => {
      const empty = { run: async () => returned } as unknown as Executor;
      await expect(train(empty)).rejects.toMatchObject({
        name: "ConfigurationError",
        message: expect.stringMatching(/^Expected the executor to return the outcome of a rollout, as `performTask` does, got /),
      });
    },
  );

  it("refuses what is no executor", () => {
    expect(() => new MinibatchAlgorithm(lineAgent(), new Walk(lineAgent()), { executor: {} as Executor })).toThrow(
      "Expected `executor` to be an object with a method `run`, got {}",
    );
  });
});

describe("model calls of rollouts elsewhere", () => {
  /** Asks a model that only the run has. */
  const asking = (name: unknown): Module<number, number> =>
    model({ slope: parameter(1) }, async ({ slope }, x: number) => {
      const { text } = await callModel({ model: name as string, prompt: `${slope.value} times ${x}` });
      return Number(text);
    });

  it("pass the gate of the run: its budget, counts, and positions", async () => {
    const script = scriptedModel(({ prompt }) =>
      String((/\d+/g[Symbol.match](String(prompt)) ?? []).map(Number).reduce((a, b) => a * b)),
    );
    const events: RunEvent[] = [];
    const logger = { order: "logical" as const, onEvent: (event: RunEvent) => void events.push(event) };
    const run = async (executor?: Executor) => {
      events.length = 0;
      const agent = asking(script);
      const trainer = new MinibatchAlgorithm(agent, new Walk(agent), { executor, logger, numThreads: 4 });
      const { usage } = await trainer.train(closeness, trainDataset, { batchSize: 3, seed: 1 });
      return { calls: usage.calls, events: events.filter(({ type }) => type === "model-call") };
    };
    const here = await run();
    const parts = { ...partsElsewhere(), agent: asking("run/model") } as TaskParts<number, number, number>;
    // Model objects stay with the run; what crosses is a name.
    const executor: Executor = {
      run: async (task, { signal, gate }) => {
        const outcome = await performTask(parts, crossed(task), {
          signal,
          gate: {
            answer: async ({ signal: _signal, ...request }, { signal: ofCall, ...call }) => {
              const asked = { ...crossed(request), model: script };
              return crossed(await gate.answer(asked, { ...crossed(call), signal: ofCall }));
            },
          },
        });
        return crossed(outcome);
      },
    };
    const there = await run(executor);
    expect(there).toEqual(here);
    expect(there.calls).toBeGreaterThan(0);
  });

  it("are measured where an objective wants that, at the run's prices", async () => {
    const script = scriptedModel(() => "2");
    const agent = asking(script);
    const trainer = new MinibatchAlgorithm(agent, new Walk(agent), {
      executor: {
        run: (task, { signal, gate }) => {
          const parts = { ...partsElsewhere(), agent: asking("run/model") } as TaskParts<number, number, number>;
          const ofRun = { answer: (request: object, call: never) => gate.answer({ ...request, model: script }, call) };
          return performTask(parts, crossed(task), { signal, gate: ofRun });
        },
      },
    });
    const { best } = await trainer.train(closeness, trainDataset, {
      calls: { prices: { "scripted/model": { inputPerMillion: 1, outputPerMillion: 1 } } },
      objective: { weights: { score: 1, costUsd: 1, tokens: 0.1, latencyMs: 0.1 }, minimize: ["costUsd"] },
    });
    expect(best.scores).toMatchObject({ tokens: expect.any(Number), latencyMs: expect.any(Number) });
    expect(best.scores?.costUsd).toBeGreaterThan(0);
  });

  it("fail as they would here", async () => {
    const parts = { ...partsElsewhere(), agent: asking("run/model") } as TaskParts<number, number, number>;
    const gate = { answer: () => Promise.reject(httpError(503)) };
    const task: RolloutTask = {
      position: "iteration/1/forward/example/0/sample/0",
      ...{
        mode: "score",
        values: { slope: 2 },
        dataset: "train",
        example: 0,
        sample: 0,
        failureScore: null,
        rolloutTimeoutMs: null,
      },
    } as RolloutTask;
    expect(await performTask(parts, task, { gate })).toMatchObject({
      status: "unscored",
      cause: { fields: { statusCode: 503 } },
    });
    const answers = {
      answer: async () => ({ text: "2", finishReason: "stop", usage: { inputTokens: 1, outputTokens: 1 }, model: "run/model" }),
    };
    expect(await performTask(parts, task, { gate: answers })).toMatchObject({
      status: "scored",
      score: 1,
      events: [{ type: "model-call", position: "iteration/1/forward/example/0/sample/0/call/0", model: "run/model" }],
    });
  });
});
