/**
 * What `opto init` finds in a folder, and asks.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { converse, takeFirst } from "./ask.ts";
import { type ChosenParts, chooseParts, type ScorerArguments } from "./choose-parts.ts";
import { lookAround, promptsNamedIn, readColumns } from "./look-around.ts";

const root = mkdtempSync(join(tmpdir(), "opto-init-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String(count++));
  for (const [name, text] of Object.entries({ ".keep": "", ...files })) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return folder;
}

const usesAi = 'import { generateText } from "ai";\n';
const usesOpto = 'import { Module, parameter } from "opto";\n';

describe("what a folder has", () => {
  it.each<{ name: string; files: Record<string, string>; found: object }>([
    {
      name: "functions that use the AI SDK, and no others",
      files: {
        "src/a.ts": `${usesAi}export async function answer(q: string) {}\nexport const ask = async (q: string): Promise<string> => q;\nexport const limit = 3;`,
        "src/b.ts": "export function helper() {}",
        "src/a.test.ts": `${usesAi}export function mock() {}`,
      },
      found: { agents: ["answer function src/a.ts", "ask function src/a.ts"] },
    },
    {
      name: "functions however they are exported",
      files: {
        "a.ts": `${usesAi}export const ask = async (\n  q: string,\n): Promise<string> => q;\nexport const typed: (q: string) => Promise<string> = async (q) => q;\nexport default async function (q: string) {}`,
        "b.ts": `${usesAi}async function answer(q: string) {}\nconst limit = 3;\nexport { answer as reply, limit };`,
        "c.ts": `${usesAi}let last: string\nconst answer = async (q: string) => q;\nexport default answer;`,
      },
      found: {
        agents: [
          "ask function a.ts",
          "typed function a.ts",
          "default function a.ts",
          "reply function b.ts",
          "default function c.ts",
        ],
      },
    },
    {
      name: "functions of CommonJS modules",
      files: {
        "a.cjs": `const { generateText } = require("ai");\nasync function answer(q) {}\nconst limit = 3;\nmodule.exports = { answer, reply: answer, limit };`,
        "b.js": `const { generateText } = require("ai");\nconst ask = async (q) => q;\nexports.ask = ask;\nmodule.exports.tell = async function (q) {};\nexports.limit = 3;`,
        "c.js": `const ai = await import("ai");\nmodule.exports = async (q) => q;`,
        "d.js": "module.exports = { helper };\nfunction helper() {}",
      },
      found: {
        agents: [
          "answer function a.cjs",
          "reply function a.cjs",
          "ask function b.js",
          "tell function b.js",
          "default function c.js",
        ],
      },
    },
    {
      name: "modules and parameters of opto",
      files: {
        "a.ts": `${usesOpto}export class Support extends Module<string, string> {\n}\nexport const agent = new Support();\nexport const words = parameter(["a"]);\nexport class Other {}`,
      },
      found: { agents: ["Support class a.ts", "agent instance a.ts", "words instance a.ts"] },
    },
    {
      name: "scorers by their names",
      files: {
        "score.ts": "export const exact = ({ output }) => 1;",
        "src/x.ts": `${usesAi}export function judgeAnswer(a: string) {}`,
      },
      found: { scorers: ["exact function score.ts", "judgeAnswer function src/x.ts"], agents: [] },
    },
    {
      name: "prompts, data, and eval files, outside packages and what is built",
      files: {
        "prompts/a.md": "",
        "support.prompt": "",
        "src/system-prompt.txt": "",
        "README.md": "",
        "data/rows.json": "[]",
        "package.json": "{}",
        "mails.csv": "",
        "evals/a.eval.ts": "",
        "promptfooconfig.yaml": "",
        "node_modules/x/prompts/b.md": "",
        "dist/rows.jsonl": "",
        ".cache/rows.jsonl": "",
      },
      found: {
        prompts: ["support.prompt", "prompts/a.md", "src/system-prompt.txt"],
        datasets: ["mails.csv", "data/rows.json"],
        evals: ["promptfooconfig.yaml", "evals/a.eval.ts"],
      },
    },
  ])("$name", ({ files, found }) => {
    const { agents, scorers, ...others } = lookAround(folderWith(files));
    const named = (list: typeof agents): string[] => list.map(({ name, kind, file }) => `${name} ${kind} ${file}`);
    expect({ agents: named(agents), scorers: named(scorers), ...others }).toMatchObject(found);
  });

  it("has the prompt files that a source names, from its own folder or the project's", () => {
    const folder = folderWith({
      "src/a.ts":
        'read("../prompts/a.md"); read(`prompts/b.txt`); read("missing.md"); read("https://x/c.md"); read("docs/data.md");',
      "docs/data.md": "",
      "prompts/a.md": "",
      "prompts/b.txt": "",
    });
    expect(promptsNamedIn(folder, "src/a.ts")).toEqual(["prompts/a.md", "prompts/b.txt"]);
  });
});

describe("the columns of a data file", () => {
  it.each([
    {
      file: "a.jsonl",
      text: '{"id":1,"Question":"q","answer":"a"}\n',
      columns: { input: "Question", info: ["answer"], isText: true, isShort: true },
    },
    { file: "a.csv", text: "mail,label\nhello,spam\n", columns: { input: "mail", info: ["label"] } },
    {
      file: "a.jsonl",
      text: '{"input":{"a":1},"expected":"long text that goes on for more than forty characters"}\n',
      columns: { isText: false, isShort: false },
    },
    {
      file: "a.csv",
      text: "subject,body,team,urgency\na,b,c,d\n",
      columns: { input: "subject", info: ["body", "team", "urgency"] },
    },
    { file: "a.jsonl", text: '{"text":"only"}\n', columns: { input: "text", info: [] } },
  ])("$text", async ({ file, text, columns }) => {
    expect(await readColumns(join(folderWith({ [file]: text }), file))).toMatchObject(columns);
  });

  it("refuses a file without rows", async () => {
    await expect(readColumns(join(folderWith({ "a.jsonl": "" }), "a.jsonl"))).rejects.toThrow("to have at least one row");
  });
});

const load = (path: string): Promise<Record<string, unknown>> => import(pathToFileURL(path).href);

describe("the three questions", () => {
  const files = {
    "prompts/a.md": "Be brief.",
    "src/a.ts": `${usesAi}const p = "prompts/a.md";\nexport async function answer(q: string) {}`,
    "src/scorer.mjs": "export const score = ({ output }) => 1; export const guide = (question, answer, info) => 1;",
    "data.jsonl": '{"input":"q","expected":"a"}\n',
  };
  const others = {
    "src/both.mjs": "export async function score({ output }, options) { return 1; }",
    "a.eval.ts": "",
    "b.eval.ts": "",
    "agent.py": "",
  };

  it("take data of an absolute path, the eval file of the agent, and a scorer with options for one", async () => {
    const folder = folderWith({ ...files, ...others });
    const choose = (flags: object): Promise<ChosenParts> =>
      chooseParts({ folder, found: lookAround(folder), flags, ask: takeFirst, load });
    expect(await choose({ data: join(folder, "data.jsonl"), scorer: "src/both.mjs" })).toMatchObject({
      data: { kind: "file", file: "data.jsonl" },
      scorer: { kind: "file", name: "score", takes: "example" },
    });
    expect(await choose({ agent: "b.eval.ts" })).toMatchObject({
      agent: { kind: "eval", file: "b.eval.ts" },
      data: { kind: "eval", file: "b.eval.ts" },
    });
  });

  it("are answered by what was found first, by numbers, and by paths", async () => {
    const folder = folderWith(files);
    const found = lookAround(folder);
    expect(await chooseParts({ folder, found, flags: {}, ask: takeFirst, load })).toMatchObject({
      agent: { kind: "export", source: { name: "answer" }, prompts: ["prompts/a.md"] },
      data: { kind: "file", file: "data.jsonl" },
      scorer: { kind: "file", name: "score", takes: "example" },
    });
    const [input, output] = [new PassThrough(), new PassThrough()];
    const { ask, close } = converse({ input, output });
    input.write("nowhere.md\n2\n\nsrc/scorer.mjs#guide\n");
    const chosen = await chooseParts({ folder, found, flags: {}, ask, load });
    close();
    expect(chosen).toMatchObject({
      agent: { kind: "prompt", file: "prompts/a.md" },
      scorer: { kind: "file", name: "guide", takes: "guide" },
    });
    let asked = "";
    // Newer versions of Node read one piece at a time.
    for (let piece = output.read(); piece !== null; piece = output.read()) asked += String(piece);
    expect(asked).toContain(
      "Which agent? (--agent)\n  1) answer of src/a.ts with prompts/a.md\n  2) a new agent with the prompt prompts/a.md\n",
    );
    expect(asked).toContain("there is no such file");
  });

  it("take the exports that a named file really has", async () => {
    const source =
      'const p = "prompts/a.md"; const make = () => async (q) => q; export const answer = make(); export const limit = 3;';
    const folder = folderWith({ ...files, "src/made.mjs": `${source} export const score = () => 1; export default answer;` });
    const choose = (agent: string): Promise<ChosenParts> =>
      chooseParts({ folder, found: lookAround(folder), flags: { agent }, ask: takeFirst, load });
    const agent = { kind: "export", source: { name: "answer", kind: "function" }, prompts: ["prompts/a.md"] };
    expect(await choose("src/made.mjs")).toMatchObject({ agent });
    expect(await choose("src/made.mjs#answer")).toMatchObject({ agent });
    await expect(choose("src/made.mjs#limit")).rejects.toThrow("to export the agent `limit`, got answer, score");
  });

  it.each<[parameters: string, takes: ScorerArguments | undefined]>([
    ["output", "example"],
    ["{ output }, options", "example"],
    ["args, context", "example"],
    ["question, answer", "guide"],
    ["input, output", "guide"],
    ["question, b, info = {}", "guide"],
    ["x, y, z", "guide"],
    ["input, output, expected", "guide"],
    ["output, expected", ["answer", "info"]],
    ["actual, expected, options = {}", ["answer", "info"]],
    ["expectedAnswer, modelAnswer", ["info", "answer"]],
    ["prediction, reference, input", ["answer", "info", "question"]],
    ["x, y", undefined],
    ["input, expected", undefined],
    ["output, options", undefined],
  ])("read what a scorer (%s) takes", async (parameters, takes) => {
    const folder = folderWith({ ...files, "src/own.mjs": `export const score = (${parameters}) => 1;` });
    const chosen = chooseParts({ folder, found: lookAround(folder), flags: { scorer: "src/own.mjs" }, ask: takeFirst, load });
    if (takes === undefined)
      await expect(chosen).rejects.toThrow("The names of the parameters of `score` in src/own.mjs do not show what it expects");
    else expect((await chosen).scorer).toEqual({ kind: "file", file: "src/own.mjs", name: "score", takes });
  });

  it("end when the terminal is closed", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const { ask } = converse({ input, output });
    input.end();
    await expect(ask({ text: "Which?", flag: "--agent" }, [])).rejects.toThrow("nothing was written");
  });

  it.each([
    { flags: { agent: "src/none.ts" }, message: "at src/none.ts, but there is no such file" },
    { flags: { agent: "src/a.ts#reply" }, message: "to export the agent `reply`" },
    { flags: { agent: "agent.py" }, message: "Expected the agent to be in a TypeScript or JavaScript file" },
    { flags: { agent: "data.jsonl" }, message: "a prompt in a .md, .mdx, .txt, or .prompt file, got data.jsonl" },
    { flags: { agent: "b.eval.ts", data: "a.eval.ts" }, message: "Expected --data b.eval.ts, or none, got a.eval.ts" },
    { flags: { data: "none.csv" }, message: "Expected examples at none.csv" },
    { flags: { scorer: "src/scorer.mjs#none" }, message: "to export a scorer `none`, got score, guide" },
  ])("refuse $flags", async ({ flags, message }) => {
    const folder = folderWith({ ...files, ...others });
    await expect(chooseParts({ folder, found: lookAround(folder), flags, ask: takeFirst, load })).rejects.toThrow(message);
  });
});
