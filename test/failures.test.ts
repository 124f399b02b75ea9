/**
 * What goes wrong in a run, and what becomes of it: the program's errors are scored and told, other people's are neither.
 *
 * @module
 */
import { BasicSearchAlgorithm, MinibatchAlgorithm, type MinibatchTrainOptions } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import type { GuideFunction } from "opto/guides";
import type { RunEvent } from "opto/trainer";
import { describe, expect, it, vi } from "vitest";
import { distance, type Line, line, points, proposing, ScriptedOptimizer, setting } from "./support/line-fitting.ts";

const rateLimit = Object.assign(new Error("Too many requests"), { name: "AI_APICallError", statusCode: 429 });
const reset = Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });

/** `y = a * x` that fails with `error` on the inputs named. */
function failingOn(error: Error, ...inputs: readonly number[]): Line {
  return model({ a: parameter(0) }, ({ a }, x: number) => {
    if (inputs.includes(x)) throw error;
    return a.value * x;
  }) as unknown as Line;
}

async function train(
  agent: Line,
  options: MinibatchTrainOptions<number, number> & { guide?: GuideFunction<number, number, number> } = {},
) {
  const { guide = distance, ...rest } = options;
  const events: RunEvent[] = [];
  const optimizer = setting(agent, 1, 2);
  const trainer = new MinibatchAlgorithm(agent, optimizer, { logger: { onEvent: (event) => events.push(event) } });
  const result = await trainer.train(guide, points(4), { shuffle: false, batchSize: 4, evalFrequency: 0, ...rest });
  return { result, events, optimizer };
}

describe("an agent that throws", () => {
  it("is survived in training, scores 0 there, and its error reaches the optimizer", async () => {
    const { result, optimizer } = await train(failingOn(new RangeError("no such x"), 2));
    // x = 1, 3, 4 with a = 0 score -2, -6, -8; x = 2 counts 0.
    expect(result.trainScores).toEqual([-4]);
    expect(optimizer.heard[0]?.feedback[0]?.feedback).toContain("ID [1]: (RangeError) no such x");
    const target = optimizer.heard[0]?.targets[0];
    expect(target?.inputs.map(({ kind }) => kind)).toEqual(["message", "exception", "message", "message"]);
  });

  it("scores minScore where one is given", async () => {
    expect((await train(failingOn(new RangeError("no such x"), 2), { minScore: -100 })).result.trainScores).toEqual([-29]);
  });

  it("is survived in validation: the proposal loses and the optimizer is told why", async () => {
    const { agent } = line();
    const optimizer = proposing(agent, -1, 1, -1, -1);
    await new BasicSearchAlgorithm(agent, optimizer).train(distance, points(2), { batchSize: 2, evalFrequency: 0 });
    expect(agent.a.value).toBe(1);
    expect(optimizer.observed.find(({ candidate }) => candidate.a === -1)?.feedback).toBe("(RangeError) a is -1");
  });

  it("is survived in evaluation, where there is then no mean, with a warning", async () => {
    const { result, events } = await train(failingOn(new RangeError("no such x"), 2), { evalFrequency: 1 });
    expect(result.testScore).toBeNull();
    expect(events.filter(({ type }) => type === "warning")).toHaveLength(2);
    expect(events.filter((event) => event.type === "task-end" && event.description.startsWith("Evaluating"))).toMatchObject([
      { failed: 1, scored: 3, unscored: 0 },
      { failed: 1, scored: 3, unscored: 0 },
    ]);
  });

  it("never makes an update look like an improvement", async () => {
    const { agent } = line(0);
    await new MinibatchAlgorithm(agent, setting(agent, -1)).train(distance, points(1), {
      ensureImprovement: true,
      evalFrequency: 0,
    });
    expect(agent.a.value).toBe(0);
  });
});

describe("a failure outside the agent", () => {
  it.each([
    ["rate limit", rateLimit],
    ["network", reset],
  ])("%s: the example is left out of the mean and counted, and nothing is said of it", async (_name, error) => {
    const { result, optimizer, events } = await train(failingOn(error, 2), { evalFrequency: 1 });
    // x = 1, 3, 4 only: (-2 - 6 - 8) / 3, then with a = 1 (-1 - 3 - 4) / 3.
    expect(result).toMatchObject({ trainScores: [-16 / 3], testScore: -8 / 3, unscored: 1 });
    expect(optimizer.heard[0]?.targets[0]?.inputs).toHaveLength(3);
    expect(events.filter((event) => event.type === "rollout-end" && event.status === "unscored")).toHaveLength(3);
  });

  it("stops the run with its cause when not one example of a step could be scored", async () => {
    const agent = failingOn(rateLimit, 1, 2, 3, 4);
    const optimizer = setting(agent, 1);
    const trainer = new MinibatchAlgorithm(agent, optimizer);
    const run = trainer.train(distance, points(4), { batchSize: 4, evalFrequency: 0 });
    await expect(run).rejects.toMatchObject({ code: "infrastructure", cause: rateLimit });
    await expect(run).rejects.toThrow(/none of 4 rollouts could be scored.*Too many requests/);
    expect(optimizer.asked).toEqual([]);
    expect(agent.a.value).toBe(0);
  });

  it("in validation favours nobody: candidates are compared over the examples that all were scored on", async () => {
    // x = 4 is lost for a = 1 only; on it every candidate but a = 1 would lose or win a lot.
    const agent = model({ a: parameter(0) }, ({ a }, x: number) => {
      if (x === 4 && a.value === 1) throw rateLimit;
      return a.value * x;
    }) as unknown as Line;
    const optimizer = proposing(agent, 1, 3, 0, 0);
    await new BasicSearchAlgorithm(agent, optimizer).train(distance, points(4), {
      batchSize: 4,
      evalFrequency: 0,
      shuffle: false,
    });
    // Over x = 1..3 both 1 and 3 score -2 and the earlier wins; over their own examples 1 would win for a wrong reason.
    expect(optimizer.observed.map(({ candidate, score }) => [candidate.a, score])).toEqual([
      [0, -4],
      [1, -2],
      [3, -2],
    ]);
    expect(agent.a.value).toBe(1);
  });

  it("in a proposal costs that proposal; in all of them it stops the run", async () => {
    const { agent } = line();
    const some = new ScriptedOptimizer(agent, (position) => {
      if (position.endsWith("/0")) throw rateLimit;
      return { a: 1 };
    });
    await new BasicSearchAlgorithm(agent, some).train(distance, points(2), { batchSize: 2, evalFrequency: 0 });
    expect(agent.a.value).toBe(1);
    const none = new ScriptedOptimizer(agent, () => {
      throw rateLimit;
    });
    const run = new BasicSearchAlgorithm(agent, none).train(distance, points(2), { batchSize: 2, evalFrequency: 0 });
    await expect(run).rejects.toMatchObject({ code: "infrastructure", cause: rateLimit });
    expect(agent.a.value).toBe(1);
  });
});

describe("a bug in the evaluation", () => {
  it("stops the run and names the example", async () => {
    const guide = (x: number): number => {
      if (x === 3) throw new TypeError("info has no field y");
      return 1;
    };
    await expect(train(line().agent, { guide })).rejects.toThrow(/guide failed on the input 3.*example\/2.*info has no field y/);
    await expect(train(line().agent, { guide })).rejects.toMatchObject({ code: "guide", cause: expect.any(TypeError) });
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], ["good"], [undefined], [{ feedback: "no score" }]])(
    "a score of %j is refused",
    async (score) => {
      await expect(train(line().agent, { guide: () => score as number })).rejects.toMatchObject({ code: "guide" });
    },
  );

  it("a guide that cannot score an answer says null, and the example is left out", async () => {
    const guide = (x: number, y: number, right: number) =>
      x === 2 ? { score: null, feedback: "unclear" } : distance(x, y, right);
    const { result, optimizer } = await train(line().agent, { guide });
    expect(result.trainScores).toEqual([-16 / 3]);
    expect(optimizer.heard[0]?.feedback[0]?.feedback).toContain("ID [1]: unclear");
  });
});

describe("a logger that throws", () => {
  it("is reported once and stops nothing", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { agent } = line();
    class Broken {
      onEvent(): void {
        throw new Error("disk full");
      }
    }
    const trainer = new MinibatchAlgorithm(agent, setting(agent, 1), { logger: new Broken() });
    await trainer.train(distance, points(2));
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("Broken failed: disk full"), "OptoWarning");
    warn.mockRestore();
  });
});

describe("timing", () => {
  /** The same run with calls that take random times: everything but the order of rollout-end events must be alike. */
  async function run(numThreads: number): Promise<unknown> {
    const agent = model({ a: parameter(0) }, async ({ a }, x: number) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
      if (x === 5) throw new RangeError("five");
      return a.value * x;
    }) as unknown as Line;
    const events: RunEvent[] = [];
    const optimizer = new ScriptedOptimizer(agent, (position) => {
      const [, iteration, proposal] = (/iteration\/(\d+)\/proposal\/(\d+)/.exec(position) ?? []).map(Number);
      return { a: ((iteration as number) * 7 + (proposal as number) * 3) % 5 };
    });
    const search = new BasicSearchAlgorithm(agent, optimizer, { logger: { onEvent: (event) => events.push(event) }, numThreads });
    const result = await search.train(distance, points(9), { numEpochs: 2, batchSize: 2, minScore: -20, seed: 3 });
    const ordered = events.filter(({ type }) => type !== "rollout-end" && type !== "run-start");
    const rollouts = events.flatMap((event) => (event.type === "rollout-end" ? [JSON.stringify(event)] : [])).sort();
    // How long it took is the one thing that differs.
    const lasting = { ...result, usage: { ...result.usage, elapsedMs: 0 } };
    return {
      result: lasting,
      ordered,
      rollouts,
      heard: optimizer.heard.map(({ feedback }) => feedback),
      observed: optimizer.observed,
    };
  }

  it("never decides anything: numThreads 1 and 16 give the same events, feedback and results", async () => {
    const [one, sixteen] = [await run(1), await run(16)];
    expect(sixteen).toEqual(one);
  });
});

describe("an outage never decides", () => {
  const outage = (y: number): { score: number; feedback: string } => ({ score: y, feedback: "" });

  it("current values that could not be scored are kept", async () => {
    const { agent } = line(5);
    const validateGuide = (_x: number, y: number) => {
      if (y === 5) throw rateLimit;
      return outage(y);
    };
    const search = new BasicSearchAlgorithm(agent, proposing(agent, 1, 2, 3, 4));
    await search.train(distance, points(1), { validateGuide, evalFrequency: 0 });
    expect(agent.a.value).toBe(5);
  });
});

describe("what comes too late or fails half way", () => {
  it("a proposal that arrives after the abort is not applied", async () => {
    const { agent } = line(1);
    const controller = new AbortController();
    const optimizer = new ScriptedOptimizer(agent, () => {
      controller.abort(new Error("stop"));
      return { a: 9 };
    });
    const run = new MinibatchAlgorithm(agent, optimizer).train(distance, points(1), {
      signal: controller.signal,
      evalFrequency: 0,
    });
    await expect(run).rejects.toThrow("stop");
    expect(agent.a.value).toBe(1);
  });

  it("an update that throws after it changed something is taken back", async () => {
    const { agent } = line(1);
    class Broken extends MinibatchAlgorithm<number, number> {
      override async update(outputs: Parameters<MinibatchAlgorithm<number, number>["update"]>[0]): Promise<number | null> {
        await super.update(outputs);
        throw new Error("after the change");
      }
    }
    await expect(new Broken(agent, setting(agent, 7)).train(distance, points(1), { evalFrequency: 0 })).rejects.toThrow(
      "after the change",
    );
    expect(agent.a.value).toBe(1);
  });

  it("a second train at once is refused", async () => {
    const { agent } = line(1);
    const trainer = new MinibatchAlgorithm(agent, setting(agent));
    const first = trainer.train(distance, points(2));
    await expect(trainer.train(distance, points(2))).rejects.toThrow(/one train at a time/);
    await first;
  });
});
