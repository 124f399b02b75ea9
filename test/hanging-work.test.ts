/**
 * Work that never ends: what becomes of the example, and that a run can be ended all the same.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BasicSearchAlgorithm,
  bundle,
  evaluate,
  type GuideFunction,
  generate,
  MinibatchAlgorithm,
  Module,
  parameter,
  type RunEvent,
  type TrainResult,
  train,
} from "opto";
import { scriptedModel } from "opto/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { layered } from "./support/layered.ts";
import { distance, line, points, setting } from "./support/line-fitting.ts";

const never = (): Promise<never> => new Promise(() => {});
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `y = a * x`, which first does something else on one input. */
class Hanging extends Module<number, number> {
  a = parameter(0);
  readonly on: number;
  readonly wait: (agent: Hanging) => Promise<unknown>;

  constructor(wait: (agent: Hanging) => Promise<unknown> = never, on = 2) {
    super();
    this.wait = wait;
    this.on = on;
  }

  async forward(x: number): Promise<number> {
    if (x === this.on && this.a.value < 3) await this.wait(this);
    return this.a.value * x;
  }
}

/** Trains `y = a * x` in two iterations on all of three examples. */
function trainLine(agent: Module<number, number>, rest: object): Promise<TrainResult> {
  return train<number, number, number>({
    agent,
    trainDataset: points(3),
    guide: distance,
    optimizer: setting(agent, 1, 2),
    numEpochs: 2,
    batchSize: 3,
    logger: [],
    ...layered({ run: null, stop: { onSignals: false } }, rest),
  });
}

/** Learns nothing until `goOn` is called with a value for `a`. */
function stuckOptimizer(agent: Module) {
  const optimizer = setting(agent);
  const stuck = { optimizer, goOn: (_value: number): void => {} };
  const suggest = () =>
    new Promise((resolve) => {
      stuck.goOn = (value) => resolve({ values: new Map([["a", value]]) });
    });
  Object.assign(optimizer, { suggest });
  return stuck;
}

const options = { shuffle: false, batchSize: 4, evalFrequency: 0 } as const;
const rollouts = { timeoutMs: 150 };
const agentOverdue =
  "(RolloutTimeoutError) The agent did not finish within 0.15 s, model calls not counted. If it needs longer, raise `rollouts.timeoutMs`";

let runDir: string;
beforeEach(async () => {
  runDir = await mkdtemp(join(tmpdir(), "opto-hang-"));
});
afterEach(() => rm(runDir, { recursive: true, force: true }));

describe("an agent that does not finish in time", () => {
  const slowTool = bundle(async () => never(), { name: "slowTool" });

  it.each<[string, () => Promise<unknown>]>([
    ["itself", never],
    ["in a tool", () => slowTool() as unknown as Promise<unknown>],
    ["in a run of its own", () => trainLine(new Hanging(never, 1), { rollouts: { timeoutMs: null } })],
  ])("has failed on the example, and the others count: %s", async (_, wait) => {
    const evaluation = await evaluate(new Hanging(wait), distance, points(4), {
      rollouts,
      minScore: -9,
      numThreads: 2,
    });
    expect(evaluation).toMatchObject({ scores: [-2, -9, -6, -8], failed: 1, unscored: 0 });
  });

  /** Only the tool, which does not finish, reads the parameter. */
  const readingTool = bundle(async (value: number) => (value < 3 ? never() : value), { name: "readingTool" });
  class Reading extends Hanging {
    override async forward(x: number): Promise<number> {
      return x === 2 ? (await readingTool(this.a)).peek() * x : 0;
    }
  }

  it.each([
    ["itself", new Hanging(), "Hanging"],
    ["a tool", new Reading(), "Reading"],
  ])("is improved by feedback on it, whatever has read the parameter: %s", async (_, agent, name) => {
    const optimizer = setting(agent, 3);
    const events: RunEvent[] = [];
    const trainer = new MinibatchAlgorithm(agent, optimizer, { logger: { onEvent: (event) => events.push(event) } });
    await trainer.train(distance, [{ input: 2, info: 4 }], {
      ...options,
      numEpochs: 2,
      rollouts,
    });
    expect(agent.a.value).toBe(3);
    const heard = optimizer.heard[0]?.feedback.map(({ feedback }) => feedback).join();
    expect(heard).toContain(agentOverdue);
    expect(heard).toContain(`Raised in ${name}.`);
    const ends = events.filter((event) => event.type === "rollout-end");
    expect(ends[0]).toMatchObject({ status: "failed", error: agentOverdue, score: null });
    expect(ends[1]).toMatchObject({ status: "scored" });
  });

  it("gains nothing by it in a search", async () => {
    // With a = 1 it hangs on the input that is worst for it; all the others are better than before.
    const agent = new Hanging(never, 4);
    agent.a.set(3);
    const optimizer = setting(agent, 1);
    const search = new BasicSearchAlgorithm(agent, optimizer);
    await search.train(distance, points(4), { ...options, numProposals: 1, rollouts });
    expect(agent.a.value).toBe(3);
  });

  it("is not blamed for the time that model calls take", async () => {
    const model = scriptedModel(async () => {
      await later(500);
      return "7";
    });
    class Asking extends Module<number, string> {
      prompt = parameter("Answer.");
      async forward(x: number): Promise<string> {
        const reply = await generate({ model, system: this.prompt, prompt: String(x) });
        return reply.value;
      }
    }
    const judge: GuideFunction<number, string, number> = async (_x, y) => Number((await generate({ model, prompt: y })).value);
    const { scores, failed } = await evaluate(new Asking(), judge, points(2), { rollouts });
    expect([scores, failed]).toEqual([[7, 7], 0]);
  });

  it("makes no model calls once its time is up", async () => {
    const asked: string[] = [];
    const model = scriptedModel(({ prompt }) => {
      asked.push(JSON.stringify(prompt));
      return "fine";
    });
    let goOn = (): void => {};
    const calls: Promise<unknown>[] = [];
    const agent = new Hanging(async () => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      calls.push(generate({ model, prompt: "too late" }).catch(String));
    });
    const { failed } = await evaluate(agent, distance, points(2), { rollouts, minScore: 0 });
    expect(failed).toBe(1);
    goOn();
    await later(1);
    expect(await Promise.all(calls)).toEqual([expect.stringContaining("The agent did not finish within 0.15 s")]);
    expect(asked).toEqual([]);
  });
});

describe("a guide that does not finish in time", () => {
  const guide: GuideFunction<number, number, number> = async (x, y, right) => (x === 2 ? never() : -Math.abs(y - right));
  const scorer = new Hanging();
  const moduleGuide: GuideFunction<number, number, number> = async (x, y) => (await scorer.call(x)).value - y;

  it.each([
    ["itself", guide],
    ["in a module", moduleGuide],
  ])("leaves the example unscored: %s", async (_, judge) => {
    const events: RunEvent[] = [];
    const { agent } = line(1);
    const trainer = new MinibatchAlgorithm(agent, setting(agent), { logger: { onEvent: (event) => events.push(event) } });
    await trainer.train(judge, points(4), { ...options, rollouts });
    const ends = events.filter((event) => event.type === "rollout-end");
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["scored", "scored", "scored", "unscored"]);
    expect(ends.find(({ status }) => status === "unscored")?.error).toBe(
      "InfrastructureError: The guide did not finish on the input 2 (number) within 0.15 s, model calls not counted. " +
        "If it needs longer, raise `rollouts.timeoutMs`",
    );
  });

  it("ends the run when it never finishes, and says why", async () => {
    const { agent } = line(1);
    await expect(evaluate(agent, never as never, points(2), { rollouts })).rejects.toThrow(
      /none of 2 rollouts could be scored.*The guide did not finish on the input 1 \(number\) within 0.15 s/,
    );
  });
});

describe("examples that do not come in time", () => {
  it("end the evaluation", async () => {
    async function* examples() {
      yield { input: 1, info: 2 };
      await never();
    }
    const { agent } = line(1);
    await expect(evaluate(agent, distance, examples(), { rollouts })).rejects.toThrow(
      "No further example arrived within 0.15 s. If the source of the examples needs longer, raise `rollouts.timeoutMs`",
    );
  });
});

describe("rollouts.timeoutMs", () => {
  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "10", {}])("is refused as %o", async (value) => {
    const { agent } = line(1);
    const message = /`rollouts.timeoutMs` to be a number of milliseconds above 0, or null for no limit, got /;
    await expect(evaluate(agent, distance, points(1), { rollouts: { timeoutMs: value as number } })).rejects.toThrow(message);
    const trainer = new MinibatchAlgorithm(agent, setting(agent));
    await expect(trainer.train(distance, points(1), { rollouts: { timeoutMs: value as number } })).rejects.toThrow(message);
  });

  it("null is no limit", async () => {
    const agent = new Hanging(() => later(300));
    expect(await evaluate(agent, distance, points(2), { rollouts: { timeoutMs: null } })).toMatchObject({ failed: 0 });
  });
});

describe("a run in which something hangs", () => {
  type Limit = "deadline" | "wallClockMs" | "signal";
  const ends = (limit: Limit) => {
    const moment = new Date(Date.now() + 300).toISOString();
    if (limit === "deadline") return { stop: { deadline: moment } };
    return limit === "wallClockMs" ? { budget: { wallClockMs: 300 } } : { signal: AbortSignal.timeout(300) };
  };
  const hanging: readonly [string, () => { agent?: Hanging; guide?: unknown; optimizer?: unknown }][] = [
    ["agent", () => ({ agent: new Hanging() })],
    ["guide", () => ({ guide: never })],
    [
      "optimizer",
      () => {
        const agent = new Hanging(async () => {});
        return { agent, optimizer: stuckOptimizer(agent).optimizer };
      },
    ],
    ["run inside of the agent", () => ({ agent: new Hanging(() => trainLine(new Hanging(never, 1), {})) })],
  ];

  it.each(
    hanging.flatMap(([what, make]) =>
      (["deadline", "wallClockMs", "signal"] as const).map((limit) => [what, limit, make] as const),
    ),
  )("ends all the same: %s, %s", async (_, limit, make) => {
    const { agent = new Hanging(async () => {}), ...rest } = make();
    const keepAlive = setInterval(() => {}, 100);
    const run = { ...rest, ...ends(limit), run: { id: "night", dir: runDir } };
    const outcome = await trainLine(agent, run).catch((error: unknown) => error);
    clearInterval(keepAlive);
    if (limit === "signal") expect(outcome).toMatchObject({ name: "TimeoutError" });
    else expect(outcome).toMatchObject({ stopReason: limit === "deadline" ? "deadline" : "budget" });
    // What was abandoned is measured again.
    const whole = await trainLine(new Hanging(async () => {}), { run: { id: "night", dir: runDir } });
    const undisturbed = await trainLine(new Hanging(async () => {}), { run: { dir: runDir, id: "other" } });
    expect(whole).toMatchObject({ stopReason: "completed", parameters: undisturbed.parameters, iterations: 2 });
  });

  it("is not changed by what was abandoned and ends later after all", async () => {
    const agent = new Hanging(async () => {});
    const stuck = stuckOptimizer(agent);
    const deadline = new Date(Date.now() + 300).toISOString();
    const result = await trainLine(agent, { optimizer: stuck.optimizer, stop: { deadline } });
    expect(result.stopReason).toBe("deadline");
    agent.a.set(5);
    stuck.goOn(1);
    await later(1);
    expect(agent.a.value).toBe(5);
  });

  it("ends the run inside of an agent with it", async () => {
    const inner: unknown[] = [];
    const nested = () => trainLine(new Hanging(never, 1), {}).then((result) => inner.push(result.stopReason));
    await trainLine(new Hanging(nested), { stop: { deadline: new Date(Date.now() + 300).toISOString() } });
    await later(1_500);
    expect(new Set(inner)).toEqual(new Set(["deadline"]));
  });
});
