/**
 * Eval files as they are: `--from` with evalite, vitest-evals, and promptfoo, without the runner of any of them.
 *
 * @module
 */
import { readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { CliProjects, opto } from "./support/cli-project.ts";
import { startOpenAIServer } from "./support/openai-server.ts";

// Every program takes seconds to start on a busy machine.
vi.setConfig({ testTimeout: 180_000 });
const projects = new CliProjects();
afterAll(() => projects.remove());

const agent = `import { choices, parameter } from "opto";
const tone = parameter<string>("rude", { domain: choices(["rude", "kind"]), name: "tone" });
export async function answer(question: string) { return tone.value + ": " + question; }
`;
const agentClass = `import { choices, Module, parameter } from "opto";
class Answer extends Module<string, string> {
  tone = parameter<string>("rude", { domain: choices(["rude", "kind"]) });
  length = parameter<string>("short", { domain: choices(["short", "long"]) });
  override forward(question: string) { return this.tone.value + ": " + question; }
}
export const agent = new Answer();
export const answer = (question: string) => agent.call(question);
`;

const rows = '[{ input: "a", expected: "kind: a" }, { input: "b", expected: "kind: b" }]';
const same = "({ output, expected }) => (output === expected ? 1 : 0)";

const evalite = `import { createScorer, evalite } from "evalite";
import { answer } from "./agent";
evalite("Tone", { data: async () => ${rows}, task: (input) => answer(input), scorers: [createScorer({ name: "Same", scorer: ${same} })] });
`;

interface Shape {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly choice?: string;
  readonly parameters: readonly string[];
}

const train = "train --json --quiet --seed 1 --from tone.eval.ts";

describe("opto train --from an eval file", () => {
  it.each<Shape>([
    { name: "evalite, data as a function", files: { "tone.eval.ts": evalite, "agent.ts": agent }, parameters: ["tone"] },
    {
      name: "evalite, data as a list, a scorer object and a function",
      files: {
        "tone.eval.ts": `import { evalite } from "evalite"; import { answer } from "./agent";
          evalite("Tone", { data: ${rows}, task: answer, scorers: [{ name: "Same", scorer: ${same} }, ${same}] });`,
        "agent.ts": agent,
      },
      parameters: ["tone"],
    },
    {
      name: "evalite, a task that calls an exported agent",
      files: { "tone.eval.ts": evalite, "agent.ts": agentClass },
      parameters: ["tone", "length"],
    },
    {
      name: "one variant of evalite.each, whose answer is a stream",
      files: {
        "tone.eval.ts": `import { evalite } from "evalite"; import { answer } from "./agent";
          evalite.skip("Tone, later", { data: [], task: answer, scorers: [] });
          evalite.each([{ name: "one", input: "!" }, { name: "two", input: "?" }])("Tone", {
            data: () => ${rows}, scorers: [${same}],
            task: async function* (input, variant) { yield* (await answer(input)).split(""); if (variant === "?") yield variant; },
          });`,
        "agent.ts": agent,
      },
      choice: "Tone [one]",
      parameters: ["tone"],
    },
    {
      name: "vitest-evals with data, task, and scorers",
      files: {
        "tone.eval.ts": `import { beforeAll, describe } from "vitest"; import { describeEval } from "vitest-evals"; import { answer } from "./agent";
          let rows; beforeAll(() => { rows = [{ input: "a", name: "first", want: "kind: a" }, { input: "b", want: "kind: b" }]; });
          describe("all", () => {
            describeEval("Tone", { data: async () => rows, task: async (input) => ({ result: await answer(input), toolCalls: [] }),
              scorers: [({ output, want }) => ({ score: output === want ? 1 : 0, metadata: { rationale: "want " + want } })] });
          });`,
        "agent.ts": agent,
        "node_modules/vitest-evals/package.json": '{ "name": "vitest-evals", "type": "module", "exports": "./index.js" }',
        "node_modules/vitest-evals/index.js":
          'import { expect, test } from "vitest"; expect.extend({}); export const itself = test.extend("run", 1); export function describeEval() { throw new Error("ran"); }',
      },
      parameters: ["tone"],
    },
    {
      name: "vitest-evals that is not installed",
      files: {
        "tone.eval.ts": `import { describeEval, type ScoreFn } from "vitest-evals"; import { answer } from "./agent";
          const same: ScoreFn = ${same};
          describeEval("Tone", { data: async () => ${rows}, task: async (input) => ({ result: await answer(input), toolCalls: [] }), scorers: [same] });`,
        "agent.ts": agent,
      },
      parameters: ["tone"],
    },
    {
      name: "vitest-evals with a harness, judges, and tests",
      files: {
        "tone.eval.ts": `import { expect } from "vitest"; import { createJudge, describeEval } from "vitest-evals"; import { answer } from "./agent";
          const harness = { name: "answer", run: async (input) => ({ output: await answer(input), session: { events: [] }, usage: {}, errors: [] }) };
          const judge = createJudge("Kind", async ({ output, session }) => ({ score: output.startsWith("kind") && session.events.length === 0 ? 1 : 0 }));
          describeEval("Tone", { harness, judges: [judge] }, (it) => {
            it("a", async ({ run }) => { const { output } = await run("a"); expect(output).toBe("never checked here"); });
            it.for([{ input: "b" }, { input: "c" }])("$input", async ({ input }, { run }) => { await run(input); });
          });`,
        "agent.ts": agent,
        "node_modules/vitest-evals/package.json": '{ "name": "vitest-evals", "type": "module", "exports": "./index.js" }',
        "node_modules/vitest-evals/index.js":
          'import "vitest"; export const createJudge = (name, assess) => ({ name, assess }); export function describeEval() { throw new Error("ran"); }',
      },
      parameters: ["tone"],
    },
  ])("$name", async ({ files, choice, parameters }) => {
    const folder = projects.project(files);
    const args = choice === undefined ? train.split(" ") : [...train.split(" "), "--eval", choice];
    const { code, stdout, stderr } = await opto(folder, args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ best: { score: 1 } });
    const { parameters: trained } = JSON.parse((await opto(folder, "diff --json")).stdout) as { parameters: { path: string }[] };
    expect(trained.map(({ path }) => path)).toEqual(parameters);
  });

  it.each<{ name: string; eval: string; args?: string; message: string }>([
    {
      name: "several evals, none named",
      eval: `${evalite}evalite("Other", { data: [], task: answer, scorers: [] });`,
      message: 'has 2 evals. Choose one with --eval:\n  "Tone"\n  "Other"',
    },
    {
      name: "an eval that is not there",
      eval: evalite,
      args: "--eval Tune",
      message: 'has no eval "Tune". Did you mean "Tone"?',
    },
    {
      name: "a task that reads no parameter",
      eval: evalite.replace("answer(input)", '"kind"'),
      message: "has nothing to train: its task reads no parameter of opto.\nMake its prompt one",
    },
    { name: "no scorers", eval: evalite.replace(/scorers: \[.*\]/, "scorers: []"), message: "Set `guide` in opto.config.ts" },
    { name: "mocks", eval: `import { vi } from "vitest";\nvi.mock("./agent");\n${evalite}`, message: "cannot use `vi.mock`" },
    { name: "no data", eval: evalite.replace(rows, "[]"), message: "to be a list with at least one row, got [] (array of 0)" },
  ])("is refused with what to do and 2: $name", async ({ eval: text, args = "", message }) => {
    const folder = projects.project({ "tone.eval.ts": text, "agent.ts": agent });
    const { code, stdout, stderr } = await opto(folder, `train --from tone.eval.ts ${args}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  it("is scored by `opto eval`, also without parameters, and by a config with `from`", async () => {
    const plain = projects.project({ "tone.eval.ts": evalite.replace("answer(input)", '"kind: " + input'), "agent.ts": agent });
    expect(JSON.parse((await opto(plain, "eval --json --quiet --from tone.eval.ts")).stdout)).toMatchObject({
      mean: 1,
      examples: 2,
    });
    const config = 'import { defineConfig } from "opto"; export default defineConfig({ from: "./tone.eval.ts", numEpochs: 2 });';
    const folder = projects.project({ "tone.eval.ts": evalite, "agent.ts": agent, "opto.config.ts": config });
    expect(JSON.parse((await opto(folder, "train --json --quiet --seed 1")).stdout)).toMatchObject({
      run: "tone-1",
      best: { score: 1 },
    });
    expect(await opto(folder, "apply")).toMatchObject({ code: 0 });
    expect(JSON.parse((await opto(folder, "eval --json --quiet")).stdout)).toMatchObject({ mean: 1, parameters: "agent.json" });
  });
});

describe("opto train --from a promptfoo config", () => {
  const config = `# comments stay
description: Capitals
prompts:
  - "Answer: {{ question }}" # the prompt
providers: [openai:chat:model-1]
defaultTest:
  assert: [{ type: not-contains, value: know, metric: honest }]
tests:
  - vars: { question: [Peru?, Chile?], want: a }
    assert: [{ type: icontains, value: "{{want}}" }]
  - file://tests.csv
`;
  const tests = 'question,__expected,__expected2\nEcuador?,Quito,"regex: ^Q"\n';

  it("trains its prompt without promptfoo, and writes it back into the config", async () => {
    const answers: Readonly<Record<string, string>> = { "Peru?": "Lima", "Chile?": "Santiago", "Ecuador?": "Quito" };
    await using server = await startOpenAIServer(({ prompt }) => {
      if (prompt.includes("# Variables")) return '<variable name="prompt">In one word: {{ question }}</variable>';
      const [, question = ""] = /^In one word: (.*)$/.exec(prompt) ?? [];
      return answers[question] ?? "I do not know";
    });
    const folder = projects.project({ "promptfooconfig.yaml": config, "tests.csv": tests });
    symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    const env = { OPENAI_BASE_URL: server.baseUrl, OPTO_MODEL: "openai/model-1", OPENAI_API_KEY: "unused" };
    const { code, stdout, stderr } = await opto(folder, "train --json --quiet --seed 1 --from promptfooconfig.yaml", { env });
    expect({ code, stderr: stderr.replace(/AI SDK.*\n/g, "") }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ run: "capitals-1", score: { before: 0, after: 1 } });
    expect(await opto(folder, "apply --from promptfooconfig.yaml", { env })).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, "promptfooconfig.yaml"), "utf8")).toBe(config.replace("Answer: {{", "In one word: {{"));
  });

  it.each<{ name: string; text: string; message: string }>([
    {
      name: "an assertion that needs promptfoo",
      text: config.replace("icontains", "llm-rubric"),
      message: "Run: npm install promptfoo",
    },
    {
      name: "several prompts",
      text: config.replace("providers", "  - label: short\n    raw: Hi {{question}}\nproviders"),
      message: 'has 2 prompts. Choose one with --eval:\n  "Answer: {{ question }}"\n  "short"',
    },
    {
      name: "a template with code",
      text: config.replace("{{ question }}", "{{ question | upper }}"),
      message: "that only promptfoo can evaluate",
    },
    {
      name: "a provider that is a program",
      text: config.replace("openai:chat:model-1", "file://agent.py"),
      message: 'The provider "file://agent.py"',
    },
    {
      name: "no tests",
      text: config.replace(/tests:[\s\S]*/, ""),
      message: "Expected `tests` of a promptfoo config to be a list or a file",
    },
    { name: "scenarios", text: `${config}scenarios: []\n`, message: "`scenarios` of a promptfoo config are not supported" },
  ])("is refused with what to do and 2: $name", async ({ text, message }) => {
    const folder = projects.project({ "promptfooconfig.yaml": text, "tests.csv": tests });
    const { code, stdout, stderr } = await opto(folder, "train --quiet --from promptfooconfig.yaml");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

it("what else is imported from vitest-evals needs the package, which the message says how to install", async () => {
  const folder = projects.project({
    "tone.eval.ts": `import { createJudge, describeEval } from "vitest-evals"; import { answer } from "./agent";
      describeEval("Tone", { data: async () => ${rows}, task: answer, scorers: [createJudge("Same", ${same})] });`,
    "agent.ts": agent,
  });
  const { code, stdout } = await opto(folder, train);
  expect(code).not.toBe(0);
  expect(JSON.parse(stdout).error.message).toContain(
    '`createJudge` in tone.eval.ts needs the package "vitest-evals", which is not installed. Run: npm install vitest-evals',
  );
});
