import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { httpError, scriptedModel } from "opto/testing";
import { afterAll, describe, expect, it } from "vitest";
import { dates } from "../tasks/dates.ts";
import { type BuildOptions, buildTensor } from "./build-tensor.ts";
import { chosenArms } from "./choose-arms.ts";
import { tensorIdentity } from "./choose-tensor.ts";
import { runPolicy } from "./policy-run.ts";
import { jobName } from "./replay-policies.ts";
import { readTensor, type Tensor, tensorOf, writeTensor } from "./tensor.ts";
import { withoutDifferences } from "./tensor-world.ts";
import { toyTensor } from "./toy-tensor.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-tensor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const toy = toyTensor({ seed: 1, numPrompts: 40, numExamples: 60, numSamples: 3 });

describe("Tensor", () => {
  it("is the same after it was written and read", async () => {
    const path = join(folder, "toy.json");
    await writeTensor(path, toy);
    const read = await readTensor(path);
    expect(read.prompts).toEqual(toy.prompts);
    for (const prompt of [0, 7, 39]) {
      for (const example of [0, 59]) expect(read.score(prompt, example, 2)).toBe(toy.score(prompt, example, 2));
    }
  });

  it("is refused when scores are missing", () => {
    const origin = { task: "t", taskModel: "m", optimizerModel: "m", isSimulated: true };
    expect(() => tensorOf({ origin, numExamples: 2, numSamples: 1, prompts: [{ parent: null }], scores: ["9"] })).toThrow(
      /2 digits/,
    );
  });

  it("has no differences in its A/A form", () => {
    const same = withoutDifferences(toy, 0);
    const scoresOf = (prompt: number, tensor: Tensor = same): number[] =>
      Array.from({ length: 60 }, (_, example) => [0, 1, 2].map((sample) => tensor.score(prompt, example, sample))).flat();
    const meanOf = (scores: readonly number[]): number => scores.reduce((sum, score) => sum + score, 0) / scores.length;
    for (const prompt of [1, 20, 39]) {
      expect(Math.abs(meanOf(scoresOf(prompt)) - meanOf(scoresOf(0, toy)))).toBeLessThan(0.15);
      expect(scoresOf(prompt)).not.toEqual(scoresOf(0, toy));
      expect(scoresOf(prompt, withoutDifferences(toy, 0))).toEqual(scoresOf(prompt));
      expect(scoresOf(prompt, withoutDifferences(toy, 1))).not.toEqual(scoresOf(prompt));
    }
    expect(scoresOf(0)).toEqual(scoresOf(0, toy));
  });
});

describe("jobName", () => {
  it("is another one for another tensor at the same path, and the same for the same tensor elsewhere", async () => {
    const [path, elsewhere] = [join(folder, "named.json"), join(folder, "elsewhere.json")];
    const nameAt = (tensor: string): string => {
      return jobName({ tensor, identity: tensorIdentity(tensor), isSame: false, search: "gepa", seed: 0, rollouts: 9 });
    };
    await writeTensor(path, toy);
    await writeTensor(elsewhere, toy);
    const name = nameAt(path);
    expect(nameAt(elsewhere)).toBe(name);
    await writeTensor(path, toyTensor({ seed: 2, numPrompts: 40, numExamples: 60, numSamples: 3 }));
    expect(nameAt(path)).not.toBe(name);
    expect(tensorIdentity("toy")).toMatch(/^toy, opto \d/);
  });
});

describe("runPolicy", () => {
  const arms = chosenArms(["bestOfN", "gepa"]);

  it("is the same run for the same seed, within its budget", async () => {
    for (const arm of arms) {
      const [first, again] = [await runPolicy(arm, toy, 3, 150), await runPolicy(arm, toy, 3, 150)];
      expect(again, arm.name).toEqual(first);
      expect(first.spent, arm.name).toBeLessThanOrEqual(150);
      expect(first.proposals, arm.name).toBeGreaterThan(0);
    }
  });

  it("is found again where it has ended before its budget", async () => {
    const [, arm] = chosenArms(["prioritySearch"]);
    const run = await runPolicy(arm!, toy, 0, 150);
    expect(run.spent).toBeLessThan(150);
    const job = { tensor: "toy", identity: "toy", isSame: false, search: "prioritySearch", seed: 0, rollouts: 150 };
    expect(jobName({ ...job, ...run })).toBe(jobName(job));
  });

  it("seldom confirms a gain where there is none", async () => {
    const [arm] = chosenArms(["bestOfN"]).filter(({ name }) => name === "bestOfN");
    let confirmed = 0;
    for (let seed = 0; seed < 12; seed++)
      confirmed += Number((await runPolicy(arm!, withoutDifferences(toy, seed), seed, 100)).confirmed);
    expect(confirmed).toBeLessThanOrEqual(1);
  });
});

describe("buildTensor", () => {
  it("proposes, scores, and resumes without asking anything again", async () => {
    let asked = 0;
    let left = 40;
    const answers = scriptedModel(({ system, prompt }) => {
      if (left-- <= 0) throw httpError(401, "Invalid API key");
      asked++;
      return system.includes("version") ? prompt.replace(/!(\d+)!(\d+)!(\d+)!/, "$3-$1-$2") : prompt;
    });
    const proposals = scriptedModel(({ prompt }) => {
      return `<variable name="instruction">\nversion ${prompt.length} ${asked}\n</variable>`;
    });
    const lines: string[] = [];
    const options: BuildOptions = {
      ...{ task: dates, rows: (await dates.load("")).slice(0, 60), taskModel: answers, optimizerModel: proposals },
      ...{ names: { task: "t", optimizer: "o" }, numPrompts: 4, numExamples: 6, numSamples: 2, temperature: 0.7, seed: 0 },
      ...{ folder: join(folder, "build"), progress: (line) => lines.push(line) },
    };
    await expect(buildTensor(options)).rejects.toThrow();
    left = Number.POSITIVE_INFINITY;
    const tensor = await buildTensor(options);
    expect(tensor.prompts.map(({ parent }) => parent)).toEqual([null, 0, expect.any(Number), expect.any(Number)]);
    expect(tensor.score(0, 0, 0)).toBe(0);
    expect(tensor.score(3, 0, 1)).toBe(1);
    const before = asked;
    expect(await buildTensor(options)).toMatchObject({ prompts: tensor.prompts });
    expect(asked).toBe(before);
    expect(
      readFileSync(join(folder, "build", "scores.jsonl"), "utf8")
        .trim()
        .split("\n"),
    ).toHaveLength(4);
  });
});
