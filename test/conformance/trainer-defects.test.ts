/**
 * Defects D-1 to D-43 of the Python ancestor's trainer, none of which may exist here.
 *
 * D-20, D-39, D-40, D-41 stand with the optimizers, D-23 and D-42 with the data, D-30 and D-31 in test/scale.test.ts. D-26, D-27 and D-32 are the traps T6, T23 and
 * T3 of the graph. D-13 to D-17, D-19, D-21, D-22 and D-36 are about searches that come later, D-33 about resuming.
 * D-5, a score that is measured once: the kept score of a search is one by design, see docs/training.md.
 *
 * @module
 */
import { AsyncResource } from "node:async_hooks";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { train } from "opto";
import { BasicSearchAlgorithm, MinibatchAlgorithm } from "opto/algorithms";
import { model, Parameter, parameter } from "opto/graph";
import { exactMatch } from "opto/guides";
import { JsonlLogger } from "opto/loggers";
import { RecordingLogger } from "opto/testing";
import { evaluate } from "opto/trainer";
import { describe, expect, it, vi } from "vitest";
import { inFolder, type Row, tick } from "../support/conformance.ts";
import { distance, line, points, proposing, ScriptedOptimizer, setting } from "../support/line-fitting.ts";

const quiet = { evalFrequency: 0 } as const;
/** Fails on every second input. */
const fragile = () =>
  model({ a: parameter(0) }, ({ a }, x: number) => {
    if (x % 2 === 0) throw new Error(`cannot take ${x}`);
    return a.value * x;
  });

const correctness: readonly Row[] = [
  [
    "D-1 an update after which everything fails is taken back",
    async () => {
      const { agent } = line(1);
      await new MinibatchAlgorithm(agent, setting(agent, -1)).train(distance, points(4), {
        batchSize: 4,
        ensureImprovement: true,
      });
      expect(agent.a.peek()).toBe(1);
    },
  ],
  [
    "D-2, D-28 after a rollback later proposals compete with the values that stand",
    async () => {
      const { agent } = line(0);
      // Validation prefers 4, the training batch takes it back; then 1 is better than 0 on both.
      const optimizer = new ScriptedOptimizer(agent, (position) => ({ a: position.startsWith("iteration/1/") ? 4 : 1 }));
      const validateDataset = [{ input: 1, info: 4 }];
      const search = new BasicSearchAlgorithm(agent, optimizer);
      await search.train(distance, points(2), { ...quiet, validateDataset, ensureImprovement: true, numProposals: 1 });
      expect(agent.a.value).toBe(1);
    },
  ],
  [
    "D-3 a threshold asks for more, not for less",
    async () => {
      const { agent } = line(0);
      const options = { ...quiet, ensureImprovement: true, improvementThreshold: 1.5 };
      await new MinibatchAlgorithm(agent, setting(agent, 1)).train(distance, points(1), options);
      expect(agent.a.value).toBe(0);
    },
  ],
  [
    "D-4 proposals that all fail, or only tie, leave the current values",
    async () => {
      for (const [start, proposals] of [
        [0, [-1, -2, -3, -4]],
        [0, [4, 4, 4, 4]],
        [-1, [-2, -3, -4, -5]],
      ] as const) {
        const { agent } = line(start);
        const run = new BasicSearchAlgorithm(agent, proposing(agent, ...proposals)).train(distance, points(2), {
          ...quiet,
          batchSize: 2,
        });
        // Where even the start fails on everything, there is nothing that a result could say.
        if (start < 0) await expect(run).rejects.toMatchObject({ code: "nothing-scored" });
        else await run;
        expect(agent.a.peek()).toBe(start);
      }
    },
  ],
  [
    "D-6, D-11 several samples of which one fails: the mean has no hole, and a failure counts as the lowest score",
    async () => {
      const guide = (): number => 1;
      const without = await evaluate(fragile(), guide, [1, 2], [0, 0], { numSamples: 2 });
      expect([without.mean, without.samples]).toEqual([
        0.5,
        [
          [1, 1],
          [0, 0],
        ],
      ]);
      expect((await evaluate(fragile(), guide, [1, 2], [0, 0], { numSamples: 2, minScore: 0 })).mean).toBe(0.5);
    },
  ],
  [
    "D-7 answers without a score make no number up, and a run without any other is refused in the end",
    async () => {
      const { agent } = line(0);
      const logger = new RecordingLogger();
      const unsure = () => ({ score: null, feedback: "unclear" });
      const trainer = new MinibatchAlgorithm(agent, setting(agent, 1, 2), { logger });
      const training = trainer.train(unsure, points(2), { ensureImprovement: true });
      await expect(training).rejects.toMatchObject({ code: "nothing-scored" });
      expect(agent.a.value).toBe(0);
      expect(logger.logs.some(({ data }) => Number.isNaN(data))).toBe(false);
    },
  ],
  [
    "D-8 lists and objects as values are compared by what they hold",
    async () => {
      const agent = model({ list: parameter([1, { a: [2] }]) }, ({ list }, x: number) => list.value.length * x);
      const optimizer = new ScriptedOptimizer(agent, () => ({ list: [1, { a: [2] }] }));
      const logger = new RecordingLogger();
      await new MinibatchAlgorithm(agent, optimizer, { logger }).train(() => 1, points(1), { ...quiet, ensureImprovement: true });
      expect(logger.events.some(({ type }) => type.startsWith("update-"))).toBe(false);
    },
  ],
  [
    "D-9 a test score is returned however short the run is, evalFrequency 0 is never, minScore counts in training",
    async () => {
      const { agent } = line(0);
      const first = new MinibatchAlgorithm(agent, setting(agent, 1));
      expect((await first.train(distance, points(1), { evalFrequency: 5 })).testScore).toBe(-1);
      expect((await first.train(distance, points(1), quiet)).testScore).toBeNull();
      const failing = fragile();
      const trainer = new MinibatchAlgorithm(failing, setting(failing, 1));
      expect((await trainer.train(() => 1, [{ input: 2, info: 0 }], { ...quiet, minScore: -7 })).trainScores).toEqual([-7]);
    },
  ],
  [
    "D-10 a validation score is logged at the iteration that it belongs to",
    async () => {
      const { agent } = line(0);
      const logger = new RecordingLogger();
      const search = new BasicSearchAlgorithm(agent, proposing(agent, 1, 1, 2, 1), { logger });
      await search.train(distance, points(2), quiet);
      const steps = (name: string): unknown[] => logger.logs.filter((line) => line.name === name).map(({ step }) => step);
      expect(steps("Validation score")).toEqual([1, 2]);
      expect(steps("Instantaneous train score")).toEqual([1, 2]);
    },
  ],
  [
    "D-12 an unknown option is refused by name",
    async () => {
      const { agent, calls } = line(0);
      const options = { evalFrequencey: 2 } as object;
      const run = new MinibatchAlgorithm(agent, setting(agent, 1)).train(distance, points(1), options);
      await expect(run).rejects.toThrow(/evalFrequencey.*evalFrequency/s);
      expect(calls).toEqual([]);
    },
  ],
  [
    "D-18 one epoch of 4 examples is 4 iterations; a second call trains again",
    async () => {
      const { agent } = line(0);
      const trainer = new MinibatchAlgorithm(agent, setting(agent, 1));
      expect((await trainer.train(distance, points(4), quiet)).iterations).toBe(4);
      expect((await trainer.train(distance, points(4), quiet)).iterations).toBe(4);
      expect(trainer.nIters).toBe(8);
    },
  ],
];

const running: readonly Row[] = [
  [
    "D-24 an abort ends what is in flight and starts no more; a failure of one example costs that example",
    async () => {
      const controller = new AbortController();
      const reason = new Error("enough");
      let started = 0;
      const agent = model({ a: parameter(0) }, async ({ a }, x: number) => {
        if (++started === 3) controller.abort(reason);
        await tick();
        return a.value * x;
      });
      const trainer = new MinibatchAlgorithm(agent, setting(agent, 1), { numThreads: 2 });
      const run = trainer.train(() => 1, points(50), { ...quiet, batchSize: 50, signal: controller.signal });
      await expect(run).rejects.toBe(reason);
      expect(started).toBeLessThan(6);
    },
  ],
  [
    "D-25 an error of a guide arrives as what it is",
    async () => {
      const cause = new RangeError("no running event loop");
      const { agent } = line(0);
      const run = new MinibatchAlgorithm(agent, setting(agent, 1)).train(
        () => {
          throw cause;
        },
        points(1),
        quiet,
      );
      await expect(run).rejects.toMatchObject({ code: "guide", cause });
    },
  ],
  [
    "D-26, D-27 errors of concurrent examples each stay with their own",
    async () => {
      const agent = model({ a: parameter(0) }, async ({ a }, x: number) => {
        for (let turn = 0; turn < (x * 7) % 5; turn++) await tick();
        throw new Error(`cannot take ${x + a.value}`);
      });
      const optimizer = setting(agent, 1);
      const run = new MinibatchAlgorithm(agent, optimizer).train(() => 1, points(20), {
        ...quiet,
        batchSize: 20,
        shuffle: false,
      });
      await expect(run).rejects.toMatchObject({ code: "nothing-scored" });
      const lines = optimizer.heard[0]?.feedback[0]?.feedback.split("\n").filter((line) => line.startsWith("ID"));
      expect(lines).toEqual(points(20).map(({ input }, index) => `ID [${index}]: (Error) cannot take ${input}`));
    },
  ],
  [
    "D-28 validating never touches the agent, also when it is aborted half-way",
    async () => {
      const controller = new AbortController();
      const seen = new Set<number>();
      const { agent } = line(1);
      // Asked outside of all rollouts, where no candidate is bound.
      const outside = AsyncResource.bind(() => agent.a.peek());
      const validateGuide = async () => {
        await tick();
        seen.add(outside());
        controller.abort(new Error("stop"));
        return 1;
      };
      const search = new BasicSearchAlgorithm(agent, proposing(agent, 2, 3, 4, 5));
      const run = search.train(distance, points(8), { ...quiet, validateGuide, signal: controller.signal });
      await expect(run).rejects.toThrow("stop");
      expect([...seen, agent.a.peek()]).toEqual([1, 1]);
    },
  ],
  [
    "D-29 clients are shared, not copied; an agent with thousands of entries costs no seconds",
    async () => {
      class Client {
        #secret = 1;
        ask = (): number => this.#secret;
      }
      const client = new Client();
      const seen = new Set<Client>();
      const agent = model({ a: parameter(1), client }, ({ client }, _x: number) => {
        seen.add(client);
        return client.ask();
      });
      await evaluate(agent, () => 1, [1, 2, 3], [0, 0, 0]);
      expect([...seen]).toEqual([client]);
    },
  ],
  [
    "D-29 an agent or a guide that changes its example changes no other rollout",
    async () => {
      const dataset = [{ input: { list: [1] }, info: { right: [1] } }];
      const agent = model({ a: parameter(0) }, ({ a }, { list }: { list: number[] }) => list.push(a.value));
      const guide = ({ list }: { list: number[] }, length: number, { right }: { right: number[] }): number =>
        10 * length + list.push(0) + right.push(0);
      const search = new BasicSearchAlgorithm(agent, setting(agent, 1, 2, 3));
      const { trainScores, testScore } = await search.train(guide, dataset, { numEpochs: 3, ensureImprovement: true });
      expect([trainScores, testScore, dataset]).toEqual([[24, 24, 24], 24, [{ input: { list: [1] }, info: { right: [1] } }]]);
      const frozen = Object.freeze([1]);
      const seen = new Set<unknown>();
      await evaluate(
        model({ a: parameter(0) }, (_parts, x: readonly number[]) => seen.add(x).size),
        () => 1,
        [frozen, frozen],
        [0, 0],
      );
      expect([...seen][0]).toBe(frozen);
    },
  ],
  [
    "D-34, D-35, D-37 checkpoints are named by iteration, hold plain data, and are whole or not there",
    inFolder(async (folder) => {
      const agent = model({ a: parameter(0), client: { send: () => 1 } }, ({ a }, x: number) => a.value * x);
      const trainer = new MinibatchAlgorithm(agent, setting(agent, 1, 2));
      await trainer.train(distance, points(2), { ...quiet, saveFrequency: 1, savePath: join(folder, "agent.json") });
      expect((await readdir(folder)).sort()).toEqual(["agent.json", "agent_iter0.json", "agent_iter1.json", "agent_iter2.json"]);
      expect(JSON.parse(await readFile(join(folder, "agent_iter1.json"), "utf8")).parameters).toEqual({ a: 1 });
      await expect(agent.save(join(folder, "agent.json", "below"))).rejects.toThrow();
      expect(JSON.parse(await readFile(join(folder, "agent.json"), "utf8")).parameters).toEqual({ a: 2 });
    }),
  ],
  [
    "D-38 everything that can be named is in the package",
    async () => {
      const prompt = new Parameter("yes");
      const result = await train({
        run: null,
        agent: model({ prompt, n: parameter(1, { domain: { kind: "choices", values: [1, 2] } }) }, () => "yes"),
        trainDataset: [{ input: "q", info: "yes" }],
        guide: "exactMatch",
        optimizer: "TPE",
        algorithm: "BasicSearchAlgorithm",
        logger: [],
      });
      expect([result.testScore, exactMatch().constructor]).toEqual([1, expect.any(Function)]);
    },
  ],
  [
    "D-43 without a logger nothing is printed; a logger takes values of every kind",
    inFolder(async (folder) => {
      const written = [vi.spyOn(process.stdout, "write"), vi.spyOn(process.stderr, "write"), vi.spyOn(console, "log")];
      const agent = model({ list: parameter<unknown>([1]), none: parameter<unknown>(null) }, () => 1);
      const optimizer = new ScriptedOptimizer(agent, () => ({ list: [{ a: null }], none: { b: 1 } }));
      const path = join(folder, "events.jsonl");
      try {
        await new MinibatchAlgorithm(agent, optimizer, { logger: new JsonlLogger(path) }).train(() => 1, points(1));
        expect(written.map((spy) => spy.mock.calls)).toEqual([[], [], []]);
      } finally {
        for (const spy of written) spy.mockRestore();
      }
      const events = (await readFile(path, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(events.filter(({ name }) => name?.startsWith("Parameter")).map(({ data }) => data)).toEqual([
        [{ a: null }],
        { b: 1 },
      ]);
    }),
  ],
];

describe.each([
  ["17 correctness of training", correctness],
  ["17 concurrency, persistence, output", running],
])("%s", (_, rows) => {
  it.each(rows)("%s", (_title, check) => check() as Promise<void>);
});
