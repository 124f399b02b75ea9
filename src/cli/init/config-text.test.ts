/**
 * What `opto init` writes for the parts that were chosen.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import type { ChosenParts } from "./choose-parts.ts";
import { configText } from "./config-text.ts";

describe("the config", () => {
  const columns = { input: "input", info: ["expected"], isText: true, isShort: true };
  const file = { kind: "file", file: "data.jsonl", columns } as const;
  const source = { file: "src/a.ts", name: "generate", kind: "instance" } as const;

  it.each<{ name: string; parts: ChosenParts; model?: string; lines: readonly string[] }>([
    {
      name: "an instance whose name opto has, too",
      parts: { agent: { kind: "export", source, prompts: [] }, data: file, scorer: { kind: "exact" } },
      lines: [
        'import { generate as own_generate } from "./src/a.ts";',
        '  name: "generate",',
        "  agent: own_generate,",
        '  trainDataset: () => loadDataset("data.jsonl"),',
      ],
    },
    {
      name: "a class, a judge, and a model",
      parts: {
        agent: { kind: "export", source: { ...source, name: "MailFilter", kind: "class" }, prompts: [] },
        data: file,
        scorer: { kind: "judge" },
      },
      model: "openai/m",
      lines: [
        '  name: "mail-filter",',
        "  agent: () => new MailFilter(),",
        '  guide: new LLMJudge({ model: "openai/m" }),',
        '  optimizer: (agent) => new OptoPrime(agent, { model: "openai/m" }),',
      ],
    },
    {
      name: "a function with two prompts, and a scorer file",
      parts: {
        agent: { kind: "export", source: { ...source, name: "answer", kind: "function" }, prompts: ["p/first-one.md", "p/2.md"] },
        data: { ...file, columns: { ...columns, info: [] } },
        scorer: { kind: "file", file: "s.ts", name: "default", takes: "guide" },
      },
      lines: [
        '  agent: () => fromFunction(answer, { firstOne: promptFile("p/first-one.md"), prompt2: promptFile("p/2.md") }),',
        '  trainDataset: () => loadDataset("data.jsonl", { info: null }),',
        'import { default as own } from "./s.ts";',
        "  guide: own,",
      ],
    },
    {
      name: "an agent and a scorer that are default exports",
      parts: {
        agent: {
          kind: "export",
          source: { file: "src/support.ts", name: "default", kind: "function" },
          prompts: ["prompts/a.md"],
        },
        data: file,
        scorer: { kind: "file", file: "s.ts", name: "default", takes: "example" },
      },
      lines: [
        'import { default as ownAgent } from "./src/support.ts";',
        'import { default as own } from "./s.ts";',
        '  name: "support",',
        '  agent: () => fromFunction(ownAgent, { prompt: promptFile("prompts/a.md") }),',
        "  guide: fromScorer(own),",
      ],
    },
    ...(
      [
        [["answer", "info"], "  guide: (_question, answer, info) => score(answer, info),"],
        [["info", "answer"], "  guide: (_question, answer, info) => score(info, answer),"],
        [["answer", "question"], "  guide: (question, answer) => score(answer, question),"],
      ] as const
    ).map(([takes, line]) => ({
      name: `a scorer that takes ${takes.join(" and ")}`,
      parts: {
        agent: { kind: "export", source, prompts: [] },
        data: file,
        scorer: { kind: "file", file: "s.ts", name: "score", takes },
      } as const,
      lines: ['import { score } from "./s.ts";', line],
    })),
    {
      name: "a function with prompts of the same name",
      parts: {
        agent: {
          kind: "export",
          source: { ...source, name: "answer", kind: "function" },
          prompts: ["prompts/a/system.md", "prompts/b/system.md", "prompts/b/system.txt", "prompts/other.md"],
        },
        data: file,
        scorer: { kind: "exact" },
      },
      lines: [
        '  agent: () => fromFunction(answer, { promptsASystem: promptFile("prompts/a/system.md"), promptsBSystem: promptFile("prompts/b/system.md"), promptsBSystem2: promptFile("prompts/b/system.txt"), other: promptFile("prompts/other.md") }),',
      ],
    },
    {
      name: "an eval file",
      parts: { agent: { kind: "eval", file: "a.eval.ts" }, data: { kind: "eval", file: "a.eval.ts" }, scorer: { kind: "eval" } },
      lines: ['import { defineConfig } from "opto";', '  from: "./a.eval.ts",'],
    },
    {
      name: "an own scorer, columns, and inputs that are no texts",
      parts: {
        agent: { kind: "prompt", file: "a.md" },
        data: { ...file, columns: { input: "mail", info: ["a", "b"], isText: false, isShort: true } },
        scorer: { kind: "own" },
      },
      lines: [
        '  trainDataset: () => loadDataset("data.jsonl", { input: "mail", info: ["a", "b"] }),',
        expect.stringContaining('  guide: (question, answer, info) => (answer === info ? [1, "right"]'),
      ],
    },
  ])("$name", ({ parts, model, lines }) => {
    expect(configText(parts, { model, folderUp: "./" }).split("\n")).toEqual(expect.arrayContaining([...lines]));
  });
});
