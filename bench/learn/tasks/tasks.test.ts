import { withValues } from "opto";
import { scriptedModel } from "opto/testing";
import { describe, expect, it } from "vitest";
import { armsOf } from "../arms.ts";
import { fixedValues } from "../fixed-values.ts";
import { code } from "./code.ts";
import { dates } from "./dates.ts";
import { tasks } from "./index.ts";
import { labelGuide } from "./label-guide.ts";
import { numerical } from "./numerical.ts";
import { splitRows } from "./split.ts";
import { callProblem } from "./tools.ts";

const sizes = { train: 20, validation: 20, test: 40 };
const model = scriptedModel(({ prompt }) => prompt.replaceAll(/!(\d+)!(\d+)!(\d+)!/g, "$3-$1-$2"));

describe("splitRows", () => {
  it.each([dates, numerical, code])("deals out parts without overlap, the same for the same seed: $id", async (task) => {
    const rows = await task.load("");
    const split = splitRows(task, rows, sizes, 1);
    const ids = [split.train, split.validation, split.test].map((part) => part.map(({ id }) => id));
    expect(new Set(ids.flat()).size).toBe(ids.flat().length);
    expect(splitRows(task, rows, sizes, 1)).toEqual(split);
    expect(splitRows(task, rows, sizes, 2)).not.toEqual(split);
  });

  it("gives every part its share of each stratum", () => {
    const task = { ...dates, stratum: ({ info }: { readonly info: unknown }) => String(info) };
    const rows = Array.from({ length: 300 }, (_, at) => ({
      id: String(at),
      input: "",
      info: at % 30 === 0 ? "rare" : "frequent",
    }));
    const split = splitRows(task, rows, { train: 5, validation: 5, test: 10 }, 0);
    const counts = [split.train, split.validation, split.test].flat().filter(({ info }) => info === "rare").length;
    expect(counts).toBe(10);
  });

  it("makes all parts smaller where there are few rows", async () => {
    const split = splitRows(dates, (await dates.load("")).slice(0, 8), sizes, 0);
    expect([split.train, split.validation, split.test].map(({ length }) => length)).toEqual([2, 2, 4]);
  });
});

describe("tasks", () => {
  it("start with values that their agents take, and have arms that can be made", () => {
    expect([...tasks.keys()]).toEqual([
      "snips",
      "reuters",
      "dates",
      "navigate",
      "mail-filter",
      "pipeline",
      "tools",
      "code",
      "numerical",
    ]);
    for (const task of tasks.values()) {
      const agent = task.agent({ model, trainsDemonstrations: true });
      if (task.handWritten !== undefined) agent.apply(task.handWritten);
      expect(task.source.license).not.toBe("");
      for (const arm of armsOf(task, task.optimizers).values()) {
        if (arm.kind === "opto" && typeof arm.policy === "function") expect(arm.policy().name).toMatch(/\w/);
      }
    }
  });

  it("shows demonstrations as earlier turns", async () => {
    const rows = await dates.load("");
    const split = splitRows(dates, rows, sizes, 0);
    const values = fixedValues(
      dates,
      { kind: "fixed", name: "", values: "hand-written with demonstrations" },
      { seed: 0, split },
    );
    expect(values.demonstrations).toHaveLength(8);
    const seen: string[][] = [];
    const watching = scriptedModel(({ messages, prompt }) => {
      seen.push(messages.map(({ role }) => role));
      return prompt;
    });
    const agent = dates.agent({ model: watching, trainsDemonstrations: false });
    await withValues(agent, values, async () => agent.call("!01!02!2003!"));
    expect(seen[0]?.filter((role) => role === "assistant")).toHaveLength(8);
  });

  it("solve the numerical example by hand, and not at the start", async () => {
    const [row] = await numerical.load("");
    const agent = numerical.agent({ model, trainsDemonstrations: false });
    const feedback = async () => numerical.guide(row?.input, (await agent.call(row?.input)).peek(), row?.info);
    expect(await feedback()).toMatchObject({ feedback: "The result is too low." });
    agent.apply(numerical.handWritten ?? {});
    expect(await feedback()).toEqual({ score: 1, feedback: "Right." });
  });

  it("have a function to learn that a right program solves", async () => {
    const rows = await code.load("");
    const agent = code.agent({ model, trainsDemonstrations: false });
    const right = `function parseDuration(text: string): number {
  const clock = /^(\\d+):(\\d+):(\\d+)$/.exec(text);
  if (clock !== null) return Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  const units: Record<string, number> = { w: 604800, d: 86400, h: 3600, m: 60, s: 1 };
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\\d+)\\s*([wdhms])/g)) sum += Number(count) * (units[unit as string] as number);
  return text.startsWith("-") ? -sum : sum;
}`;
    agent.apply({ parseDuration: right });
    for (const { input, info } of rows.slice(0, 40)) expect((await agent.call(input)).peek()).toBe(info);
  });
});

describe("guides", () => {
  it.each([
    ["True", 1],
    [" true. ", 1],
    ['"True"', 1],
    ["It is True", 0],
  ])("scores the label %j with %d", (answer, score) => {
    expect(labelGuide("", answer, "True")).toMatchObject({ score });
  });

  const right = { name: "area", arguments: { base: [10], unit: ["cm", ""], tags: [["A", "b"]], box: [{ w: [1, 2] }] } };
  it.each<[calls: Parameters<typeof callProblem>[0], problem: RegExp | undefined]>([
    [[{ name: "area", arguments: { base: 10, tags: ["a", "B."], box: { w: 2 } } }], undefined],
    [[{ name: "area", arguments: { base: "10", tags: ["a", "b"], box: { w: 1 } } }], /"base" is "10"/],
    [[{ name: "area", arguments: { base: 10, tags: ["a"], box: { w: 1 } } }], /"tags"/],
    [[{ name: "area", arguments: { base: 10, tags: ["a", "b"], box: { w: 3 } } }], /"box"/],
    [[{ name: "area", arguments: { base: 10, tags: ["a", "b"], box: { w: 1 }, more: 1 } }], /no argument "more"/],
    [[{ name: "volume", arguments: {} }], /"volume" was called/],
    [[], /No function/],
  ])("judges the calls %j", (calls, problem) => {
    const found = callProblem(calls, right);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });
});
