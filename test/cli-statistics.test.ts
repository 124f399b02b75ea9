/**
 * `opto eval a b` and `opto check`, as users start them.
 *
 * @module
 */
import { afterAll, describe, expect, it } from "vitest";
import { CliProjects, opto } from "./support/cli-project.ts";

const projects = new CliProjects();
afterAll(() => projects.remove());

/** The agent is right on the inputs below its level. */
function config(options = ""): string {
  return `
    import { defineConfig, exactMatch, model, parameter, range } from "opto";
    const asked = (count: number, from = 0) => Array.from({ length: count }, (_, index) => ({ input: from + index, info: "yes" }));
    export default defineConfig({
      agent: () => model({ level: parameter(10, { domain: range(0, 40, { integer: true }) }) }, ({ level }, x: number) => {
        if (x === 39) throw new Error("no idea");
        return x < level.value ? "yes" : "no";
      }),
      trainDataset: asked(12),
      validateDataset: asked(20, 100),
      testDataset: asked(40),
      guide: exactMatch(),
      optimizer: "TPE",
      name: "levels",
      ${options}
    });
  `;
}

function agentFile(level: number): string {
  return JSON.stringify({ format: "opto-agent", version: 1, parameters: { level } });
}

describe("opto eval a b", () => {
  const folder = projects.project({ "opto.config.ts": config(), "old.json": agentFile(20), "new.json": agentFile(32) });

  it("says by how much b is better than a, with interval, test, and examples", async () => {
    const { code, stdout, stderr } = await opto(folder, "eval start new.json --quiet");
    expect(code, stderr).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(
      /^new\.json against start: \+55\.0 points \(95% interval 3\d\.\d to 7\d\.\d\) on 40 examples of testDataset$/,
    );
    expect(lines[1]).toBe("Better on 22, worse on 0, equal on 18; p = below 0.0001 (McNemar's exact test)");
    expect(stdout).toMatch(/^start +0\.25 +1 +0$/m);
    expect(stdout).toMatch(/^new\.json +0\.8 +1 +0$/m);
    expect(stdout).toContain("examples that changed most\n  10: 0 → 1  10\n");
  });

  it("claims nothing where chance explains it, and exits with 1 where the threshold is not passed", async () => {
    const nothing = await opto(folder, "eval old.json start --quiet --threshold 0 --json");
    expect(nothing.code).toBe(1);
    const document = JSON.parse(nothing.stdout);
    expect(document).toMatchObject({
      dataset: "testDataset",
      threshold: 0,
      passed: false,
      gain: -0.25,
      better: 0,
      worse: 10,
      equal: 30,
      isImprovement: false,
      a: { parameters: "old.json", mean: 0.5, failed: 1 },
      b: { parameters: "start", mean: 0.25 },
      countedAsFailed: 0,
    });
    expect(document.mcnemarPValue).toBeCloseTo(2 / 2 ** 10, 12);
    expect(document.interval[1]).toBeLessThan(0);
    expect(document.changes[0]).toEqual({ example: 10, before: 1, after: 0 });
    // At most half worse is asked for, and shown.
    expect((await opto(folder, "eval old.json start --quiet --threshold -0.5")).code).toBe(0);
    const text = (await opto(folder, "eval old.json start --quiet --threshold 0")).stdout;
    expect(text).toContain("start against old.json: no evidence of improvement: -25.0 points");
    expect(text).toContain("The interval has to be above 0: it is not");
  });

  it("refuses two that are the same, and what is not there", async () => {
    const same = await opto(folder, "eval new.json new.json");
    expect([same.code, same.stderr]).toEqual([
      2,
      expect.stringContaining("have the same parameters: there is nothing to compare"),
    ]);
    expect((await opto(folder, "eval start missing.json")).stderr).toContain("There is no file");
  });

  it("takes candidates and iterations of a run", async () => {
    const train = await opto(folder, "train --quiet --json");
    expect(train.code, train.stderr).toBe(0);
    const { report } = JSON.parse(train.stdout);
    expect(typeof report.text).toBe("string");
    const first = await opto(folder, "eval start levels-1:1.0 --quiet --json");
    expect([0, 2]).toContain(first.code);
    if (first.code === 0) expect(JSON.parse(first.stdout).b.parameters).toBe("levels-1:1.0");
    const missing = await opto(folder, "eval start levels-1:99 --quiet");
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining("The journal of levels-1 has no parameters after iteration 99"),
    ]);
  });

  it("still scores one", async () => {
    const { code, stdout } = await opto(folder, "eval new.json --quiet --threshold 0.7");
    expect(code).toBe(0);
    expect(stdout).toContain("Score on testDataset with the parameters of new.json: 0.8 (40 examples, 1 failed)");
  });
});
