/**
 * What goes wrong in a run, and what becomes of it: the program's errors are scored and told, other people's are neither.
 *
 * @module
 */
import { BasicSearchAlgorithm, MinibatchAlgorithm, type MinibatchTrainOptions } from "opto/algorithms";
import { model, parameter } from "opto/graph";
import type { GuideFunction } from "opto/guides";
import type { Logger } from "opto/loggers";
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
  it("is survived in training, counts as the lowest score there, and its error reaches the optimizer", async () => {
    const { result, optimizer } = await train(failingOn(new RangeError("no such x"), 2));
    // x = 1, 3, 4 with a = 0 score -2, -6, -8; x = 2 counts as -8.
    expect(result.trainScores).toEqual([-6]);
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

  it("is survived in evaluation, where it counts as the lowest score", async () => {
    const { result, events } = await train(failingOn(new RangeError("no such x"), 2), { evalFrequency: 1 });
    // x = 1, 3, 4 with a = 1 score -1, -3, -4; x = 2 counts as -4.
    expect(result.testScore).toBe(-3);
    expect(events.filter(({ type }) => type === "warning")).toEqual([]);
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
    // Once in training, and twice in each of two evaluations: what is unscored is run once more.
    expect(events.filter((event) => event.type === "rollout-end" && event.status === "unscored")).toHaveLength(5);
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

  it("in validation gains a candidate nothing: with less than 80% scored it cannot win, and the output says so", async () => {
    // x = 4 is lost for a = 1 only. Over x = 1..3 both 1 and 3 score -2 and the earlier would win.
    const agent = model({ a: parameter(0) }, ({ a }, x: number) => {
      if (x === 4 && a.value === 1) throw rateLimit;
      return a.value * x;
    }) as unknown as Line;
    const optimizer = proposing(agent, 1, 3, 0, 0);
    const events: RunEvent[] = [];
    const search = new BasicSearchAlgorithm(agent, optimizer, { logger: { onEvent: (event) => events.push(event) } });
    await search.train(distance, points(4), { batchSize: 4, evalFrequency: 0, shuffle: false });
    expect(optimizer.observed.map(({ candidate, score }) => [candidate.a, score])).toEqual([
      [0, -5],
      [3, -2.5],
    ]);
    expect(agent.a.value).toBe(3);
    expect(events.flatMap((event) => (event.type === "warning" ? [event.message] : []))).toEqual([
      "Candidate iteration/1/proposal/0 cannot be selected: only 3 of 4 examples could be scored (1 unscored, even after another attempt); a decision needs 80%",
    ]);
  });

  it("that passes is measured again, after the others, and decides nothing", async () => {
    let lost = 0;
    const agent = model({ a: parameter(0) }, ({ a }, x: number) => {
      if (x === 4 && a.value === 2 && lost++ === 0) throw rateLimit;
      return a.value * x;
    }) as unknown as Line;
    const search = new BasicSearchAlgorithm(agent, proposing(agent, 2, 3, 0, 0));
    await search.train(distance, points(4), { batchSize: 4, evalFrequency: 0, shuffle: false });
    expect([agent.a.value, lost]).toEqual([2, 2]);
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

  it.each([
    ["no score for any answer", {}],
    ["no score for any answer, with a score for failures", { minScore: -1 }],
    ["no score for any answer, where evaluations count", { evalFrequency: 2, ensureImprovement: true }],
  ])("a run with %s does not complete", async (_, options) => {
    const { agent } = line();
    const ends: RunEvent[] = [];
    const trainer = new MinibatchAlgorithm(agent, setting(agent, 1, 2), {
      logger: { onEvent: (event) => event.type === "run-end" && ends.push(event) },
    });
    const training = trainer.train(() => ({ score: null, feedback: "unclear" }), points(4), {
      batchSize: 2,
      evalFrequency: 0,
      ...options,
    });
    await expect(training).rejects.toThrow(
      /^Nothing could be scored in this run: every rollout failed in the same way: the guide returned no score \(null\)/,
    );
    expect(ends).toMatchObject([{ reason: "failed" }]);
  });

  it.each([
    ["training rollouts", { batchSize: 25, evalFrequency: 0 }, 25],
    ["an evaluation", { batchSize: 2, evalFrequency: 1 }, 60],
  ])("a guide without scores is noticed after the first rollouts: %s", async (_, options, most) => {
    const { agent } = line();
    let judged = 0;
    const guide = () => {
      judged++;
      return { score: null, feedback: "unclear" };
    };
    const trainer = new MinibatchAlgorithm(agent, setting(agent, 1, 2));
    await expect(trainer.train(guide, points(50), { numEpochs: 10, validateDataset: points(25), ...options })).rejects.toThrow(
      /: the guide returned no score \(null\) for any of the first 20 answers\. Expected a number, or an object with `score`/,
    );
    expect(judged).toBeLessThanOrEqual(most);
  });

  it("a guide that only gives feedback may have another one beside it that gives the scores", async () => {
    const { agent } = line();
    const trainer = new BasicSearchAlgorithm(agent, proposing(agent, 1, 2, 3, 4, 1, 2, 3, 4));
    const training = trainer.train(() => ({ score: null, feedback: "unclear" }), points(50), {
      batchSize: 25,
      evalFrequency: 0,
      validateDataset: points(4),
      validateGuide: distance,
    });
    await expect(training).resolves.toMatchObject({ stopReason: "completed" });
  });

  it("a guide that has once scored may go on without", async () => {
    const { agent } = line();
    const guide = (x: number) => ({ score: x === 2 ? 1 : null, feedback: "" });
    const trainer = new MinibatchAlgorithm(agent, setting(agent, 1, 2));
    await expect(trainer.train(guide, points(50), { batchSize: 25, evalFrequency: 0, numEpochs: 2 })).resolves.toMatchObject({
      stopReason: "completed",
    });
  });

  it("one answer with a score is enough to complete", async () => {
    const { agent } = line();
    const guide = (x: number) => ({ score: x === 4 ? 1 : null, feedback: "" });
    const trainer = new MinibatchAlgorithm(agent, setting(agent, 1, 2));
    await expect(trainer.train(guide, points(4), { batchSize: 2, evalFrequency: 0 })).resolves.toMatchObject({
      stopReason: "completed",
    });
  });
});

class Rejecting {
  async log(): Promise<void> {
    throw new Error("server away");
  }
  async onEvent(): Promise<void> {
    await null;
    throw new Error("server away");
  }
}

function rejectedThenable(): unknown {
  const key = "then";
  return { [key]: (_resolve: unknown, reject: (reason: unknown) => void): void => reject(new Error("no promise")) };
}

describe("a logger that fails", () => {
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

  it.each<[string, Logger[], string[]]>([
    ["of both methods", [new Rejecting()], ["The logger Rejecting failed: server away"]],
    [
      "of objects without a class, by their place",
      [
        { onEvent: () => {} },
        { log: () => Promise.reject(new Error("a")) },
        { onEvent: () => Promise.reject(new Error("b")) },
      ] as Logger[],
      ["The logger 2 of 3 failed: a", "The logger 3 of 3 failed: b"],
    ],
    [
      "of a thenable that is no promise",
      [{ onEvent: () => rejectedThenable() } as Logger],
      ["The logger 1 of 1 failed: no promise"],
    ],
    [
      "whose reason has no text",
      [{ onEvent: () => Promise.reject(Object.create(null)) } as Logger],
      ["The logger 1 of 1 failed: a value that cannot be printed"],
    ],
  ])("has the rejections of its promises reported once each, with its name: %s", async (_, logger, expected) => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);
    process.on("unhandledRejection", onRejection);
    const { agent } = line();
    await new MinibatchAlgorithm(agent, setting(agent, 1), { logger }).train(distance, points(2));
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.off("unhandledRejection", onRejection);
    const messages = warn.mock.calls.map(([message]) => String(message)).toSorted();
    warn.mockRestore();
    expect(messages).toEqual(expected.map((text) => expect.stringContaining(text)));
    expect(messages[0]).toMatch(/ Its later failures are not reported\.$/);
    expect(rejections).toEqual([]);
  });
});

describe("an optimizer whose `observe` returns a promise that is rejected", () => {
  it("is reported once and stops nothing", async () => {
    const { agent } = line();
    const optimizer = Object.assign(setting(agent, 1, 2), { observe: () => Promise.reject(new Error("server away")) });
    const events: RunEvent[] = [];
    const trainer = new MinibatchAlgorithm(agent, optimizer, { logger: { onEvent: (event) => events.push(event) } });
    await trainer.train(distance, points(4), { ensureImprovement: true, batchSize: 2, numEpochs: 2 });
    expect(events.filter(({ type }) => type === "warning")).toEqual([
      {
        type: "warning",
        message: "`observe` of ScriptedOptimizer failed: Error: server away. Its later failures are not reported",
      },
    ]);
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
    await expect(trainer.train(distance, points(2))).rejects.toThrow(/already training/);
    await first;
  });
});
