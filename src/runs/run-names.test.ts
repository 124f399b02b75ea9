/**
 * What runs are called, and which of them is continued.
 *
 * @module
 */

import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { layered } from "../../test/support/layered.ts";
import { range } from "../graph/domain.ts";
import { Module, model } from "../graph/module.ts";
import { parameter } from "../graph/parameter.ts";
import { TPE } from "../optimizers/tpe.ts";
import { train } from "../train.ts";
import type { TrainOptions } from "../train-options.ts";
import { toModule } from "../train-parts.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-names-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Agent = Module<number, number>;
type Options = Partial<TrainOptions<number, number, number>>;

const data = [1, 2].map((x) => ({ input: x, info: 2 * x }));
const close = (_x: number, y: number, right: number): number => -Math.abs(y - right);
const digit = (value = 0) => parameter(value, { domain: range(0, 9, { integer: true }) });

const learn = async (agent: Agent, options: Options = {}): Promise<string | null | undefined> => {
  const parts = { agent, trainDataset: data, guide: close, optimizer: new TPE(agent) };
  return (await train({ ...parts, logger: [], ...layered({ run: { dir: folder } }, options) })).run;
};
const cut = (agent: Agent, options: Options = {}) =>
  learn(agent, layered({ stop: { maxIterations: 1 }, budget: { rollouts: 2 } }, options));

class Triage extends Module<number, number> {
  a = digit();
  forward(x: number): number {
    return this.a.value * x;
  }
}

async function answer({ a }: { a: { value: number } }, x: number): Promise<number> {
  return a.value * x;
}

describe("runs are called", () => {
  it.each<[string, () => Agent, Options, string]>([
    ["after the class", () => new Triage(), {}, "triage-1"],
    ["after the function that `model` is given", () => model({ a: digit() }, answer), {}, "answer-1"],
    [
      "after the parameters of a function without a name",
      () => model({ slope: digit() }, ({ slope }, x: number) => slope.value * x),
      {},
      "slope-1",
    ],
    [
      "after the first three, where there are many",
      () => model({ a: digit(), b: { c: digit(), d: digit() }, e: digit(), f: digit() }, ({ a }, x: number) => a.value * x),
      {},
      "a-b-e-1",
    ],
    ["after a single parameter", () => toModule(parameter(1, { name: "weight", domain: range(0, 9) })) as Agent, {}, "weight-1"],
    ["by the `name` that is given", () => new Triage(), { name: "Night shift" }, "night-shift-1"],
  ])("%s", async (_, make, options, expected) => {
    expect(await learn(make(), options)).toBe(expected);
  });

  it.each([{ name: "" }, { name: " " }, { name: 5 as never }])("by no name such as %j", async (options) => {
    await expect(learn(new Triage(), options)).rejects.toThrow(/Expected `name` to be a name for the runs of this agent, got /);
  });
});

describe("agents of one name", () => {
  const one = (value = 3): Agent => model({ a: digit(value) }, ({ a }, x: number) => a.value * x);
  const other = (value = 8): Agent => model({ a: digit(value) }, ({ a }, x: number) => a.value + x);

  it("do not get in each other's way: each goes on with its own run", async () => {
    expect(await cut(one())).toBe("a-1");
    expect(await cut(other())).toBe("a-2");
    expect(await learn(one())).toBe("a-1");
    expect(await learn(other())).toBe("a-2");
    expect(await learn(one())).toBe("a-3");
    expect((await readdir(folder)).sort()).toEqual(["a-1", "a-2", "a-3"]);
  });

  it("are the same agent when the code or where it starts has changed, which is told as ever", async () => {
    await cut(one());
    await expect(learn(one(4))).rejects.toThrow(/start value of a: 3 → 4[\s\S]*if this is another agent, give it its own `name`/);
    expect(await learn(other(3))).toBe("a-1");
  });

  it("are the same agent when they go by one given name", async () => {
    await cut(one(), { name: "mine" });
    await expect(learn(other(), { name: "mine" })).rejects.toThrow(/start value of a: 3 → 8/);
    expect(await learn(other(), { name: "other" })).toBe("other-1");
  });
});

it("a run that an earlier version called model-1 is found again", async () => {
  const agent = (): Agent => model({ slope: digit() }, ({ slope }, x: number) => slope.value * x);
  await cut(agent());
  await rename(join(folder, "slope-1"), join(folder, "model-1"));
  const path = join(folder, "model-1", "run.json");
  const description = JSON.parse(await readFile(path, "utf8"));
  delete description.identity.code;
  await writeFile(path, JSON.stringify({ ...description, id: "model-1" }));
  expect(await learn(agent())).toBe("model-1");
  expect(await learn(agent())).toBe("slope-1");
});
