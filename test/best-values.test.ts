/**
 * On which values a run ends, what they are chosen on, and what decides about targets and patience.
 *
 * @module
 */
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import {
  BasicSearchAlgorithm,
  ConsoleLogger,
  exactMatch,
  MinibatchAlgorithm,
  model,
  parameter,
  type RunEvent,
  train,
} from "opto";
import { describe, expect, it } from "vitest";
import { distance, line, points, proposing, ScriptedOptimizer, setting } from "./support/line-fitting.ts";

const outage = Object.assign(new Error("slow down"), { statusCode: 429 });
const quiet = { logger: [], run: null } as const;
const minibatch = { ...quiet, algorithm: "MinibatchAlgorithm" } as const;

/** An agent whose value `a` is what it answers on every input, except where `lost` says that it is not scored, or `fails`. */
function answering(
  start: number,
  on: { lost?: (a: number, x: number) => boolean; fails?: (a: number, x: number) => boolean } = {},
) {
  return model({ a: parameter(start) }, ({ a }, x: number) => {
    if (on.lost?.(a.value, x)) throw outage;
    if (on.fails?.(a.value, x)) throw new RangeError(`no answer to ${x}`);
    return a.value;
  });
}

/** A stream that keeps what is written to it. */
class Recorder extends Writable {
  text = "";

  override _write(piece: Buffer | string, _encoding: BufferEncoding, done: () => void): void {
    this.text += piece.toString();
    done();
  }
}

const value = Object.assign((_x: number, y: number) => ({ score: y, feedback: "" }), { scoreRange: [0, 1] as const });
const six = [0, 1, 2, 3, 4, 5].map((input) => ({ input, info: 0 }));

describe("a parameter that forward does not read", () => {
  it("is named at the end of the run, and not those that it reads", async () => {
    const agent = model({ a: parameter(0), tone: parameter(0) }, ({ a }, _x: number) => a.value);
    const warnings: string[] = [];
    const onEvent = (event: RunEvent): void => void (event.type === "warning" && warnings.push(event.message));
    const optimizer = setting(agent as never, 1);
    await train({ ...minibatch, agent, trainDataset: six, guide: value, optimizer, logger: [{ onEvent }] });
    expect(warnings).toContainEqual(expect.stringMatching(/^No output depends on `tone`: it was not read in forward/));
  });
});

describe("one failing example hides nothing", () => {
  const ten = Array.from({ length: 10 }, (_, input) => ({ input, info: 1 }));
  const failing = () => answering(0, { fails: (_a, x) => x === 7 });

  it("from a search: the proposal that solves the nine others is selected", async () => {
    const agent = failing();
    const optimizer = proposing(agent as never, 1, 0, 0, 0);
    const result = await train({
      ...quiet,
      agent,
      trainDataset: ten,
      guide: exactMatch(),
      optimizer,
      numProposals: 4,
    });
    expect(agent.a.value).toBe(1);
    expect(result.best).toEqual({ iteration: 1, score: 0.9, parameters: { a: 1 } });
  });

  it("from `best` and patience of updates", async () => {
    const agent = failing();
    const optimizer = setting(agent as never, 0, 1, 0, 0, 0, 0, 0);
    const options = { ...minibatch, agent, trainDataset: ten, guide: exactMatch(), optimizer, batchSize: 10 };
    const result = await train({ ...options, numEpochs: 7, stop: { patience: 3 } });
    expect(result).toMatchObject({
      best: { iteration: 2, score: 0.9 },
      parameters: { a: 1 },
      stopReason: "patience",
      iterations: 5,
    });
  });

  it("and a failure is never better than an answer, where scores are below 0 and no range is declared", async () => {
    const { agent } = line(0);
    const result = await train({
      ...minibatch,
      agent,
      trainDataset: points(4),
      guide: distance,
      optimizer: setting(agent, 1, -1),
    });
    expect(result.best.parameters).toEqual({ a: 1 });
  });
});

describe("a run ends on its best values", () => {
  const options = { ...minibatch, trainDataset: points(2), guide: distance, batchSize: 2, numEpochs: 3 };

  it("in the agent, in its file, and in the result", async () => {
    const { agent } = line(0);
    const folder = await mkdtemp(join(tmpdir(), "opto-best-"));
    const savePath = join(folder, "agent.json");
    const optimizer = setting(agent, 1, 2, 9);
    const result = await train({ ...options, agent, optimizer, saveFrequency: 5, savePath });
    expect(agent.a.value).toBe(2);
    expect(result).toMatchObject({ parameters: { a: 2 }, best: { iteration: 2, score: 0, parameters: { a: 2 } } });
    expect(JSON.parse(await readFile(savePath, "utf8"))).toMatchObject({ parameters: { a: 2 } });
  });

  it('with `keep: "last"` on the last ones, as the training classes do', async () => {
    const { agent } = line(0);
    const result = await train({ ...options, agent, optimizer: setting(agent, 1, 2, 9), keep: "last" });
    expect([agent.a.value, result.parameters, result.best.parameters]).toEqual([9, { a: 9 }, { a: 2 }]);
    const other = line(0).agent;
    await new MinibatchAlgorithm(other, setting(other, 1, 2, 9)).train(distance, points(2), { batchSize: 2, numEpochs: 3 });
    expect(other.a.value).toBe(9);
  });

  it("also when a budget ends it, and is continued from where it was", async () => {
    const runDir = await mkdtemp(join(tmpdir(), "opto-best-"));
    const { agent } = line(0);
    const start = (budget?: { rollouts: number }) =>
      train({ ...options, run: { dir: runDir }, agent, optimizer: setting(agent, 2, 9, 5), numEpochs: 3, budget });
    // 2 before the first iteration, 4 in each.
    const cut = await start({ rollouts: 10 });
    expect([cut.stopReason, agent.a.value]).toEqual(["budget", 2]);
    const whole = await start();
    expect(whole).toMatchObject({ stopReason: "completed", iterations: 3, run: cut.run, best: { iteration: 1, score: 0 } });
    expect(agent.a.value).toBe(2);
  });

  it("refuses another word", async () => {
    const { agent } = line(0);
    const wrong = train({ ...options, agent, optimizer: setting(agent), keep: "first" as never });
    await expect(wrong).rejects.toThrow('Expected `keep` to be "best" or "last", got "first"');
  });
});

describe("the best values are chosen", () => {
  /** The inputs that were run in evaluations. */
  async function run(options: object, size: number) {
    const { agent, calls } = line(0);
    const events: RunEvent[] = [];
    const logger = [{ log() {}, onEvent: (event: RunEvent) => events.push(event) }];
    const optimizer = setting(agent, 2, 9);
    const all = {
      ...minibatch,
      agent,
      optimizer,
      trainDataset: points(size),
      guide: distance,
      batchSize: 100,
      numEpochs: 2,
      ...options,
    };
    const result = await train({ ...all, logger } as never);
    return { agent, calls, events, result };
  }

  it.each<{ name: string; size: number; options?: object; chosenOn: object }>([
    { name: "on the training data, where there are few", size: 39, chosenOn: { dataset: "train", examples: 39 } },
    { name: "on a quarter that is set aside, where there are 40", size: 40, chosenOn: { dataset: "split", examples: 10 } },
    { name: "on at most 100", size: 1000, chosenOn: { dataset: "split", examples: 100 } },
    {
      name: "on validation data that are given",
      size: 50,
      options: { validateDataset: points(3) },
      chosenOn: { dataset: "validation", examples: 3 },
    },
    {
      name: "on nothing, where nothing is evaluated",
      size: 50,
      options: { evalFrequency: 0 },
      chosenOn: { dataset: "none", examples: 0 },
    },
  ])("$name", async ({ size, options = {}, chosenOn }) => {
    expect((await run(options, size)).result.chosenOn).toEqual(chosenOn);
  });

  it("never on the test data", async () => {
    // The test data want a = 9, the training data a = 2.
    const testDataset = [{ input: 1, info: 9 }];
    const { agent, result } = await run({ testDataset }, 4);
    expect(agent.a.value).toBe(2);
    expect(result).toMatchObject({ testScore: 0, best: { iteration: 1, score: 0 }, chosenOn: { dataset: "train", examples: 4 } });
  });

  it("from examples that are not trained on, the same ones for the same seed", async () => {
    const part = async (seed: number) => {
      const { events } = await run({ seed }, 40);
      const start = events.find((event) => event.type === "run-start");
      return [start?.numExamples, events.flatMap((event) => (event.type === "task-end" ? [event.scores] : []))];
    };
    expect((await part(1))[0]).toBe(30);
    expect(await part(1)).toEqual(await part(1));
    expect(await part(1)).not.toEqual(await part(2));
  });

  it("without evaluating anything that a search has measured", async () => {
    const { agent, calls } = line(0);
    const optimizer = proposing(agent, 1, 2, 3, 4);
    const result = await train({
      ...quiet,
      agent,
      optimizer,
      trainDataset: points(4),
      guide: distance,
      batchSize: 4,
      numProposals: 4,
    });
    // The batch, then the current values and four proposals.
    expect(calls).toHaveLength(4 + 5 * 4);
    expect(result).toMatchObject({ testScore: 0, best: { iteration: 1, score: 0 }, parameters: { a: 2 } });
  });
});

describe("what could not be scored decides nothing", () => {
  const slow = (a: number, x: number): boolean => a > 0.9 && x > 0;

  it("about the best values: one example of six", async () => {
    const agent = answering(0.8, { lost: slow });
    const result = await train({
      ...minibatch,
      agent,
      trainDataset: six,
      guide: value,
      optimizer: setting(agent as never, 1),
      batchSize: 6,
    });
    expect(result).toMatchObject({ best: { iteration: 0 }, parameters: { a: 0.8 } });
  });

  it("about the best values: a time-out on one hard example of ten", async () => {
    const ten = Array.from({ length: 10 }, (_, input) => ({ input, info: 0 }));
    const agent = answering(0.9, { lost: (a, x) => a === 0.95 && x === 9 });
    const result = await train({
      ...minibatch,
      agent,
      trainDataset: ten,
      guide: value,
      optimizer: setting(agent as never, 0.95),
      batchSize: 10,
    });
    expect(result.parameters).toEqual({ a: 0.9 });
  });

  it("about a target, with a warning that counts", async () => {
    const agent = answering(1, { lost: (_a, x) => x > 0 });
    const warnings: string[] = [];
    const onEvent = (event: RunEvent): unknown => event.type === "warning" && warnings.push(event.message);
    const result = await train({
      ...minibatch,
      agent,
      trainDataset: six,
      guide: value,
      optimizer: setting(agent as never, 1),
      batchSize: 6,
      stop: { targetScore: 0.9 },
      logger: [{ log() {}, onEvent }],
    });
    expect(result.stopReason).toBe("completed");
    expect(warnings[0]).toBe(
      "Iteration 0: this evaluation decides nothing: only 1 of 6 examples could be scored (5 unscored, even after another attempt); a decision needs 80%",
    );
  });

  it("about patience: such an evaluation does not count", async () => {
    const agent = answering(0.5, { lost: (a, x) => a < 0.5 && x > 0 });
    const optimizer = setting(agent as never, 0.1, 0.2, 0.3, 0.4);
    const result = await train({
      ...minibatch,
      agent,
      trainDataset: six,
      guide: value,
      optimizer,
      batchSize: 6,
      numEpochs: 4,
      stop: { patience: 2 },
    });
    expect([result.stopReason, result.iterations]).toEqual(["completed", 4]);
  });

  it("about an update, whichever side it is missing on", async () => {
    const check = async (start: number, next: number, lost: (a: number, x: number) => boolean): Promise<number> => {
      const agent = answering(start, { lost });
      const trainer = new MinibatchAlgorithm(agent, setting(agent as never, next));
      await trainer.train(value, six, { batchSize: 6, ensureImprovement: true, evalFrequency: 0, shuffle: false });
      return agent.a.value;
    };
    expect(await check(0.8, 1, (a, x) => a === 1 && x > 0)).toBe(0.8);
    expect(await check(0.8, 0.9, (a, x) => a === 0.9 && x === 5)).toBe(0.8);
    // Half of the batch is lost: too little to compare with, and chance may explain it.
    expect(await check(0.8, 1, (a, x) => a === 0.8 && x > 2)).toBe(0.8);
    // The current values alone lose nearly all: that is their own doing.
    expect(await check(1, 0.8, (a, x) => a === 1 && x > 0)).toBe(0.8);
  });

  it("about a search, which gets away from values that alone run out of time", async () => {
    const agent = answering(1, { lost: slow });
    const optimizer = proposing(agent as never, 0.8, 0.1, 0.8, 0.1);
    const search = new BasicSearchAlgorithm(agent, optimizer);
    await search.train(value, six, { batchSize: 6, evalFrequency: 0 });
    expect(agent.a.value).toBe(0.8);
    // The optimizer learns what the slow values come to when their time-outs count as failures.
    expect(optimizer.observed.find(({ candidate }) => candidate.a === 1)).toMatchObject({
      score: 1 / 6,
      feedback: "5 of 6 examples could not be scored and count as failed.",
    });
  });
});

describe("the console", () => {
  async function print(options: object): Promise<string> {
    const stream = new Recorder();
    const { agent } = line(0);
    const optimizer = new ScriptedOptimizer(agent, (position) => ({ a: position.startsWith("iteration/1/") ? 2 : 9 }));
    const all = { ...minibatch, agent, optimizer, trainDataset: points(4), guide: distance, numEpochs: 1, ...options };
    await train({ ...all, logger: new ConsoleLogger({ stream: stream as never, color: false }) } as never);
    return stream.text;
  }

  it("says at the start what the best are chosen on, and how many of the rollouts are evaluation", async () => {
    const text = await print({});
    expect(text).toContain("The best values are chosen on 4 training examples\n");
    // 4 iterations with one rollout each, 5 evaluations of 4.
    expect(text).toContain(
      "20 of 24 rollouts are evaluation; to change that, set `evalFrequency`, or the sizes of `validateDataset` and `testDataset`\n",
    );
    expect(await print({ evalFrequency: 0 })).not.toContain("are evaluation");
  });

  it("names in its last lines the best iteration and its score, and what was gained", async () => {
    const last = (text: string) => text.trimEnd().split("\n").slice(-2);
    const gain = expect.stringMatching(
      /^No evidence of improvement: \+5 in score \(4 are too few for an interval\) on 4 training examples\. /,
    );
    const completed = /^Run completed after 4 iterations in .*: best score 0 at iteration 1 on 4 training examples$/;
    expect(last(await print({}))).toEqual([expect.stringMatching(completed), gain]);
    const kept = /: best score 0 at iteration 1 on 4 training examples \(the agent keeps the last values\), test score -17.5$/;
    expect(last(await print({ keep: "last" }))).toEqual([expect.stringMatching(kept), gain]);
  });

  it("says why a candidate is not validated at all", async () => {
    const { agent } = line(2);
    const stream = new Recorder();
    const guide = Object.assign((_x: number, y: number, right: number) => Number(y === right), { scoreRange: [0, 1] as const });
    const optimizer = new ScriptedOptimizer(agent, (position) => ({ a: position.startsWith("iteration/1/") ? 2 : 3 }));
    const search = new BasicSearchAlgorithm(agent, optimizer, {
      logger: new ConsoleLogger({ stream: stream as never, color: false }),
    });
    await search.train(guide, points(9), { batchSize: 5, numProposals: 1, evalFrequency: 0 });
    expect(stream.text).toContain(
      "Validating 1 candidate: not necessary, 9 rollouts skipped because they could not change the result\n",
    );
    expect(stream.text).not.toContain("score none");
  });
});
