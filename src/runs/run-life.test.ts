/**
 * A run within the life of one process: cut short and continued with the same objects, failing while it is opened, moved.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { layered } from "../../test/support/layered.ts";
import { MinibatchAlgorithm } from "../algorithms/minibatch-algorithm.ts";
import type { JsonValue } from "../data/json.ts";
import { range } from "../graph/domain.ts";
import { type Module, model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { Ledger } from "../llm/spend/ledger.ts";
import { OptoPrime } from "../optimizers/opto-prime.ts";
import { TPE } from "../optimizers/tpe.ts";
import { scriptedModel } from "../testing/scripted-model.ts";
import { train } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import type { RunEvent } from "../trainer/events.ts";
import { RunControl } from "../trainer/run-control.ts";
import type { RunCheckpoint } from "../trainer/run-keeper.ts";
import { runDirectory } from "./run-directory.ts";
import { idStem } from "./run-files.ts";
import { lockHolder } from "./run-lock.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-life-"));
});
afterEach(() => vi.unstubAllEnvs());
afterEach(() => rm(folder, { recursive: true, force: true }));

const slope = (delayMs = 0): Module<number, number> =>
  model({ a: parameter(0, { domain: range(-4, 4, { integer: true }) }) }, async ({ a }, x: number) => {
    if (delayMs > 0) await pause(delayMs);
    return a.value * x;
  });
const data = [1, 2, 3, 4].map((x) => ({ input: x, info: 2 * x }));
const guide = (_x: number, y: number, right: number): number => -Math.abs(y - right);

type Options = Partial<TrainOptions<number, number, number>>;

const learn = (agent: Module<number, number>, options: Options = {}) =>
  train({
    agent,
    trainDataset: data,
    guide,
    optimizer: new TPE(agent),
    logger: [],
    numEpochs: 3,
    ...layered({ run: { dir: folder } }, options),
  });

/** Aborts at the first event that is meant and comes after a change of the parameters. */
const abortAt = (isMeant: (event: RunEvent) => boolean): Options => {
  const controller = new AbortController();
  const onEvent = (event: RunEvent): void => {
    if (isMeant(event)) controller.abort("enough");
  };
  return { signal: controller.signal, logger: { onEvent } };
};

describe("a run that was aborted", () => {
  it("goes on with the very same agent, also when it was cut between an update and its checkpoint", async () => {
    const agent = slope();
    const isTestAfterUpdate = (event: RunEvent): boolean =>
      event.type === "task-start" && event.position.endsWith("/test") && agent.candidate().a !== 0;
    await expect(learn(agent, abortAt(isTestAfterUpdate))).rejects.toBe("enough");
    expect(await learn(agent)).toMatchObject({ run: "a-1", stopReason: "completed", iterations: 12 });
  });

  it("leaves files of later runs alone when rollouts that do not heed the abort end", async () => {
    const agent = slope(60);
    await expect(
      learn(
        agent,
        abortAt(({ type }) => type === "iteration-start"),
      ),
    ).rejects.toBe("enough");
    const whole = await learn(slope(), { run: { id: "whole" } });
    await pause(150);
    expect(await learn(slope(), { run: { id: "whole" } })).toMatchObject({ parameters: whole.parameters, iterations: 12 });
  });
});

it("gives each of many that begin anew at once a folder of its own", async () => {
  const runs = await Promise.all(Array.from({ length: 5 }, () => learn(slope(5), { run: { resume: false }, numEpochs: 1 })));
  expect(runs.map(({ run }) => run).sort()).toEqual([1, 2, 3, 4, 5].map((number) => `a-${number}`));
});

it("does nothing more when the deadline has passed before it goes on", async () => {
  await learn(slope(), { run: { id: "night" }, stop: { maxIterations: 2 } });
  const late = await learn(slope(), { run: { id: "night" }, stop: { deadline: "2020-01-01" } });
  expect(late).toMatchObject({ stopReason: "deadline", iterations: 2 });
});

it("gives its lock back when an optimizer cannot take up what it kept", async () => {
  class Forgetful extends TPE {
    override restore(_state: JsonValue): void {
      throw new Error("cannot take that up");
    }
  }
  const agent = slope();
  const start = (): Promise<unknown> =>
    new MinibatchAlgorithm(agent, new Forgetful(agent)).train(guide, data, {
      keeper: runDirectory({ dir: folder, id: "night" }),
      stop: { maxIterations: 1 },
    });
  await start();
  await expect(start()).rejects.toThrow("cannot take that up");
  expect(lockHolder(join(folder, "night"))).toBeUndefined();
  await expect(start()).rejects.toThrow("cannot take that up");
});

it("stays where it was begun when the agent changes the working directory", async () => {
  const before = process.cwd();
  await mkdir(join(folder, "elsewhere"));
  process.chdir(folder);
  try {
    const agent = model({ a: parameter(0, { domain: range(-4, 4, { integer: true }) }) }, ({ a }, x: number) => {
      process.chdir(join(folder, "elsewhere"));
      return a.value * x;
    });
    expect(await learn(agent, { run: { dir: "runs" } })).toMatchObject({ stopReason: "completed" });
  } finally {
    process.chdir(before);
  }
  expect(existsSync(join(folder, "runs", "a-1", "checkpoint.json"))).toBe(true);
  expect(existsSync(join(folder, "runs", "a-1", "lock.json"))).toBe(false);
  expect(await readdir(join(folder, "elsewhere"))).toEqual([]);
});

it("keeps what a subclass adds to its outputs, or makes them again", async () => {
  class Richer extends MinibatchAlgorithm<number, number, number> {
    readonly seen: unknown[] = [];
    override async forward(...args: Parameters<MinibatchAlgorithm<number, number, number>["forward"]>) {
      const { target, ...output } = await super.forward(...args);
      return { ...output, target, more: { x: args[1] }, ...(args[1] === 4 ? { made: new Date(0) } : {}) };
    }
    override update(outputs: Parameters<MinibatchAlgorithm<number, number, number>["update"]>[0]) {
      this.seen.push(outputs.map((output) => ({ ...output, target: undefined })));
      return super.update(outputs);
    }
  }
  const start = async (): Promise<unknown[]> => {
    const agent = slope();
    const trainer = new Richer(agent, new TPE(agent));
    await trainer.train(guide, data, { keeper: runDirectory({ dir: folder, id: "night", cacheRollouts: true }) });
    return trainer.seen;
  };
  const first = await start();
  for (const name of ["checkpoint.json", "checkpoint.previous.json"]) await rm(join(folder, "night", name), { force: true });
  expect(await start()).toEqual(first);
});

it("takes away what earlier crashes have left aside", async () => {
  await learn(slope(), { run: { id: "night" }, stop: { maxIterations: 1 } });
  const path = join(folder, "night");
  for (const name of ["best.json.0123456789ab.tmp", "checkpoint.json.tmp", "calls.jsonl.0123456789ab.tmp"]) {
    await writeFile(join(path, name), "{");
  }
  await learn(slope(), { run: { id: "night" }, stop: { maxIterations: 2 } });
  expect((await readdir(path)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

it("reads the examples only where a run is kept", async () => {
  let reads = 0;
  const counted = data.map(({ input, info }) => ({ input, info: { right: info, toJSON: () => ++reads } }));
  const agent = slope();
  const start = (runDir: string | null) =>
    train({
      agent,
      trainDataset: counted,
      guide: (_x: number, y: number, { right }: { right: number }) => -Math.abs(y - right),
      optimizer: new TPE(agent),
      run: runDir === null ? null : { dir: runDir, traces: 0 },
      logger: [],
    });
  await start(null);
  expect(reads).toBe(0);
  await start(folder);
  expect(reads).toBe(counted.length);
});

it("writes no key that an error quotes", async () => {
  const key = "sk-planted-0123456789abcdef";
  vi.stubEnv("OPENAI_API_KEY", key);
  const agent = model({ prompt: parameter("Say it.") }, ({ prompt }, x: number) => {
    if (x % 2 === 0) throw new Error(`refused ${key}`);
    return prompt.value;
  });
  const proposal = '<reasoning>\nSo.\n</reasoning>\n<variable name="prompt">\nSay it well.\n</variable>';
  const optimizer = new OptoPrime(agent, { model: scriptedModel(() => proposal), memorySize: 3 });
  const judge = (_x: number, answer: string): [number, string] => [0.5, `"${answer}" is no answer`];
  await train({
    agent,
    trainDataset: data,
    guide: judge,
    optimizer,
    run: { dir: folder, cacheRollouts: true },
    logger: [],
    minScore: 0,
    verbose: true,
  });
  const names = await readdir(join(folder, "prompt-1"));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, "prompt-1", name), "utf8")));
  expect(names.filter((_, index) => texts[index]?.includes(key))).toEqual([]);
  expect(texts.join("")).toContain("refused [key removed]");
});

it("has an id that can be given back, however long the name of the agent is", () => {
  const id = `${idStem("AnAgentWhoseNameTellsWhatItDoesInSomeMoreDetailThanAnybodyWouldEverNeedToKnow")}-1`;
  expect(() => runDirectory({ id })).not.toThrow();
});

describe("a keeper that is closed", () => {
  it("keeps nothing more, because the folder may be another process's by then", async () => {
    const control = new RunControl();
    const identity = { name: "A", algorithm: "M", optimizer: "O", seed: 0, options: {}, datasets: {}, shape: {}, parameters: {} };
    const keeper = await runDirectory({ dir: folder, id: "closed" }).open(identity, {}, control);
    const checkpointOf = (iteration: number): RunCheckpoint => ({
      iteration,
      status: { state: "unfinished", reason: null },
      parameters: {},
      best: { iteration: 0, score: null, parameters: {} },
      spent: { ...new Ledger({}).spent(), rollouts: 0 },
      trainer: { progress: null, algorithm: null },
      optimizer: null,
      loader: null,
    });
    keeper.hold(checkpointOf(1));
    await keeper.close({ state: "unfinished", reason: "aborted" });
    keeper.save(checkpointOf(2));
    await pause(50);
    const written = JSON.parse(await readFile(join(folder, "closed", "checkpoint.json"), "utf8"));
    expect([written.iteration, control.stopped]).toEqual([1, undefined]);
  });
});
