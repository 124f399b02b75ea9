/**
 * The program `opto`: what it prints, how it ends, and what it writes. Most commands share a process; every command that trains, scores, or
 * writes is also started in one of its own, as users start it.
 *
 * @module
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { withoutModels } from "../scripts/run-program.ts";
import { lines, scoreEvent, writeRun } from "../src/cli/__fixtures__/run-fixture.ts";
import { configTemplate } from "../src/cli/init/config-text.ts";
import { CliProjects, cliMain, opto } from "./support/cli-project.ts";
import { errorBody, startOpenAIServer } from "./support/openai-server.ts";
import { runProcess } from "./support/run-process.ts";

const projects = new CliProjects();
afterAll(() => projects.remove());
const project = (files: Readonly<Record<string, string>> = {}): string => projects.project(files);

const answers = `
  import { defineConfig, Module, parameter } from "opto";
  class Echo extends Module<string, string> {
    prompt = parameter("yes");
    forward(_question: string): string { return this.prompt.value; }
  }
`;
const evalConfig = `${answers}
  export default defineConfig({
    agent: () => new Echo(),
    trainDataset: [{ input: "a", info: "yes" }, { input: "b", info: "no" }],
    guide: "exactMatch",
  });
`;

describe("a wrong set-up", () => {
  const asking = (options: string): string => `
    import { defineConfig, generate, model, parameter } from "opto";
    export default defineConfig({
      agent: () => model({ p: parameter("Say it.") }, ({ p }, x: string) => generate({ system: p, prompt: x ${options} })),
      trainDataset: Array.from({ length: 8 }, (_, n) => ({ input: String(n), info: "yes" })),
      guide: "exactMatch",
      batchSize: 8,
    });
  `;
  const unauthorized = { status: 401, body: errorBody("Incorrect API key provided", "invalid_api_key") } as const;

  it.each(["train", "eval"])("ends `opto %s` with code 2, and says what to set", async (command) => {
    await using server = await startOpenAIServer(() => unauthorized);
    const env = { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: "sk-wrong", OPTO_MODEL: "openai/m" };
    const { code, stderr } = await opto(project({ "opto.config.ts": asking("") }), command, { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/opto: The key for openai\/m is refused at http:\S+\/v1 .*Set OPENAI_API_KEY\n$/);
    expect(server.requests.length).toBeLessThanOrEqual(8);
  });

  it.each(["train", "eval"])("of an agent whose every rollout fails alike ends `opto %s` with code 1", async (command) => {
    const env = { OPENAI_BASE_URL: "http://127.0.0.1:1/v1", OPTO_MODEL: "openai/m" };
    const { code, stderr } = await opto(project({ "opto.config.ts": asking(", temprature: 1") }), command, { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /every rollout failed in the same way: .*Unknown option `temprature` of generate; did you mean `temperature`/,
    );
  });
});

describe("opto init and train", () => {
  it("writes a config that trains without a key, and never writes over one", async () => {
    const folder = project();
    const init = await opto(folder, "init");
    expect(init).toMatchObject({ code: 0, stderr: "" });
    expect(init.stdout).toContain("opto train");
    const train = await opto(folder, "train --json --seed 1");
    expect(train.code).toBe(0);
    expect(JSON.parse(train.stdout)).toMatchObject({
      stopReason: "completed",
      score: { before: 0.25, after: 1 },
      continue: null,
    });
    expect(train.stderr).toContain("Run completed after 10 iterations");
    const before = readFileSync(join(folder, "opto.config.ts"), "utf8");
    const again = await opto(folder, "init");
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toContain("already exists; nothing was written");
    expect(readFileSync(join(folder, "opto.config.ts"), "utf8")).toBe(before);
  });

  it("prints the score before and after, and nothing else when quiet", async () => {
    const folder = project();
    await opto(folder, "init -c sub/my.config.mts");
    const { code, stdout, stderr } = await opto(folder, "train --quiet -c sub/my.config.mts");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\nscore +0\.25 → 1\n/);
    expect(stdout).not.toContain("[Step");
  });
});

describe("a config in TypeScript", () => {
  it("may use what Node alone does not read, and keeps the text of functions", async () => {
    const folder = project({
      "agent.ts": `import { Module, parameter } from "opto";
        import type { Shape } from "./shape.ts";
        enum Ending { Plain = "." }
        export class Echo extends Module<string, string> {
          prompt = parameter<string>("yes");
          constructor(private readonly ending: Ending = Ending.Plain) { super(); }
          override forward(question: string): string {
            // A comment that an optimizer reads.
            return (this.prompt.value as string) + this.ending;
          }
          shape?: Shape;
        }`,
      "rows.mts": 'export const rows: readonly string[] = await Promise.resolve(["a"]);',
      "opto.config.ts": `import { defineConfig } from "opto";
        import { Optimizer } from "opto/optimizers";
        import { Echo } from "./agent";
        import { rows } from "./rows.mjs";
        const agent = new Echo();
        console.log(agent.forward.toString());
        export default defineConfig({
          agent,
          trainDataset: () => rows.map((input) => ({ input, info: typeof Optimizer })),
          guide: (_question, answer, info) => answer === "yes." && info === "function",
        });`,
    });
    const { code, stdout } = await opto(folder, "eval");
    expect(stdout).toContain("// A comment that an optimizer reads.");
    expect(stdout).toMatch(/return \(this\.prompt\.value *\) \+ this\.ending;/);
    expect(stdout).toContain("Score on trainDataset: 1 (1 example)");
    expect(code).toBe(0);
  });

  it("gets the opto of the program, whatever is installed beside it", async () => {
    const folder = project({
      "opto.config.ts": evalConfig,
      "node_modules/opto/package.json": '{ "name": "opto", "type": "module", "exports": "./index.js" }',
      "node_modules/opto/index.js": 'throw new Error("another copy");',
    });
    expect(await opto(folder, "eval --json")).toMatchObject({ code: 0 });
  });

  it("has its place told when it throws", async () => {
    const folder = project({
      "opto.config.ts": `import { defineConfig } from "opto";
interface Row {
  readonly a: number;
}
const row: Row = { a: 1 };
export default defineConfig({
  agent: () => {
    throw new TypeError("boom " + row.a);
  },
  trainDataset: [],
});
`,
    });
    const { code, stdout, stderr } = await opto(folder, "train");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^opto: TypeError: boom 1\n {4}at agent \(file:.*opto\.config\.ts:8:11\)\n$/);
  });

  it.each([
    { name: "none", files: {}, code: 2, message: "There is no opto.config.ts in" },
    {
      name: "one that exports something else",
      files: { "opto.config.js": "export default 3;" },
      code: 2,
      message: "got 3 (number)",
    },
    {
      name: "one without data",
      files: { "opto.config.mjs": "export default { agent: 1 };" },
      code: 2,
      message: "Expected `trainDataset` in",
    },
    {
      name: "one that cannot be parsed",
      files: { "opto.config.ts": "const x: = 3" },
      code: 2,
      message: "opto.config.ts: Unexpected token (1:10)",
    },
    {
      name: "one that imports nothing",
      files: { "opto.config.ts": 'import "./nothing";' },
      code: 2,
      message: "Cannot find module",
    },
  ])("is refused when there is $name", async ({ files, code, message }) => {
    const result = await opto(project(files as Record<string, string>), "train");
    expect(result).toMatchObject({ code, stdout: "" });
    expect(result.stderr).toContain(message);
  });

  it("has a misspelt option refused by name", async () => {
    const folder = project({ "opto.config.ts": configTemplate.replace("batchSize:", "batchsize:") });
    const { code, stderr } = await opto(folder, "train --quiet");
    expect(code).toBe(2);
    expect(stderr).toContain("did you mean `batchSize`?");
  });
});

describe("opto eval", () => {
  it.each([
    { args: "eval --threshold 0.5", code: 0, text: "Threshold 0.5: reached" },
    { args: "eval --threshold 0.49999", code: 0, text: "Threshold 0.49999: reached" },
    { args: "eval --threshold 0.50001", code: 1, text: "Threshold 0.50001: not reached" },
    { args: "eval --threshold 0.51", code: 1, text: "Threshold 0.51: not reached" },
    { args: "eval -j 1 --quiet", code: 0, text: "Score on trainDataset: 0.5 (2 examples)\n" },
  ])("$args ends with $code", async ({ args, code, text }) => {
    const result = await opto(project({ "opto.config.ts": evalConfig }), args);
    expect(result).toMatchObject({ code, stderr: "" });
    expect(result.stdout).toContain(text);
  });

  it("counts an agent that hangs as failed after --rollout-timeout", async () => {
    const text = evalConfig.replace(
      "return this.prompt.value",
      'return _question === "a" ? (new Promise(() => {}) as never) : this.prompt.value',
    );
    const { code, stdout } = await opto(project({ "opto.config.ts": text }), "eval --json --rollout-timeout 0.2");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ failed: 1, unscored: 0 });
  });

  it("takes the parameters of a run or a file", async () => {
    const folder = project({
      "opto.config.ts": evalConfig,
      "best.json": '{ "format": "opto-agent", "version": 1, "parameters": { "prompt": "neither" } }',
    });
    writeRun(join(folder, ".opto/runs"), { id: "echo-1", start: { prompt: "yes" }, best: { prompt: "no" } });
    const text = async (args: string): Promise<string> => (await opto(folder, `eval --quiet ${args}`)).stdout;
    expect(await text("echo-1")).toContain("with the parameters of echo-1: 0.5");
    expect(await text("best.json")).toContain("with the parameters of best.json: 0 ");
  });

  it("keeps standard output to one document, also when the agent prints", async () => {
    const text = evalConfig.replace("return this", 'console.log("noise"); process.stdout.write("more"); return this');
    const { stdout, stderr } = await opto(project({ "opto.config.ts": text }), "eval --json --threshold 1");
    expect(JSON.parse(stdout)).toMatchObject({ mean: 0.5, scores: [1, 0], threshold: 1, passed: false, dataset: "trainDataset" });
    expect(stderr).toContain("noise");
  });
});

describe("opto list, show and diff", () => {
  const folder = project();
  const runs = join(folder, ".opto/runs");
  writeRun(runs, { id: "mail-1", scores: [0.5, 0.75, 0.9], calls: ["agent", "judge"], createdAt: "2026-11-24T08:30:00.000Z" });
  writeRun(runs, { id: "mail-2", state: "unfinished", reason: "budget", best: { prompt: "Now \x1b[2J" }, score: null });
  writeRun(runs, { id: "broken-1", files: { "run.json": "{" } });

  it("lists the newest first and tells what is damaged", async () => {
    const { code, stdout, stderr } = await opto(folder, "list");
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual([
      "run       state     reason     iteration  best  calls  cost  started",
      "mail-2    stopped   budget             1                     2026-11-25 08:30",
      "mail-1    finished  completed          2   0.9      2     ?  2026-11-24 08:30",
      "broken-1  damaged   completed          1   0.9               ?",
      "",
    ]);
    expect(stderr).toBe("broken-1: run.json is damaged (1 characters that are not a JSON object)\n");
    const ids = JSON.parse((await opto(folder, "list --json")).stdout).runs.map(({ id }: { readonly id: string }) => id);
    expect(ids).toEqual(["mail-2", "mail-1", "broken-1"]);
  });

  it("shows one run", async () => {
    const { stdout } = await opto(folder, "show mail-1");
    expect(stdout).toContain("scores     ▁▆█\n           0.5 at 0 → 0.9 at 2, best 0.9 at 2");
    expect(stdout).toContain("  prompt: Answer in one word.");
    expect(stdout).toContain("opto apply mail-1");
    const newest = await opto(folder, "show");
    expect(newest.stdout).toContain("resume     opto resume mail-2");
    expect(newest.stdout).toContain("prompt: Now \\x1b[2J");
    expect(JSON.parse((await opto(folder, "show mail-1 --json")).stdout)).toMatchObject({ id: "mail-1", use: { calls: 2 } });
  });

  it("shows the scores on validation data beside those on test data", async () => {
    const place = project();
    const run = writeRun(join(place, ".opto/runs"), { id: "mail-1", scores: [0.5, 0.75] });
    const validated = [0.4, 0.8].map((score, step) => ({ ...scoreEvent(step + 3, step, score), name: "Validation score" }));
    appendFileSync(join(run, "events.jsonl"), lines(validated));
    const { stdout } = await opto(place, "show mail-1");
    expect(stdout).toContain("validation  ▁█\n            0.4 at 0 → 0.8 at 1, best 0.8 at 1");
    expect(stdout).toContain("test        ▁█\n            0.5 at 0 → 0.75 at 1, best 0.75 at 1");
    expect(JSON.parse((await opto(place, "show mail-1 --json")).stdout)).toMatchObject({
      scores: [{ iteration: 0, score: 0.5 }, { score: 0.75 }],
      validationScores: [{ iteration: 0, score: 0.4 }, { score: 0.8 }],
    });
  });

  it.each([
    { args: "diff mail-1", lines: ["--- mail-1@start", "+++ mail-1", "", "prompt", "- Answer.", "+ Answer in one word."] },
    { args: "diff mail-1 mail-2", lines: ["--- mail-1", "+++ mail-2", "", "prompt", "- Answer in one word.", "+ Now \\x1b[2J"] },
    { args: "diff mail-1@start mail-2@start", lines: ["No difference between mail-1@start and mail-2@start"] },
  ])("$args", async ({ args, lines }) => {
    expect((await opto(folder, args)).stdout).toBe(`${lines.join("\n")}\n`);
  });

  it("has colours when they are forced, and none against the wish of NO_COLOR", async () => {
    const green = "\x1b[32m";
    expect((await opto(folder, "diff mail-1", { env: { FORCE_COLOR: "1" } })).stdout).toContain(green);
    expect((await opto(folder, "diff mail-1", { env: { NO_COLOR: "1" } })).stdout).not.toContain(green);
  });

  it("says what there is when it does not find a run", async () => {
    const { code, stderr } = await opto(folder, "show mail-3");
    expect(code).toBe(2);
    expect(stderr).toContain('There is no run "mail-3"');
    expect(stderr).toMatch(/Did you mean "mail-\d"\?/);
    const elsewhere = await opto(folder, "list --run-dir nowhere");
    expect(elsewhere.stdout).toContain("No runs in");
  });

  it("goes on when the reader has seen enough", async () => {
    const shell = `${JSON.stringify(process.execPath)} ${JSON.stringify(cliMain)} list | head -1`;
    expect(await runProcess("bash", ["-c", shell], { cwd: folder })).toMatchObject({ code: 0 });
  });
});

describe("opto apply", () => {
  it("writes what `agent.load` reads, once, and checks it", async () => {
    const folder = project({ "opto.config.ts": evalConfig });
    writeRun(join(folder, ".opto/runs"), { id: "echo-1", best: { prompt: "no" }, score: 0.75 });
    const output = join(folder, "agent.json");
    expect((await opto(folder, "apply --check")).code).toBe(1);
    expect(existsSync(output)).toBe(false);
    const written = await opto(folder, "apply");
    expect(written).toMatchObject({ code: 0, stderr: "" });
    expect(written.stdout).toContain("+ no\n\nWritten: agent.json");
    expect(JSON.parse(readFileSync(output, "utf8"))).toEqual({
      format: "opto-agent",
      version: 1,
      run: "echo-1",
      iteration: 1,
      score: 0.75,
      parameters: { prompt: "no" },
    });
    expect((await opto(folder, "apply --check")).code).toBe(0);
    expect((await opto(folder, "apply")).stdout).toBe("agent.json has the best parameters of echo-1\n");
    writeFileSync(output, readFileSync(output, "utf8").replace('"no"', '"other"'));
    const differs = await opto(folder, "apply --check --json");
    expect(differs.code).toBe(1);
    expect(JSON.parse(differs.stdout)).toMatchObject({
      same: false,
      written: false,
      parameters: [{ path: "prompt", state: "changed", from: "other", to: "no" }],
    });
  });

  it("writes nothing that the agent of the config would not take", async () => {
    const folder = project({ "opto.config.ts": evalConfig });
    const runs = join(folder, ".opto/runs");
    writeRun(runs, { id: "other-1", best: { prompt: "no", temperature: 1 } });
    writeRun(runs, { id: "other-2", best: {} });
    const foreign = await opto(folder, "apply other-1");
    expect(foreign.code).toBe(1);
    expect(foreign.stderr).toContain('there is no parameter "temperature"');
    expect((await opto(folder, "apply other-2")).stderr).toContain("it has no value for prompt");
    expect(existsSync(join(folder, "agent.json"))).toBe(false);
  });

  it("does not write over a file of another kind", async () => {
    const folder = project({ "package.json": '{ "name": "mine" }' });
    writeRun(join(folder, ".opto/runs"), { id: "echo-1" });
    const { code, stderr } = await opto(folder, "apply -o package.json");
    expect(code).toBe(1);
    expect(stderr).toContain("does not hold the parameters of an agent");
    expect(readFileSync(join(folder, "package.json"), "utf8")).toBe('{ "name": "mine" }');
  });
});

describe("opto cache clear", () => {
  it("clears answers of finished runs, keeps their use, and asks before a run would pay twice", async () => {
    const folder = project();
    const runs = join(folder, ".opto/runs");
    writeRun(runs, { id: "done-1", calls: ["agent", "agent"], files: { "rollouts.jsonl": '{"key":"a","content":{}}\n' } });
    const open = writeRun(runs, { id: "open-1", calls: ["agent"], state: "unfinished", reason: "interrupted" });
    expect((await opto(folder, "cache clear")).stdout).toMatch(/^Cleared 2 answers of 1 finished run \(/);
    expect(readFileSync(join(runs, "done-1/calls.jsonl"), "utf8")).not.toContain('"text"');
    expect(JSON.parse((await opto(folder, "show done-1 --json")).stdout).use).toMatchObject({
      calls: 2,
      inputTokens: 200,
      damaged: 0,
    });
    expect(existsSync(join(runs, "done-1/rollouts.jsonl"))).toBe(false);
    const refused = await opto(folder, "cache clear open-1");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("it would pay for them again");
    expect(readFileSync(join(open, "calls.jsonl"), "utf8")).toContain('"text"');
    const forced = await opto(folder, "cache clear open-1 --force --json");
    expect(JSON.parse(forced.stdout)).toMatchObject({ runs: ["open-1"], answers: 1 });
  });
});

describe("opto resume", () => {
  it.each([
    { args: "resume", message: "There is no unfinished run in" },
    { args: "resume echo-1", message: "echo-1 is finished. `opto apply echo-1` writes its best parameters" },
  ])("$args says what there is to continue", async ({ args, message }) => {
    const folder = project({ "opto.config.ts": evalConfig });
    writeRun(join(folder, ".opto/runs"), { id: "echo-1" });
    const { code, stderr } = await opto(folder, args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe("the command line", () => {
  it.each([
    { args: "trian", message: "unknown command 'trian'\n(Did you mean train?)" },
    { args: "train --bugdet 3", message: "unknown option '--bugdet'\n(Did you mean --budget?)" },
    { args: "train --budget none", message: "argument 'none' is invalid. Expected dollars" },
    { args: "train --cache never", message: "Allowed choices are record, replay, off" },
    { args: "eval --threshold high", message: "Expected a number" },
    { args: "train --rollout-timeout 0", message: "Expected seconds, more than 0" },
    { args: "train -j 0", message: "Expected a whole number of at least 1" },
    { args: "show a b", message: "too many arguments" },
    { args: "cache", message: "Usage: opto cache" },
    { args: "", message: "Usage: opto" },
  ])("refuses `opto $args`", async ({ args, message }) => {
    const { code, stdout, stderr } = await opto(project(), args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  it.runIf(process.platform === "linux")(
    "fails when standard output cannot be written, but not when no one reads it",
    async () => {
      const folder = project({ "opto.config.ts": evalConfig });
      const inShell = (command: string) => runProcess("sh", ["-c", command], { cwd: folder, env: withoutModels() });
      const full = await inShell(`'${process.execPath}' '${cliMain}' eval --json > /dev/full`);
      expect(full.code).toBe(1);
      expect(full.stderr).toMatch(/opto: the result is not complete, because standard output could not be written: .*ENOSPC/);
      const unread = await inShell(`{ '${process.execPath}' '${cliMain}' eval --json; echo "code $?" >&2; } | true`);
      expect(unread.stderr).toContain("code 0");
      expect(unread.stderr).not.toContain("standard output");
    },
  );

  it("tells programs of a refusal, too", async () => {
    const { code, stdout } = await opto(project(), "train --json --bugdet 3");
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage", message: expect.stringContaining("--bugdet") } });
    expect(JSON.parse((await opto(project(), "show --json")).stdout)).toMatchObject({ error: { code: "invalid-argument" } });
  });

  it.each(["--help", "train --help", "cache clear --help", "--version"])("answers %s", async (args) => {
    const { code, stdout, stderr } = await opto(project(), args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(args === "--version" ? /^\d+\.\d+\.\d+\n$/ : /^Usage: opto/);
  });
});
