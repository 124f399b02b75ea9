/**
 * Objectives by way of the program `opto`: two real objectives, a front, its hypervolume over time, and the compromise that is chosen.
 *
 * @module
 */
import { afterAll, describe, expect, it } from "vitest";
import { withoutModels } from "../scripts/run-program.ts";
import { CliProjects, cliMain } from "./support/cli-project.ts";
import { runProcess } from "./support/run-process.ts";

const projects = new CliProjects();
afterAll(() => projects.remove());

/** More thought is right more often and costs more, up to a point where it is only dearer. */
const config = (more: string): string => `
  import { defineConfig, generate, Module, parameter, range } from "opto";
  import { scriptedModel } from "opto/testing";
  const model = scriptedModel(({ prompt }) => "word ".repeat(Number(/effort (\\d+)/.exec(prompt)?.[1] ?? 1)));
  class Thinker extends Module<number, number> {
    effort = parameter(5, { domain: range(0, 12, { integer: true }) });
    async forward(x: number) {
      await generate({ model, prompt: \`effort \${this.effort.value} on \${x}\` });
      return Math.min(this.effort.value, 8) >= x ? 1 : 0;
    }
  }
  export default defineConfig({
    agent: () => new Thinker(),
    name: "thinker",
    trainDataset: Array.from({ length: 10 }, (_, i) => ({ input: i, info: null })),
    validateDataset: Array.from({ length: 10 }, (_, i) => ({ input: i, info: null })),
    guide: (x, answer) => ({ score: answer, feedback: "", scores: { accuracy: answer, length: 1 + x / 10 } }),
    optimizer: "TPE",
    calls: { prices: { "scripted/model": { inputPerMillion: 1, outputPerMillion: 100 } } },
    batchSize: 2,
    numEpochs: 2,
    ${more}
  });
`;
const pareto = `objective: { paretoMetrics: ["accuracy", "costUsd"], minimize: ["costUsd"] }, numProposals: 3,`;

const opto = (folder: string, ...args: readonly string[]) =>
  runProcess(process.execPath, [cliMain, ...args], { cwd: folder, env: withoutModels() });
const shown = async (folder: string) => JSON.parse((await opto(folder, "show", "--json")).stdout);

/** What `opto show` prints, without what differs between two runs of the same: their moments and durations. */
async function page(folder: string): Promise<string> {
  const { stdout } = await opto(folder, "show");
  return stdout.replace(/^(started|folder) .*\n/gm, "");
}

describe("a run with two objectives", () => {
  it("shows front, hypervolume, and compromise, the same after it was cut short and resumed", async () => {
    const [whole, cut] = [
      projects.project({ "opto.config.ts": config(pareto) }),
      projects.project({ "opto.config.ts": config(pareto) }),
    ];
    const done = await opto(whole, "train");
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).toContain("Objective: Pareto front of accuracy, costUsd (lower is better)");
    expect(done.stdout).toMatch(/best score \S+ {2}accuracy \S+ {2}costUsd \S+ {2}length 1\.45 at iteration \d+/);
    for (const calls of [30, 70, 110]) expect((await opto(cut, "train", "--max-calls", String(calls))).code).toBe(3);
    expect((await opto(cut, "train", "--max-calls", "100000")).code).toBe(0);
    const { candidates, best } = await shown(whole);
    expect((await shown(cut)).candidates).toEqual(candidates);
    expect(await page(cut)).toBe(await page(whole));
    const { front, hypervolume, chosen } = candidates;
    expect(front.length).toBeGreaterThan(2);
    expect(front).toContainEqual(chosen);
    const byCost = front
      .map((one: { scores: Record<string, number> }) => one.scores)
      .sort((a: Record<string, number>, b: Record<string, number>) => (a.costUsd ?? 0) - (b.costUsd ?? 0));
    // Who pays more gets more, or would not be on the front; more than 8 is only dearer.
    for (const [index, one] of byCost.slice(1).entries()) expect(one.accuracy).toBeGreaterThan(byCost[index].accuracy);
    expect(best.parameters.effort).toBeLessThanOrEqual(8);
    const volumes = hypervolume.points.map(({ volume }: { volume: number }) => volume);
    expect(volumes).toEqual([...volumes].sort((a, b) => a - b));
    expect(volumes.at(-1)).toBeGreaterThan(volumes[0]);
    const text = await page(whole);
    expect(text).toMatch(/\nbest candidate \S+: the knee of the front\n/);
    expect(text).toMatch(/\n {2}hypervolume [▁-█]+\n {2}\S+ at 0 → \S+ at \d+, from accuracy -0\.1, costUsd /);
    expect(text).toMatch(/\n {2}\* +\S+/);
  });

  it.each<{ name: string; objective: string; holds: (effort: number, scores: Record<string, number>) => boolean }>([
    {
      name: "a constraint that the best score would break",
      objective: `{ scoreKey: "accuracy", constraints: { costUsd: { max: 0.0007 } } }`,
      holds: (_effort, { costUsd = 1 }) => costUsd <= 0.0007,
    },
    {
      name: "a constraint that no candidate meets",
      objective: `{ scoreKey: "accuracy", constraints: { accuracy: { min: 2 } } }`,
      holds: (effort) => effort >= 8,
    },
    {
      name: "one metric, less being better",
      objective: `{ scoreKey: "tokens", minimize: ["tokens"] }`,
      holds: (effort) => effort < 2,
    },
    {
      name: "weights",
      objective: `{ weights: { accuracy: 1, costUsd: 10000 }, minimize: ["costUsd"] }`,
      holds: (effort) => effort < 4,
    },
  ])("chooses by $name, with a search and without", async ({ objective, holds }) => {
    for (const more of [`numProposals: 4, numEpochs: 4,`, `numEpochs: 8,`]) {
      const folder = projects.project({
        "opto.config.ts": config(`objective: ${objective}, ${more}`).replace("numEpochs: 2,", ""),
      });
      const { code, stderr } = await opto(folder, "train", "--quiet");
      expect(code, stderr).toBe(0);
      const { best, candidates } = await shown(folder);
      expect(holds(best.parameters.effort, candidates.chosen.scores), JSON.stringify({ best, candidates })).toBe(true);
    }
  });

  it("says which metric the guide does not return", async () => {
    const folder = projects.project({ "opto.config.ts": config(`objective: "acuracy",`) });
    const { code, stderr } = await opto(folder, "train", "--quiet");
    expect(code).not.toBe(0);
    expect(stderr).toContain("Expected a metric `acuracy`, by which the objective compares, got score, accuracy, length");
  });
});
