import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { flagOption, type TrainFlag, trainFlags, withFlagNames, withFlags } from "./flags.ts";

it("has the flags of the table, by the option that each sets", () => {
  expect(Object.fromEntries([...trainFlags].map(([name, { path }]) => [name, path.join(".")]))).toEqual({
    budget: "budget.usd",
    cache: "run.cache",
    maxCalls: "budget.calls",
    resume: "run.resume",
    rolloutTimeout: "rollouts.timeoutMs",
    runDir: "run.dir",
    seed: "seed",
    threads: "numThreads",
  });
});

describe("flagOption", () => {
  const read = (name: string, text: string): unknown => flagOption(trainFlags.get(name) as TrainFlag).parseArg?.(text, undefined);

  it.each([
    ["threads", "4", 4],
    ["seed", "0", 0],
    ["budget", "$2.50", 2.5],
    ["rolloutTimeout", "0.2", 0.2],
  ])("reads --%s %s", (name, text, value) => {
    expect(read(name, text)).toBe(value);
  });

  it.each([
    ["threads", "0", "Expected a whole number of at least 1."],
    ["seed", "1.5", "Expected a whole number of at least 0."],
    ["budget", "0", "Expected dollars, more than 0."],
    ["budget", "", "Expected dollars, more than 0."],
    ["rolloutTimeout", "soon", "Expected seconds, more than 0."],
  ])("refuses --%s %s", (name, text, message) => {
    expect(() => read(name, text)).toThrow(message);
  });
});

describe("withFlags", () => {
  it.each<[options: Record<string, unknown>, flags: object, all: object]>([
    [{ seed: 1 }, {}, { seed: 1 }],
    [{ seed: 1 }, { seed: 2, resume: true }, { seed: 2 }],
    [{}, { resume: false }, { run: { resume: false } }],
    [{ run: { id: "a" } }, { runDir: "b", cache: "off" }, { run: { id: "a", dir: "b", cache: "off" } }],
    [{ run: null }, { runDir: "b" }, { run: { dir: "b" } }],
    [{ run: null }, { resume: false, cache: "off" }, { run: null }],
    [{ rollouts: { isInfrastructure: null } }, { rolloutTimeout: 2 }, { rollouts: { isInfrastructure: null, timeoutMs: 2000 } }],
  ])("puts over %j what %j say", (options, flags, all) => {
    expect(withFlags(options, flags)).toEqual(all);
  });

  it("refuses kept answers where nothing is kept", () => {
    expect(() => withFlags({ run: null }, { cache: "replay" })).toThrow(InvalidArgumentError);
    expect(() => withFlags({ run: null }, { cache: "replay" })).toThrow(
      "`--cache` cannot be used with `run: null` in the config",
    );
  });
});

it.each([
  ["Raise `budget.calls` to continue", "Raise `--max-calls` to continue"],
  ["start a new run with `run.resume: false`", "start a new run with `--no-resume`"],
  ['with `run.cache: "replay"` no provider is called', "with `--cache replay` no provider is called"],
  ["raise `rollouts.timeoutMs`", "raise `--rollout-timeout`"],
  ["another `run.id` or `run.resume: false`", "another `name` in the config or `--no-resume`"],
  [
    "another folder with `run.dir` (`run: null` keeps nothing)",
    "another folder with `--run-dir` (`run: null` in the config keeps nothing)",
  ],
  ["`seed` stays as it is, and so does `budget.tokens`", "`seed` stays as it is, and so does `budget.tokens`"],
])("withFlagNames: %s", (text, told) => {
  expect(withFlagNames(text)).toBe(told);
});
