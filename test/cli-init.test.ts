/**
 * `opto init` without a terminal: what it writes for what a folder has, and that it works.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { CliProjects, opto } from "./support/cli-project.ts";

// Every program takes seconds to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });
const projects = new CliProjects();
afterAll(() => projects.remove());

const agent = `import { choices, Module, parameter } from "opto";
export class Echo extends Module<string, string> {
  word = parameter<string>("no", { domain: choices(["no", "yes"]) });
  override forward() { return this.word.value; }
}
`;
const rows = '{"question":"a","answer":"yes"}\n{"question":"b","answer":"yes"}\n';
const evals = `import { evalite } from "evalite";
import { Echo } from "./agent";
const echo = new Echo();
evalite("Yes", { data: [{ input: "a", expected: "yes" }], task: (input) => echo.call(input), scorers: [({ output, expected }) => output === expected ? 1 : 0] });
`;
const ai = 'import { generateText } from "ai";\nexport async function answer(question: string) { return ""; }\n';

describe("opto init without a terminal", () => {
  it.each<{ name: string; files: Readonly<Record<string, string>>; args?: string; lines: readonly string[]; score: number }>([
    {
      name: "an agent and data",
      files: { "agent.ts": agent, "data.jsonl": rows },
      lines: [
        "agent: () => new Echo(),",
        'loadDataset("data.jsonl", { input: "question", info: "answer" })',
        "guide: exactMatch(),",
      ],
      score: 1,
    },
    {
      name: "an eval file",
      files: { "agent.ts": agent, "yes.eval.ts": evals },
      args: "--agent yes.eval.ts",
      lines: ['from: "./yes.eval.ts",'],
      score: 1,
    },
    {
      name: "flags, with the config in another folder",
      files: { "src/agent.ts": agent, "data.jsonl": rows },
      args: "--agent src/agent.ts#Echo --data data.jsonl --scorer contains -c conf/opto.config.ts",
      lines: ['import { Echo } from "../src/agent.ts";', "guide: contains({ ignoreCase: true }),"],
      score: 1,
    },
  ])("writes a config that trains: $name", async ({ files, args = "", lines, score }) => {
    const folder = projects.project(files);
    const { code, stdout, stderr } = await opto(folder, `init --json ${args}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { written, problem } = JSON.parse(stdout) as { written: string; problem: string | null };
    expect(problem).toBe(null);
    const text = readFileSync(written, "utf8");
    for (const line of lines) expect(text).toContain(line);
    const trained = await opto(folder, `train --json --quiet --seed 1 -c ${written}`);
    expect(JSON.parse(trained.stdout)).toMatchObject({ best: { score } });
  });

  it("says what is not set up yet, and writes the config", async () => {
    const folder = projects.project({ "prompts/a.md": "Answer.\n", "data.jsonl": rows });
    const { code, stdout } = await opto(folder, "init --yes");
    expect(code).toBe(0);
    expect(stdout).toContain(
      "Before it trains: No optimizer can be chosen, because no model is set and no parameter has a `domain`. For OptoPrime, set OPTO_MODEL",
    );
    expect(readFileSync(join(folder, "opto.config.ts"), "utf8")).toContain('model({ prompt: promptFile("prompts/a.md") }');
  });

  it.each([
    { name: "a file that is not there", args: "--data none.csv --agent agent.ts", message: "Expected examples at none.csv" },
    {
      name: "a function whose prompt is not in a file",
      args: "--agent src/ai.ts --data data.jsonl",
      message: "No prompt of src/ai.ts was found",
    },
    {
      name: "no data",
      args: "--agent agent.ts",
      message: 'Nothing here answers "Which data?". Pass --data',
      without: "data.jsonl",
    },
  ])("refuses with what to do and 2, and writes nothing: $name", async ({ args, message, without }) => {
    const files = { "agent.ts": agent, "src/ai.ts": ai, "data.jsonl": rows };
    const folder = projects.project(Object.fromEntries(Object.entries(files).filter(([name]) => name !== without)));
    const { code, stderr } = await opto(folder, `init --yes ${args}`);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(existsSync(join(folder, "opto.config.ts"))).toBe(false);
  });
});
