/**
 * A config with the command line on top.
 *
 * @module
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { DataLoader } from "../data/data-loader.ts";
import { range } from "../graph/domain.ts";
import { Module, model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { ConsoleLogger } from "../loggers/console-logger.ts";
import { TPE } from "../optimizers/tpe.ts";
import { RecordingLogger } from "../testing/recording-logger.ts";
import type { Output } from "./command.ts";
import type { OptoConfig } from "./define-config.ts";
import { evalDataset, toTrainOptions } from "./to-train-options.ts";

const agent: Module = model(
  { factor: parameter(2, { domain: range(0, 5) }) },
  ({ factor }, x: number) => factor.value * x,
) as unknown as Module;
const trainDataset = [{ input: 1, info: 2 }];
const out = { isJson: false, isQuiet: false, progress: process.stderr } as unknown as Output;
const guide = (_question: unknown, answer: unknown, info: unknown): boolean => answer === info;
const base: OptoConfig = { agent, trainDataset };

afterEach(() => vi.restoreAllMocks());

describe("toTrainOptions", () => {
  it("adds nothing that neither config nor command line say", async () => {
    const { logger, ...options } = await toTrainOptions(base, {}, { out });
    expect(options).toEqual({ agent, trainDataset });
    expect(logger).toEqual([expect.any(ConsoleLogger)]);
  });

  it("keeps back what only other commands read", async () => {
    const options = await toTrainOptions(
      { ...base, output: "a.json", name: "mine", evalDataset: trainDataset, numEpochs: 3 },
      {},
      { out },
    );
    expect(Object.keys(options).sort()).toEqual(["agent", "logger", "numEpochs", "trainDataset"]);
  });

  it("puts the command line over the config", async () => {
    const config = {
      ...base,
      seed: 1,
      numThreads: 2,
      budget: { usd: 1, tokens: 500 },
      run: { dir: "a", cache: "off" },
    } as OptoConfig;
    const flags = {
      seed: 5,
      threads: 4,
      rolloutTimeout: 1.5,
      budget: 2.5,
      maxCalls: 10,
      runDir: "b",
      cache: "replay",
      resume: false,
    } as const;
    expect(await toTrainOptions(config, flags, { out, run: "mine-2" })).toMatchObject({
      seed: 5,
      numThreads: 4,
      rollouts: { timeoutMs: 1500 },
      budget: { usd: 2.5, calls: 10, tokens: 500 },
      run: { dir: "b", cache: "replay", resume: false, id: "mine-2" },
    });
    expect(await toTrainOptions(config, { resume: true }, { out })).toMatchObject({ seed: 1, budget: { usd: 1, tokens: 500 } });
    expect(await toTrainOptions(base, { resume: true }, { out })).not.toHaveProperty("run");
  });

  it("asks the functions of the config, each once", async () => {
    const make = vi.fn(async () => agent);
    const loader = new DataLoader(trainDataset);
    const config = {
      agent: make,
      trainDataset: () => loader,
      testDataset: async () => trainDataset,
      guide: () => guide,
      optimizer: (made: Module): TPE => new TPE(made.parameters()),
    } as OptoConfig;
    const options = await toTrainOptions(config, {}, { out });
    expect(options).toMatchObject({ testDataset: trainDataset, guide });
    expect(options.agent).toBe(agent);
    expect(options.trainDataset === loader).toBe(true);
    expect(options.optimizer).toBeInstanceOf(TPE);
    expect(make).toHaveBeenCalledTimes(1);
  });

  it("leaves guides, names and classes as they are", async () => {
    expect(await toTrainOptions({ ...base, guide, optimizer: TPE }, {}, { out })).toMatchObject({ guide, optimizer: TPE });
    expect(await toTrainOptions({ ...base, guide: "exactMatch", optimizer: "TPE" }, {}, { out })).toMatchObject({
      guide: "exactMatch",
      optimizer: "TPE",
    });
  });

  it("makes a module of a single parameter", async () => {
    const options = await toTrainOptions({ ...base, agent: parameter("x", { name: "prompt" }) }, {}, { out });
    expect(options.agent).toBeInstanceOf(Module);
    expect(options.agent.candidate()).toEqual({ prompt: "x" });
  });

  it.each([
    {
      name: "an agent",
      config: { ...base, agent: (): string => "text" },
      message: 'Expected `agent` to be a Module or a parameter, got "text"',
    },
    {
      name: "a guide",
      config: { ...base, guide: () => 1 },
      message: "Expected `guide`, which takes no arguments, to return a guide, got 1 (number)",
    },
    {
      name: "an optimizer",
      config: { ...base, optimizer: () => 1 },
      message: "Expected `optimizer` to return an Optimizer, got 1 (number)",
    },
  ])("refuses what is not $name", async ({ config, message }) => {
    await expect(toTrainOptions(config as unknown as OptoConfig, {}, { out })).rejects.toThrow(message);
  });

  it.each([
    { isJson: false, isQuiet: false, kept: 2, isSame: true },
    { isJson: true, isQuiet: false, kept: 2, isSame: false },
    { isJson: false, isQuiet: true, kept: 1, isSame: false },
  ])("keeps other loggers (json: $isJson, quiet: $isQuiet)", async ({ isJson, isQuiet, kept, isSame }) => {
    const console = new ConsoleLogger();
    const other = new RecordingLogger();
    const { logger } = await toTrainOptions({ ...base, logger: [console, other] }, {}, { out: { ...out, isJson, isQuiet } });
    expect(logger).toHaveLength(kept);
    expect(logger).toContain(other);
    expect(logger.includes(console)).toBe(isSame);
  });
});

describe("evalDataset", () => {
  it.each([
    { config: { ...base, evalDataset: () => [{ input: 3, info: 6 }], testDataset: trainDataset }, name: "evalDataset", input: 3 },
    { config: { ...base, testDataset: { inputs: [2], infos: [4] } }, name: "testDataset", input: 2 },
    { config: { ...base, trainDataset: new DataLoader(trainDataset), testDataset: null }, name: "trainDataset", input: 1 },
  ])("is $name", async ({ config, name, input }) => {
    expect(await evalDataset(config)).toMatchObject({ name, dataset: [{ input }] });
  });
});
