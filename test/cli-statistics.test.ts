/**
 * `opto eval a b` and `opto check`, as users start them.
 *
 * @module
 */
import { afterAll, describe, expect, it } from "vitest";
import { CliProjects, opto } from "./support/cli-project.ts";
import { startOpenAIServer } from "./support/openai-server.ts";

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

  it("says so where it compares on what runs have learned from", async () => {
    const learned = projects.project({
      "opto.config.ts": config().replace("testDataset: asked(40),", ""),
      "new.json": agentFile(32),
    });
    const { stdout } = await opto(learned, "eval start new.json --quiet");
    expect(stdout).toContain("Runs have learned from the examples of trainDataset, so the gain is likely to be overstated");
    const some = await opto(folder, "eval start new.json --quiet");
    expect(some.stdout).not.toContain("learned from");
    expect(some.stdout).toContain("12 of the 40 examples of testDataset are also in the training or validation data");
    expect(JSON.parse((await opto(folder, "eval start new.json --quiet --json")).stdout)).toMatchObject({
      isLearnedFrom: false,
      seen: 12,
    });
    const apart = projects.project({
      "opto.config.ts": config("evalDataset: asked(30, 12.5),"),
      "new.json": agentFile(32),
    });
    expect((await opto(apart, "eval start new.json --quiet")).stdout).not.toContain("overstated");
  });

  it("still scores one", async () => {
    const { code, stdout } = await opto(folder, "eval new.json --quiet --threshold 0.7");
    expect(code).toBe(0);
    expect(stdout).toContain("Score on testDataset with the parameters of new.json: 0.8 (40 examples, 1 failed)");
  });
});

describe("opto check", () => {
  it("says what a training can show and would cost, by a few rollouts", async () => {
    const folder = projects.project({ "opto.config.ts": config() });
    const { code, stdout, stderr } = await opto(folder, "check --quiet --json");
    // Train and test share their examples.
    expect(code, stderr).toBe(1);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({
      datasets: { training: 12, validation: 20, test: 40 },
      start: { dataset: "validation", examples: 20, failed: 0, unscored: 0, mean: 0, headroom: 1, belowTop: 1, batchSize: 3 },
      hopedGain: 0.05,
      problems: [expect.stringContaining("Example 0 of `test` is the same as example 0 of `training`, and 11 more are shared")],
    });
    expect(document.start.noise).toEqual({ repeated: 10, changed: 0, standardDeviation: 0 });
    expect(document.shared).toHaveLength(12);
    expect(
      document.detectable.map(({ dataset, examples }: { dataset: string; examples: number }) => [dataset, examples]),
    ).toEqual([
      ["validation", 20],
      ["test", 40],
    ]);
    expect(document.run.rollouts.max).toBeGreaterThan(0);
    expect(document.usage.calls).toBe(0);
  });

  it("says why nothing could be scored", async () => {
    const broken = config()
      .replace("if (x === 39)", "if (x >= 0)")
      .replace("validateDataset: asked(20, 100)", "validateDataset: asked(1, 100)");
    const { code, stdout } = await opto(projects.project({ "opto.config.ts": broken }), "check --quiet");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^start +score none on 1 validation example, 1 failed$/m);
    expect(stdout).toMatch(/^headroom +unknown: nothing was scored$/m);
    expect(stdout).toMatch(/^No example could be scored: 1 of 1 failed\. Evaluating the start .*\(Error\) no idea/m);
  });

  it("says it in plain sentences", async () => {
    // Right about odd numbers, except that 101 and 111 are right every other time.
    const noisy = config()
      .replace("export default", "const seen = new Map<number, number>();\nexport default")
      .replace(
        "x < level.value",
        "(seen.set(x, (seen.get(x) ?? 0) + 1), level.value >= 0) && x % 2 === 1 && (x % 10 !== 1 || (seen.get(x) ?? 0) % 2 === 1)",
      )
      .replace("testDataset: asked(40)", "testDataset: asked(40, 200)");
    const folder = projects.project({ "opto.config.ts": noisy });
    const { code, stdout, stderr } = await opto(folder, "check --quiet --gain 0.1");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^data {6,}12 training, 20 validation, 40 test examples$/m);
    expect(stdout).toMatch(/^leaks +none: these datasets share no example$/m);
    expect(stdout).toMatch(/^start +score 0?\.?\d+ on 20 validation examples$/m);
    expect(stdout).toMatch(/^headroom +\d+\.\d points up to the highest score$/m);
    expect(stdout).toMatch(/^noise +\d+ of 10 examples scored differently the second time/m);
    expect(stdout).toMatch(
      /20 validation examples show a gain of \d+\.\d points or more in 8 of 10 cases; for 10\.0 points about \d+ are needed$/m,
    );
    expect(stdout).toMatch(/^used +no calls$/m);
  });

  it("measures headroom from the lowest score where less is better", async () => {
    const minimised = config('objective: { minimize: ["score"] },').replace("asked(20, 100)", "asked(20)");
    const { stdout } = await opto(projects.project({ "opto.config.ts": minimised }), "check --quiet");
    expect(stdout).toMatch(/^start +score 0\.5 on 20 validation examples$/m);
    expect(stdout).toMatch(/^headroom +50\.0 points down to the lowest score$/m);
    expect(stdout).toMatch(/^batches +of 4 examples: 50% of the examples are above the lowest score, so nine of ten/m);
    const done = await opto(
      projects.project({ "opto.config.ts": minimised.replace("asked(20)", "asked(20, 100)") }),
      "check --quiet",
    );
    expect(done.stdout).toContain(
      "The starting values already have the lowest score on every example that was run, so there is nothing to gain on these data",
    );
  });

  it("runs nothing with --dry-run", async () => {
    const folder = projects.project({ "opto.config.ts": config("evalFrequency: 2,") });
    const { stdout } = await opto(folder, "check --quiet --dry-run --json");
    const { start, detectable } = JSON.parse(stdout);
    expect(start).toBeNull();
    expect(detectable[0].gain).toBeCloseTo((2.8015852 * 0.5) / Math.sqrt(20), 6);
  });

  it("says that there is nothing to gain", async () => {
    const easy = config()
      .replace("parameter(10,", "parameter(40,")
      .replace("asked(20, 100)", "asked(20, 12)")
      .replace("asked(40)", "asked(7, 32)");
    const { code, stdout } = await opto(projects.project({ "opto.config.ts": easy }), "check --quiet");
    expect(code).toBe(1);
    expect(stdout).toContain(
      "The starting values already have the highest score on every example that was run, so there is nothing to gain on these data",
    );
  });
});

describe("opto check with a model", () => {
  it("keeps its calls within --max-calls", async () => {
    await using server = await startOpenAIServer(() => "yes");
    const asking = `
      import { defineConfig, exactMatch, generate, model, parameter } from "opto";
      const asked = (count, from) => Array.from({ length: count }, (_, index) => ({ input: String(from + index), info: "yes" }));
      export default defineConfig({
        agent: () => model({ p: parameter("Say yes.") }, ({ p }, x) => generate({ system: p, prompt: x })),
        trainDataset: asked(10, 0),
        validateDataset: asked(30, 100),
        guide: exactMatch(),
        numThreads: 2,
      });
    `;
    const env = { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: "test-key", OPTO_MODEL: "openai/gpt-5-mini" };
    const folder = projects.project({ "opto.config.mjs": asking });
    const { stdout, stderr } = await opto(folder, "check --quiet --json --max-calls 7", { env });
    const { start, usage } = JSON.parse(stdout);
    expect(usage?.requests, stderr + stdout).toBe(7);
    // What is in flight when the limit is reached is paid for, and counts.
    expect(start).toMatchObject({ examples: 7, mean: 1, noise: null });
    const whole = await opto(folder, "check --quiet --json", { env });
    expect(JSON.parse(whole.stdout).usage.requests).toBe(30);
  });

  it("does not count an answer that an agent makes up when its call is refused", async () => {
    await using server = await startOpenAIServer(() => "yes");
    const stubborn = `
      import { defineConfig, exactMatch, generate, model, parameter } from "opto";
      const asked = (count, from) => Array.from({ length: count }, (_, index) => ({ input: String(from + index), info: "yes" }));
      export default defineConfig({
        agent: () => model({ p: parameter("Say yes.") }, async ({ p }, x) => {
          const first = (await generate({ system: p, prompt: x })).value;
          return generate({ system: p, prompt: x + " again" }).catch(() => "made up");
        }),
        trainDataset: asked(10, 0),
        validateDataset: asked(30, 100),
        guide: exactMatch(),
        numThreads: 3,
      });
    `;
    const env = { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: "test-key", OPTO_MODEL: "openai/gpt-5-mini" };
    const { stdout, stderr } = await opto(
      projects.project({ "opto.config.mjs": stubborn }),
      "check --quiet --json --max-calls 9",
      { env },
    );
    const { start, usage } = JSON.parse(stdout);
    expect(usage?.requests, stderr + stdout).toBe(9);
    expect(start).toMatchObject({ mean: 1, failed: 0 });
    expect(start.examples).toBeLessThanOrEqual(4);
  });
});
