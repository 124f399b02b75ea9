/**
 * What the program says of a wrong set-up, with which code it ends, and that nothing is left of it.
 *
 * @module
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { writeRun } from "../src/cli/__fixtures__/run-fixture.ts";
import { CliProjects, nobody, opto, runsAsNobody } from "./support/cli-project.ts";
import { startOpenAIServer } from "./support/openai-server.ts";

// Every program takes seconds to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });
const projects = new CliProjects();
afterAll(() => projects.remove());

const agent = `import { defineConfig, Module, parameter } from "opto";
class Echo extends Module<string, string> {
  prompt = parameter("yes");
  override forward(_question: string): string { return this.prompt.value; }
}
`;
const rows = `trainDataset: [{ input: "a", info: "yes" }, { input: "b", info: "no" }]`;
const echoConfig = `${agent}export default defineConfig({ agent: () => new Echo(), ${rows}, guide: "exactMatch" });\n`;
const agentFile = (parameters: object): string => JSON.stringify({ format: "opto-agent", version: 1, parameters });

describe("a part of the config that cannot work", () => {
  it.each<{ name: string; part: string; message: string }>([
    { name: "a class as agent", part: "agent: Echo", message: "got class Echo. Pass an instance of it: new Echo()" },
    {
      name: "a function that gives the class",
      part: "agent: () => Echo",
      message: "got class Echo. Pass an instance of it: new Echo()",
    },
    {
      name: "an object as agent",
      part: "agent: { forward: () => 1 } as never",
      message: "An agent is an instance of a class that extends Module",
    },
    {
      name: "a class as guide",
      part: "agent: () => new Echo(), guide: class Judge extends Guide { getFeedback() { return { score: 1, feedback: '' }; } } as never",
      message: "got class Judge. Pass an instance of it: new Judge()",
    },
    {
      name: "a class as optimizer",
      part: "agent: () => new Echo(), optimizer: class Other {} as never",
      message: "Expected `optimizer` to be an optimizer",
    },
  ])("is refused with what to write and 2: $name", async ({ part, message }) => {
    const text = `${agent}import { Guide } from "opto/guides"; void Guide;
      export default { guide: "exactMatch", optimizer: "OptoPrime", ${rows}, ${part} };`;
    const folder = projects.project({ "opto.config.ts": text });
    const { code, stdout, stderr } = await opto(folder, "train", { env: { OPTO_MODEL: "openai/x" } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(existsSync(join(folder, ".opto"))).toBe(false);
  });
});

describe("a provider's key without OPTO_MODEL", () => {
  const config = (part: string): string => `import { appendFileSync } from "node:fs";
    import { choices, defineConfig, model, parameter } from "opto";
    const agent = model({ word: parameter("a", { name: "word"${part} }) }, ({ word }) => { appendFileSync("calls", "x"); return word.value; });
    export default defineConfig({ name: "word", agent, trainDataset: [{ input: "q", info: "a" }], guide: "exactMatch", numEpochs: 1 });`;

  it("is spent on nothing where TPE does the work", async () => {
    const folder = projects.project({ "opto.config.ts": config(', domain: choices(["a", "b"])') });
    expect(await opto(folder, "train --quiet", { env: { OPENAI_API_KEY: "unused" } })).toMatchObject({ code: 0, stderr: "" });
  });

  it("names the missing package of its provider before the agent runs, and leaves no run", async () => {
    const folder = projects.project({ "opto.config.ts": config("") });
    const { code, stderr } = await opto(folder, "train", { env: { MISTRAL_API_KEY: "unused" } });
    expect(code).toBe(2);
    expect(stderr).toContain('The model "mistral/mistral-small-latest" needs the package "@ai-sdk/mistral"');
    expect(existsSync(join(folder, "calls"))).toBe(false);
    expect(JSON.parse((await opto(folder, "list --json")).stdout).runs).toEqual([]);
  });

  it("of your own server asks for OPTO_MODEL, and takes it", async () => {
    await using server = await startOpenAIServer(() => "<word>b</word>");
    const folder = projects.project({ "opto.config.ts": config("") });
    const env = { OPENAI_API_KEY: "unused", OPENAI_BASE_URL: server.baseUrl };
    const { code, stderr } = await opto(folder, "train", { env });
    expect(code).toBe(2);
    expect(stderr).toContain('set OPTO_MODEL to "provider/model"');
    expect(server.requests).toEqual([]);
  });
});

describe("a set-up that fails after the run has begun", () => {
  it("leaves no run, and the agent's own failure does", async () => {
    const config = (body: string): string => `import { defineConfig, generate, model, parameter } from "opto";
      const agent = model({ word: parameter("a", { name: "word" }) }, async ({ word }) => { ${body} });
      export default defineConfig({ name: "word", agent, trainDataset: [{ input: "q", info: "a" }], guide: (_question) => { throw new Error("no"); }, optimizer: "OptoPrime" });`;
    const env = { OPTO_MODEL: "openai/x", OPENAI_API_KEY: "unused" };
    const wrong = projects.project({ "opto.config.ts": config('return generate({ model: "nobody/x", prompt: word });') });
    const { code, stderr } = await opto(wrong, "train --quiet", { env });
    expect(code).toBe(2);
    expect(stderr).toContain("npm install @ai-sdk/nobody");
    expect(readdirSync(join(wrong, ".opto/runs"))).toEqual([]);
    const failing = projects.project({ "opto.config.ts": config("return word.value;") });
    expect((await opto(failing, "train --quiet", { env })).code).toBe(1);
    expect(readdirSync(join(failing, ".opto/runs"))).toEqual(["word-1"]);
  });
});

describe("TypeScript that Node does not read", () => {
  const withPaths = (paths: object): string => JSON.stringify({ compilerOptions: { paths } });
  const config = (specifier: string): string =>
    `import { prompt } from "${specifier}";\n${agent.replace('parameter("yes")', "parameter<string>(prompt)")}
      export default defineConfig({ agent: () => new Echo(), ${rows}, guide: "exactMatch" });`;
  const yes = 'export const prompt: string = "yes";';

  it.each<{ name: string; files: Readonly<Record<string, string>> }>([
    {
      name: "paths with a star",
      files: {
        "tsconfig.json": `// Next.js\n${withPaths({ "@/*": ["./src/*"] })}`,
        "src/lib.ts": yes,
        "opto.config.ts": config("@/lib"),
      },
    },
    {
      name: "a folder and a file named as JavaScript",
      files: {
        "tsconfig.json": withPaths({ "~/*": ["./src/*"] }),
        "src/lib/index.ts": 'export { prompt } from "~/words.js";',
        "src/words.ts": yes,
        "opto.config.ts": config("~/lib"),
      },
    },
    {
      name: "baseUrl, inherited from another tsconfig",
      files: {
        "base/tsconfig.json": JSON.stringify({ compilerOptions: { baseUrl: "../src" } }),
        "tsconfig.json": '{ "extends": "./base/tsconfig.json" }',
        "src/deep/lib.ts": yes,
        "opto.config.ts": config("deep/lib"),
      },
    },
    {
      name: "a project that the tsconfig refers to",
      files: {
        "tsconfig.json": '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
        "tsconfig.app.json": withPaths({ "@app/lib": ["./src/lib.ts"] }),
        "src/lib.ts": yes,
        "opto.config.ts": config("@app/lib"),
      },
    },
    {
      name: "a jsconfig",
      files: {
        "jsconfig.json": withPaths({ "@/*": ["./src/*"] }),
        "src/lib.js": 'export const prompt = "yes";',
        "opto.config.ts": config("@/lib"),
      },
    },
  ])("is found by $name", async ({ files }) => {
    const { code, stdout, stderr } = await opto(projects.project(files), "eval --quiet");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("Score on trainDataset: 0.5");
  });

  it("is looked for beside packages and built-ins, which keep their names", async () => {
    const files = {
      "tsconfig.json": withPaths({ "*": ["./types/*"] }),
      "types/path.ts": 'throw new Error("not the built-in");',
      "node_modules/lib/package.json": '{ "name": "lib", "type": "module", "exports": "./index.js" }',
      "node_modules/lib/index.js": 'import "path"; export const prompt = "yes";',
      "opto.config.ts": `import "path";\n${config("lib")}`,
    };
    expect((await opto(projects.project(files), "eval --quiet")).stdout).toContain("Score on trainDataset: 0.5");
  });

  it("does without a tsconfig that cannot be read, and says so", async () => {
    const folder = projects.project({
      "tsconfig.json": '{ "extends": "./gone.json" }',
      "src/lib.ts": yes,
      "opto.config.ts": config("lib"),
    });
    const { code, stderr } = await opto(folder, "eval --quiet", { isAlone: true });
    expect(code).toBe(2);
    expect(stderr).toMatch(/A tsconfig above .*opto\.config\.ts cannot be read, so its `paths` are not used: .*gone\.json/);
    expect(stderr).toContain("Cannot find package 'lib'");
  });

  it("has its decorators refused with their place and the way out, which works", async () => {
    const text = `import { defineConfig, Module, parameter } from "opto";
// An @ in a comment and in "@texts" is none.
const tagged = (_target: unknown, _context: unknown): void => {};
class Plain {
  @tagged name = "@";
}
void Plain;
${echoConfig.split("\n").slice(1).join("\n")}`;
    const folder = projects.project({ "opto.config.ts": text, "package.json": '{ "type": "module" }' });
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(resolve("."), join(folder, "node_modules/opto"));
    const { code, stdout, stderr } = await opto(folder, "eval");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/opto\.config\.ts:5:3: .*without compiling decorators\. Start it with tsx.*: npx tsx .*cli\/main\.js/);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    const tsx = resolve("node_modules/tsx/dist/cli.mjs");
    expect(await opto(folder, "eval --quiet", { loader: tsx })).toMatchObject({ code: 0, stderr: "" });
  });

  it("has a syntax error of JavaScript told with its place", async () => {
    const folder = projects.project({
      "bad.cjs": "const a = 1;\nconst b = = 2;\n",
      "opto.config.ts": `import "./bad.cjs";\n${echoConfig}`,
    });
    const { code, stderr } = await opto(folder, "eval", { isAlone: true });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^opto: SyntaxError: Unexpected token '='\n {4}at .*bad\.cjs:2\n$/);
  });

  it("has JSON imported without its attribute refused with what to write, which works", async () => {
    const config = (attribute: string): string => `import rows from "./rows.json"${attribute};\n${agent}
      export default defineConfig({ agent: () => new Echo(), trainDataset: rows, guide: "exactMatch" });`;
    const files = { "rows.json": '[{ "input": "a", "info": "yes" }]' };
    const { code, stderr } = await opto(projects.project({ ...files, "opto.config.ts": config("") }), "eval");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /rows\.json" needs an import attribute of "?type.* Write: import data from ".\/file\.json" with \{ type: "json" \}\n$/,
    );
    const better = projects.project({ ...files, "opto.config.ts": config(' with { type: "json" }') });
    expect((await opto(better, "eval --quiet")).code).toBe(0);
  });
});

describe("opto apply", () => {
  function withRun(): string {
    const folder = projects.project({ "opto.config.ts": echoConfig });
    writeRun(join(folder, ".opto/runs"), { id: "echo-1", best: { prompt: "no" } });
    return folder;
  }

  it.runIf(runsAsNobody())("says what to do about a folder that may not be written", async () => {
    const folder = withRun();
    const { code, stdout, stderr } = await opto(folder, "apply", { uid: nobody });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      `opto: Could not write ${join(folder, "agent.json")}: permission was denied. Make it writable, or write to another file with --output\n`,
    );
  });

  it.each([
    {
      args: "apply -o opto.config.ts/agent.json",
      message: "a part of the path is a file. Remove it, or write to another file with --output",
    },
    { args: "apply -o C:\\x\\agent.json", message: "Expected --output to be a path of this system" },
    { args: "apply --run-dir C:\\runs\\opto", message: "Expected --run-dir to be a path of this system" },
    { args: "list --run-dir runs\\opto", message: "which is a Windows path. Separate folders with /" },
    { args: "train --run-dir C:\\runs\\opto", message: "Expected `--run-dir` to be a path of this system" },
  ])("and others refuse `opto $args` with 2", async ({ args, message }) => {
    const folder = withRun();
    const { code, stdout, stderr } = await opto(folder, args, { env: { OPTO_MODEL: "openai/x", OPENAI_API_KEY: "unused" } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(readdirSync(folder).sort()).toEqual([".opto", "opto.config.ts"]);
  });
});

describe("opto eval", () => {
  const config = (more = ""): string => echoConfig.replace('guide: "exactMatch"', `guide: "exactMatch"${more}`);

  it("scores what was applied, says so, and says how to score the agent as the config defines it", async () => {
    const folder = projects.project({ "opto.config.ts": config() });
    writeRun(join(folder, ".opto/runs"), { id: "echo-1", start: { prompt: "yes" }, best: { prompt: "neither" } });
    const before = await opto(folder, "eval");
    expect(before.stdout).toContain("Score on trainDataset: 0.5");
    expect((await opto(folder, "apply")).code).toBe(0);
    const { stdout } = await opto(folder, "eval");
    expect(stdout).toContain("Score on trainDataset with the parameters of agent.json: 0 ");
    expect(stdout).toContain("opto eval --start scores the agent as the config defines it");
    expect((await opto(folder, "eval --quiet --start")).stdout).toBe("Score on trainDataset: 0.5 (2 examples)\n");
    expect((await opto(folder, "eval --quiet echo-1@start")).stdout).toContain("with the parameters of echo-1@start: 0.5");
    expect(JSON.parse((await opto(folder, "eval --json")).stdout)).toMatchObject({ parameters: "agent.json", mean: 0 });
    expect(JSON.parse((await opto(folder, "eval --json --start")).stdout)).toMatchObject({ parameters: null, mean: 0.5 });
  });

  it("takes the file of `output`, and leaves a file of another kind by the default name alone", async () => {
    const named = projects.project({
      "opto.config.ts": config(', output: "best/echo.json"'),
      "best/echo.json": agentFile({ prompt: "neither" }),
    });
    expect((await opto(named, "eval --quiet")).stdout).toContain("with the parameters of best/echo.json: 0 ");
    const foreign = projects.project({ "opto.config.ts": config(), "agent.json": '{ "name": "somebody" }' });
    expect((await opto(foreign, "eval --quiet")).stdout).toContain("Score on trainDataset: 0.5");
    const unreadable = projects.project({ "opto.config.ts": config(', output: "echo.json"'), "echo.json": "{" });
    expect((await opto(unreadable, "eval --quiet")).stderr).toContain("echo.json is not complete JSON");
  });

  it("says what to do about applied parameters that do not fit any more", async () => {
    const folder = projects.project({ "opto.config.ts": config(), "agent.json": agentFile({ tone: "polite" }) });
    const { code, stderr } = await opto(folder, "eval");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /agent\.json does not fit the agent: .*"tone".*`opto eval --start` scores the agent as the config defines it/,
    );
  });
});

describe("messages of a run that cannot be continued", () => {
  const config = (numEpochs: number, more = ""): string => `import { choices, defineConfig, model, parameter } from "opto";
    const agent = model({ word: parameter("a", { name: "word", domain: choices(["a", "b"]) }) }, async ({ word }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return word.value;
    });
    export default defineConfig({
      name: "word", agent, trainDataset: [{ input: "q", info: "a" }, { input: "r", info: "b" }], guide: "exactMatch",
      optimizer: "TPE", numEpochs: ${numEpochs}, ${more} });`;

  it("name the flag, and end with 2 because nothing was done", async () => {
    const folder = projects.project({ "opto.config.ts": config(3, "budget: { rollouts: 5 },") });
    expect((await opto(folder, "train --quiet")).code).toBe(3);
    writeFileSync(join(folder, "opto.config.ts"), config(3, "seed: 7,"));
    const { code, stdout, stderr } = await opto(folder, "train --seed 9");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Undo the change, or start a new run with `--no-resume`");
    expect((await opto(folder, "train --quiet --seed 9 --no-resume")).code).toBe(0);
  });

  it("name the flag where a run is in use", async () => {
    const folder = projects.project({ "opto.config.ts": config(3, "budget: { rollouts: 5 },") });
    expect((await opto(folder, "train --quiet")).code).toBe(3);
    const lock = { pid: process.pid, host: (await import("node:os")).hostname(), startedAt: new Date().toISOString() };
    writeFileSync(join(folder, ".opto/runs/word-1/lock.json"), JSON.stringify(lock));
    const { code, stderr } = await opto(folder, "train");
    expect(code).toBe(2);
    expect(stderr).toMatch(/is in use by process \d+.*use another `name` in the config or `--no-resume`/);
    expect(stderr).not.toContain("resume: false");
  });

  it("name the flag of a cap that is spent", async () => {
    const text = `import { defineConfig, generate, model, parameter } from "opto";
      import { scriptedModel } from "opto/testing";
      const llm = scriptedModel("a");
      const agent = model({ word: parameter("a", { name: "word" }) }, async ({ word }) => generate({ model: llm, prompt: word }));
      export default defineConfig({ name: "word", agent, trainDataset: [{ input: "q", info: "a" }, { input: "r", info: "b" }],
        guide: "exactMatch", optimizer: "OptoPrime" });`;
    const folder = projects.project({ "opto.config.ts": text });
    const env = { OPTO_MODEL: "openai/x", OPENAI_API_KEY: "unused" };
    const { code, stdout } = await opto(folder, "train --max-calls 1", { env });
    expect(code).toBe(3);
    expect(stdout).toContain("Raise `--max-calls` to continue");
    expect(stdout).not.toContain("budget.calls");
  });

  it.runIf(runsAsNobody())("name the flag of a folder that may not be written, with 2", async () => {
    const folder = projects.project({ "opto.config.ts": config(1) });
    chmodSync(folder, 0o555);
    const { code, stderr } = await opto(folder, "train", { uid: nobody });
    expect(code).toBe(2);
    expect(stderr).toMatch(/permission was denied\. Make it writable, or use another folder with `--run-dir`/);
  });
});

describe("exit codes", () => {
  it("are documented as the program and its help say them", async () => {
    const table = readFileSync("docs/cli.md", "utf8");
    const { stdout } = await opto(projects.project({}), "--help");
    for (const code of [0, 1, 2, 3, 130]) {
      expect(table).toMatch(new RegExp(`^\\| ${code} \\| \\S`, "m"));
      expect(stdout).toMatch(new RegExp(`Exit codes: .*\\b${code} [a-z]`));
    }
  });
});
