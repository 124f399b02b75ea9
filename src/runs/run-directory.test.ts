/**
 * Runs that are cut short anywhere and continued come to what an undisturbed run comes to.
 *
 * @module
 */

import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { layered } from "../../test/support/layered.ts";
import { BasicSearchAlgorithm, type BasicSearchTrainOptions } from "../algorithms/basic-search-algorithm.ts";
import { MinibatchAlgorithm } from "../algorithms/minibatch-algorithm.ts";
import { CheckpointError } from "../errors.ts";
import { range } from "../graph/domain.ts";
import { Module } from "../graph/module.ts";
import type { Node } from "../graph/node.ts";
import { parameter } from "../graph/parameter.ts";
import { generate } from "../llm/generate.ts";
import { OptoPrime } from "../optimizers/opto-prime.ts";
import { TPE } from "../optimizers/tpe.ts";
import type { TrainResult } from "../search/train-result.ts";
import { type ScriptedModel, scriptedModel } from "../testing/scripted-model.ts";
import type { RunEvent } from "../trainer/events.ts";
import { readRunEvents } from "./journal.ts";
import { type RunDirectoryOptions, runDirectory } from "./run-directory.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-runs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Options = Omit<BasicSearchTrainOptions<number, number, number>, "keeper"> & {
  run?: RunDirectoryOptions;
  onEvent?: (event: RunEvent) => void;
};

/** Learns a line `y = a * x + b` with TPE. */
class Line extends Module<number, number> {
  a = parameter(0, { domain: range(-3, 3, { integer: true }) });
  b = parameter(0, { domain: range(-3, 3, { integer: true }) });

  async forward(x: number): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve));
    return this.a.value * x + this.b.value;
  }
}

const points = [1, 2, 3, 4, 5].map((x) => ({ input: x, info: 2 * x + 1 }));
const distance = (_x: number, y: number, right: number): [number, string] => [
  -Math.abs(y - right),
  y < right ? "too low" : "too high",
];

function fitLine({ run, onEvent, ...options }: Options, agent = new Line()): Promise<TrainResult> {
  const trainer = new BasicSearchAlgorithm(agent, new TPE(agent, { seed: 3, startupTrials: 4 }), {
    logger: onEvent ? { onEvent } : [],
  });
  const keeper = runDirectory({ dir: join(folder, "runs"), ...run });
  return trainer.train(distance, points, { batchSize: 2, numEpochs: 2, seed: 5, keeper, ...options });
}

/** Answers with a scripted model and learns with OptoPrime, which remembers. */
class Echo extends Module<string, string> {
  prompt = parameter("Say it.");
  readonly model: ScriptedModel;

  constructor(model: ScriptedModel) {
    super();
    this.model = model;
  }

  forward(word: string): Promise<Node<string>> {
    return generate({ model: this.model, system: this.prompt, prompt: word });
  }
}

function echo(model: ScriptedModel, { onEvent, run, ...options }: Options): Promise<TrainResult> {
  const agent = new Echo(model);
  const optimizer = new OptoPrime(agent, { model, memorySize: 2 });
  const trainer = new MinibatchAlgorithm<string, string, number>(agent, optimizer, { logger: onEvent ? { onEvent } : [] });
  const keeper = runDirectory({ dir: join(folder, "runs"), ...run });
  const guide = (_question: string, answer: string, length: number): [number, string] => [
    -Math.abs(answer.length - length),
    answer,
  ];
  const data = ["a", "bb", "ccc"].map((input, info) => ({ input, info }));
  return trainer.train(guide, data, { numEpochs: 2, keeper, ensureImprovement: true, ...(options as object) });
}

/** A reply that depends on the question alone. */
function replies(): ScriptedModel {
  return scriptedModel(({ system, prompt }) => {
    if (!prompt.includes("# Variables"))
      return { text: `${system.length % 7}${prompt}`, usage: { inputTokens: 3, outputTokens: 2 } };
    return `<reasoning>\nSo.\n</reasoning>\n<variable name="prompt">\nSay it ${"very ".repeat(prompt.length % 5)}well.\n</variable>`;
  });
}

async function eventsOf(run: string): Promise<string[]> {
  const events = await readRunEvents(join(folder, "runs", run, "events.jsonl"));
  return events.map(({ time: _, ...event }) => JSON.stringify(event));
}

/** Aborts when event number `at` is told of, and continues with another process's eyes: new agent, new optimizer, new trainer. */
async function cutAt(
  at: number,
  train: (options: Options) => Promise<TrainResult>,
): Promise<{ result: TrainResult; wasCut: boolean }> {
  const controller = new AbortController();
  const reason = new Error("cut");
  let seen = 0;
  const onEvent = (): void => {
    if (++seen === at) controller.abort(reason);
  };
  try {
    return { result: await train({ run: { id: `cut-${at}` }, signal: controller.signal, onEvent }), wasCut: false };
  } catch (error) {
    expect(error).toBe(reason);
    return { result: await train({ run: { id: `cut-${at}` } }), wasCut: true };
  }
}

describe("a run that is cut short at any event and continued", () => {
  it.each([
    ["a search without a model", (options: Options) => fitLine({ numThreads: 3, ...options })],
    ["a search that keeps its rollouts", (options: Options) => fitLine(layered({ run: { cacheRollouts: true } }, options))],
    [
      "a search that checks improvement",
      (options: Options) => fitLine({ ensureImprovement: true, evalFrequency: 2, ...options }),
    ],
    ["OptoPrime with a memory", (options: Options) => echo(replies(), options)],
    ["OptoPrime, rollouts kept", (options: Options) => echo(replies(), layered({ run: { cacheRollouts: true } }, options))],
  ])("comes to the same: %s", async (_, train) => {
    const { usage: _usage, run: _run, ...expected } = await train({ run: { id: "whole" } });
    const events = await eventsOf("whole");
    let cuts = 0;
    for (let at = 1; at <= events.length; at += 7) {
      const { result, wasCut } = await cutAt(at, train);
      cuts += Number(wasCut);
      expect(result).toMatchObject(expected);
      expect(await eventsOf(`cut-${at}`)).toEqual(events);
    }
    expect(cuts).toBeGreaterThan(3);
  });

  it("has the same history whatever the concurrency", async () => {
    const histories = await Promise.all(
      [1, 8].map(async (numThreads) => {
        await fitLine({ run: { id: `threads-${numThreads}` }, numThreads });
        return (await eventsOf(`threads-${numThreads}`)).map((line) => line.replace(/"numThreads":\d+/, ""));
      }),
    );
    expect(histories[1]).toEqual(histories[0]);
  });
});

describe("calls of models", () => {
  it("are made once, also when the run is continued", async () => {
    const model = replies();
    await echo(model, { run: { id: "whole" } });
    const once = model.calls.length;
    const second = replies();
    const { wasCut } = await cutAt(9, (options) => echo(second, options));
    expect(wasCut).toBe(true);
    // Only what was in flight at the cut is asked again.
    expect(second.calls.length - once).toBeLessThanOrEqual(8);
  });

  it("are different samples at different positions", async () => {
    const model = scriptedModel(({ index }) => `${index}`);
    const agent = new Echo(model);
    const trainer = new MinibatchAlgorithm<string, string, null>(agent, new OptoPrime(agent, { model: replies() }));
    const answers = new Set<string>();
    const guide = (_question: string, answer: string): number => {
      answers.add(answer);
      return 0;
    };
    const data = [{ input: "a", info: null }];
    await trainer.train(guide, data, { numEvalSamples: 4, keeper: runDirectory({ dir: folder }) });
    expect(answers.size).toBe(model.calls.length);
  });

  it("are replayed without a provider, and a missing answer is an error", async () => {
    const { usage: _usage, run: _run, ...expected } = await echo(replies(), { run: { id: "recorded" } });
    const silent = scriptedModel(() => {
      throw new Error("must not be called");
    });
    // Another process may be writing the last line just now.
    const calls = join(folder, "runs", "recorded", "calls.jsonl");
    await appendFile(calls, '{"key":"12');
    const text = await readFile(calls, "utf8");
    const again = await echo(silent, { run: { id: "again", cache: "replay", cacheFrom: "recorded" } });
    expect(again).toMatchObject(expected);
    expect(await readFile(calls, "utf8")).toBe(text);
    await expect(echo(silent, { run: { id: "other", cache: "replay" } })).rejects.toThrow(
      /no recorded answer to the call of scripted\/model at iteration\/0\/test\/example\/0\/sample\/0 .* no provider is called/,
    );
    await expect(echo(silent, { run: { id: "x", cacheFrom: "nowhere" } })).rejects.toThrow(/there is no .*nowhere.*calls\.jsonl/);
  });

  it("are not kept with the cache off, but counted", async () => {
    const model = replies();
    const { usage } = await echo(model, { run: { id: "off", cache: "off" } });
    expect(usage.calls).toBe(model.calls.length);
    expect(await readFile(join(folder, "runs", "off", "calls.jsonl"), "utf8")).not.toContain("content");
  });

  it("whose record is damaged are made again", async () => {
    await echo(replies(), { run: { id: "night" }, stop: { maxIterations: 2 } });
    const path = join(folder, "runs", "night", "calls.jsonl");
    await rm(join(folder, "runs", "night", "checkpoint.json"));
    await rm(join(folder, "runs", "night", "checkpoint.previous.json"), { force: true });
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace(/"text":"(\d)/, '"text":"X'));
    const model = replies();
    await echo(model, { run: { id: "night" } });
    const whole = replies();
    await echo(whole, { run: { id: "whole" } });
    await echo(replies(), { run: { id: "first" }, stop: { maxIterations: 2 } });
    expect(await eventsOf("night")).toEqual(await eventsOf("whole"));
    expect(model.calls.length).toBeGreaterThan(0);
    expect(model.calls.length).toBeLessThan(whole.calls.length);
  });
});

describe("which run is continued", () => {
  const stopped = { stop: { maxIterations: 1 } } as const;

  it("names runs after the agent, counts them, and begins anew after a finished one", async () => {
    expect((await fitLine({})).run).toBe("line-1");
    expect((await fitLine({})).run).toBe("line-2");
    expect((await readdir(join(folder, "runs", "line-1"))).sort()).toEqual(
      [
        "best.json",
        "calls.jsonl",
        "checkpoint.json",
        "checkpoint.previous.json",
        "events.jsonl",
        "run.json",
        "traces.jsonl",
      ].sort(),
    );
  });

  it("continues the newest unfinished one, unless told not to", async () => {
    const controller = new AbortController();
    const cut = fitLine({ signal: controller.signal, onEvent: ({ type }) => type === "iteration-end" && controller.abort() });
    await expect(cut).rejects.toThrow();
    expect((await fitLine({ run: { resume: false } })).run).toBe("line-2");
    await rm(join(folder, "runs", "line-2"), { recursive: true });
    expect((await fitLine({})).run).toBe("line-1");
  });

  it("gives the result of a finished run that is asked for by its id, and goes on when more epochs are wanted", async () => {
    const first = await fitLine({ run: { id: "night" } });
    const before = await eventsOf("night");
    const again = await fitLine({ run: { id: "night" } });
    expect(again).toMatchObject({ parameters: first.parameters, trainScores: first.trainScores, iterations: 6 });
    expect(await eventsOf("night")).toEqual(before);
    expect((await fitLine({ run: { id: "night" }, numEpochs: 3 })).iterations).toBe(9);
    expect((await fitLine({ run: { id: "night", resume: false } })).run).toBe("night-2");
  });

  it("refuses another run, saying what changed", async () => {
    await fitLine({ run: { id: "night" }, ...stopped });
    const agent = new Line();
    agent.a.set(1);
    const changed = fitLine({ run: { id: "night" }, batchSize: 1, seed: 6 }, agent);
    await expect(changed).rejects.toThrow(CheckpointError);
    await expect(changed).rejects.toThrow(
      /its settings differ:\n {2}seed: 5 → 6\n {2}option batchSize: 2 → 1\n {2}start value of a: 0 → 1\nUndo the change, or start a new run with `run.resume: false`/,
    );
  });

  it("refuses another optimizer's settings, but not another model", async () => {
    await echo(replies(), { run: { id: "night" }, ...stopped });
    const other = scriptedModel(() => "", { id: "other" });
    const agent = new Echo(other);
    const go = (optimizer: OptoPrime): Promise<TrainResult> => {
      const trainer = new MinibatchAlgorithm<string, string, number>(agent, optimizer);
      const keeper = runDirectory({ dir: join(folder, "runs"), id: "night" });
      const data = ["a", "bb", "ccc"].map((input, info) => ({ input, info }));
      return trainer.train(() => 0, data, { numEpochs: 2, keeper, ensureImprovement: true, ...stopped });
    };
    await expect(go(new OptoPrime(agent, { model: other, memorySize: 3 }))).rejects.toThrow("option optimizer.memorySize: 2 → 3");
    expect(await go(new OptoPrime(agent, { model: other, memorySize: 2 }))).toMatchObject({ stopReason: "max-iterations" });
  });

  it("a stop that comes when all is done changes nothing", async () => {
    const agent = new Line();
    const events: RunEvent[] = [];
    const onEvent = (event: RunEvent): void => {
      events.push(event);
      if (event.type === "iteration-end" && event.iteration === 6) process.emit("SIGINT", "SIGINT");
    };
    expect(await fitLine({ run: { id: "night" }, stop: { onSignals: true }, onEvent }, agent)).toMatchObject({
      stopReason: "completed",
    });
  });

  it("refuses another dataset, algorithm and shape", async () => {
    await fitLine({ run: { id: "night" }, ...stopped });
    class Other extends Module<number, number> {
      a = parameter(0, { domain: range(-3, 3, { integer: true }) });
      c = parameter("x", { domain: { kind: "choices", values: ["x", "y"] } as never });
      forward(x: number): number {
        return this.a.value * x;
      }
    }
    const agent = new Other();
    const trainer = new MinibatchAlgorithm(agent, new TPE(agent));
    const other = trainer.train(distance, points.slice(1), { keeper: runDirectory({ dir: join(folder, "runs"), id: "night" }) });
    await expect(other).rejects.toThrow(/algorithm: BasicSearchAlgorithm → MinibatchAlgorithm/);
    await expect(other).rejects.toThrow(/dataset train: 5 examples \(\w{12}…\) → 4 examples \(\w{12}…\)/);
    await expect(other).rejects.toThrow(/parameter b: number → none\n {2}parameter c: none → string/);
  });

  it("accepts an agent that still has what the run had learned", async () => {
    const agent = new Line();
    const controller = new AbortController();
    const onEvent = ({ type, ...event }: RunEvent): void => {
      if (type === "iteration-end" && "iteration" in event && event.iteration === 4) controller.abort("later");
    };
    await expect(fitLine({ signal: controller.signal, onEvent }, agent)).rejects.toBe("later");
    expect(await fitLine({}, agent)).toMatchObject({ iterations: 6, stopReason: "completed" });
  });
});

describe("stop conditions", () => {
  it.each([
    ["maxIterations", { stop: { maxIterations: 2 } }, "max-iterations", 2],
    ["targetScore", { stop: { targetScore: -100 } }, "target-score", 0],
    ["patience", { stop: { patience: 2 }, testDataset: [{ input: 0, info: 100 }], numEpochs: 9 }, "patience", undefined],
    ["a deadline that has passed", { stop: { deadline: "2020-01-01" } }, "deadline", 0],
    ["nothing", {}, "completed", 6],
  ] as const)("%s", async (_, options, stopReason, iterations) => {
    const result = await fitLine({ run: { id: "night" }, ...options });
    expect(result).toMatchObject({ stopReason, ...(iterations === undefined ? {} : { iterations }) });
    const checkpoint = JSON.parse(await readFile(join(folder, "runs", "night", "checkpoint.json"), "utf8"));
    const state = stopReason === "deadline" ? "unfinished" : "finished";
    expect(checkpoint.status).toMatchObject({ state, reason: stopReason });
    expect((await eventsOf("night")).at(-1)).toContain(`"type":"run-end","reason":"${stopReason}"`);
  });

  it.each([
    [{ stop: { patience: 0 } }, /patience.*whole number of at least 1/],
    [{ stop: { targetScore: Number.NaN } }, /targetScore.*finite/],
    [{ stop: { deadline: "tomorrow-ish" } }, /deadline.*a date/],
    [{ stop: { patience: 1 }, evalFrequency: 0 }, /evalFrequency.*at least 1 with `stop.patience`/],
    [{ run: { id: "../up" } }, /Expected `id` to be an id/],
    [{ run: { cache: "never" as never } }, /Expected `cache` to be "record", "replay" or "off"/],
  ])("refuses %s", async (options, message) => {
    await expect((async () => fitLine(options as Options))()).rejects.toThrow(message);
  });

  it("keeps the best parameters, also from before the first step, where `load` reads them", async () => {
    const result = await fitLine({ run: { id: "night" } });
    const best = await new Line().load(join(folder, "runs", "night", "best.json"));
    expect(best.candidate()).toEqual(result.best.parameters);
    await fitLine({ run: { id: "none" }, stop: { deadline: "2020-01-01" } });
    const none = JSON.parse(await readFile(join(folder, "runs", "none", "best.json"), "utf8"));
    expect(none).toMatchObject({ format: "opto-agent", iteration: 0, score: null, parameters: { a: 0, b: 0 } });
  });
});
