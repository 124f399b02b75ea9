/**
 * Promptfoo configs: tests, assertions, and templates, as they become datasets and guides.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { assertionsGuide, isNative } from "./assertion-guides.ts";
import { configFolder } from "./config-file.ts";
import { type PromptfooPrompt, promptParameter, readPrompts } from "./prompt-agent.ts";
import { assertionOf, readTests } from "./read-tests.ts";
import { codeIn, fillTemplate, slotsIn, variablesIn } from "./template.ts";

const root = mkdtempSync(join(tmpdir(), "opto-promptfoo-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;

/** A folder with files, and how its references are found. */
function folderWith(files: Readonly<Record<string, string>>): ReturnType<typeof configFolder> {
  const folder = join(root, String(count++));
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return configFolder(join(folder, "promptfooconfig.yaml"), (path) => import(pathToFileURL(path).href));
}

describe("a template", () => {
  it.each([
    { template: "{{a}} and {{ a }}", vars: { a: "x" }, text: "x and x" },
    { template: "{{user.name}} {{list[1]}} {{ list }}", vars: { user: { name: "Ada" }, list: [1, 2] }, text: "Ada 2 [1,2]" },
    { template: "{{missing}}!", vars: {}, text: "!" },
    { template: "{{a}}", vars: { a: "{{b}}", b: "no" }, text: "{{b}}" },
    { template: '{"json": {{a}}} {single}', vars: { a: 1 }, text: '{"json": 1} {single}' },
    { template: "{{constructor}}{{a.length}}", vars: { a: "xy" }, text: "" },
  ])("$template is filled in as $text", ({ template, vars, text }) => {
    expect(fillTemplate(template, vars)).toBe(text);
  });

  it.each([
    { template: "{{ a | upper }}", code: "{{ a | upper }}" },
    { template: "{% if a %}x{% endif %}", code: "{% if a %}x{% endif %}" },
    { template: "{{a}} {# note #}", code: "{# note #}" },
    { template: "{{a}} {b}", code: undefined },
    { template: "{{a}} {{ env.REGION }}!", code: "{{ env.REGION }}!" },
    { template: "{{environment.a}}", code: undefined },
  ])("$template has the code $code", ({ template, code }) => {
    expect(codeIn(template)).toBe(code);
  });

  it("knows its variables and slots", () => {
    expect(variablesIn("{{ a.b }} {{a}} {{c[0]}}")).toEqual(["a", "c"]);
    expect(slotsIn("{{ a.b }} {{a}}")).toEqual(["{ a.b }", "{a}"]);
  });
});

describe("an expected value in one line", () => {
  it.each([
    { line: "Lima", assertion: { type: "equals", value: "Lima" } },
    { line: "contains: Lima", assertion: { type: "contains", value: "Lima" } },
    { line: "not-icontains:lima ", assertion: { type: "not-icontains", value: "lima" } },
    { line: "contains-any: a, b", assertion: { type: "contains-any", value: ["a", "b"] } },
    { line: 'contains-any: "a, b", c ,"say ""no"""', assertion: { type: "contains-any", value: ["a, b", "c", 'say "no"'] } },
    { line: "not-llm-rubric: is rude", assertion: { type: "not-llm-rubric", value: "is rude" } },
    { line: "word-count: 3", assertion: { type: "word-count", value: "3" } },
    { line: "finish-reason: stop", assertion: { type: "finish-reason", value: "stop" } },
    { line: "file://check.py", assertion: { type: "python", value: "file://check.py" } },
    { line: "bleu: a", assertion: { type: "bleu", value: "a" } },
    { line: "regex: ^a:b$", assertion: { type: "regex", value: "^a:b$" } },
    { line: "is-json", assertion: { type: "is-json" } },
    { line: "similar(0.9): a greeting", assertion: { type: "similar", value: "a greeting", threshold: 0.9 } },
    { line: "similar:a", assertion: { type: "similar", value: "a", threshold: 0.8 } },
    { line: "grade: is polite", assertion: { type: "llm-rubric", value: "is polite" } },
    { line: "javascript: output.length < 5", assertion: { type: "javascript", value: "output.length < 5" } },
    { line: "note: not a type", assertion: { type: "equals", value: "note: not a type" } },
  ])("$line", ({ line, assertion }) => {
    expect(assertionOf(line)).toEqual(assertion);
  });
});

describe("an assertion that opto scores", () => {
  it.each([
    { assertion: { type: "equals", value: "{{want}}" }, right: "Lima", wrong: "Lima " },
    { assertion: { type: "equals", value: 4 }, right: "4", wrong: "4.0" },
    { assertion: { type: "contains", value: "Lima" }, right: "It is Lima.", wrong: "lima" },
    { assertion: { type: "icontains", value: "LIMA" }, right: "lima", wrong: "Quito" },
    { assertion: { type: "not-contains", value: "Lima" }, right: "lima", wrong: "Lima" },
    { assertion: { type: "contains-any", value: "a, b" }, right: "b", wrong: "c" },
    { assertion: { type: "contains-all", value: ["a", "b"] }, right: "b a", wrong: "a" },
    { assertion: { type: "not-contains-any", value: ["a", "b"] }, right: "c", wrong: "ac" },
    { assertion: { type: "regex", value: "^\\d+$" }, right: "12", wrong: "12a" },
    { assertion: { type: "not-regex", value: "\\d" }, right: "a", wrong: "a1" },
    { assertion: { type: "starts-with", value: "A.b" }, right: "A.bc", wrong: "Axbc" },
    { assertion: { type: "is-json" }, right: '{"a":1}', wrong: "{a:1}" },
  ])("$assertion.type $assertion.value", async ({ assertion, right, wrong }) => {
    const vars = { want: "Lima" };
    expect(isNative(assertion, vars)).toBe(true);
    const guide = assertionsGuide(undefined);
    expect(await guide.getFeedback(vars, right, { assert: [assertion] })).toMatchObject({ score: 1, scores: {} });
    const { score, feedback } = await guide.getFeedback(vars, wrong, { assert: [assertion] });
    expect(score).toBe(0);
    expect(feedback).toContain(assertion.type);
  });

  it("is weighed, and reported by its metric", async () => {
    const assert = [
      { type: "contains", value: "a", metric: "m" },
      { type: "contains", value: "b", metric: "m" },
      { type: "contains", value: "c", weight: 2 },
    ];
    expect(await assertionsGuide(undefined).getFeedback({}, "a c", { assert })).toMatchObject({
      score: 0.75,
      scores: { m: 0.5 },
    });
  });

  it("keeps the score of the test where a metric is named `score`", async () => {
    const assert = [
      { type: "contains", value: "a", metric: "score" },
      { type: "contains", value: "b" },
      { type: "contains", value: "a", metric: "score" },
      { type: "contains", value: "b" },
    ];
    const { score, scores } = await assertionsGuide(undefined).getFeedback({}, "a", { assert });
    expect({ score, scores }).toEqual({ score: 0.5, scores: { "score 2": 1 } });
  });

  it("counts in its metric by its weight, and if none counts in the score, all alike", async () => {
    const assert = [
      { type: "contains", value: "a", metric: "m", weight: 3 },
      { type: "contains", value: "b", metric: "m" },
      { type: "contains", value: "a", metric: "n", weight: 0 },
      { type: "contains", value: "b", metric: "n", weight: 0 },
    ];
    expect((await assertionsGuide(undefined).getFeedback({}, "a", { assert })).scores).toEqual({ m: 0.75, n: 0.5 });
  });

  it.each([
    { type: "llm-rubric", value: "is polite" },
    { type: "contains", value: "{{ want | upper }}" },
    { type: "contains", value: "a", transform: "output.trim()" },
    { type: "equals", value: { a: 1 } },
    { type: "is-json", value: { type: "object" } },
    { type: "contains", value: "file://text.txt" },
    { type: "contains-any", value: '"a, b", c' },
    { type: "javascript", value: "true" },
    { type: "constructor", value: "a" },
  ])("is not $type $value", (assertion) => {
    expect(isNative(assertion, { want: "a" })).toBe(false);
  });
});

describe("the tests of a config", () => {
  const yaml = "- vars: { q: y }\n  assert: [{ type: contains, value: z }]\n";
  const script = 'export default () => [{ vars: { q: "s" } }]; export const more = [{ vars: { q: "m" } }];';
  const files = {
    "t.yaml": yaml,
    "t.jsonl": '{"vars":{"q":"l"}}\n',
    "t.csv": "q,__expected,__metric,__description\nc,contains: z,m,first\n",
    "t.mjs": script,
    "text.txt": "long",
  };

  it.each([
    { name: "inline", tests: [{ vars: { q: "i" } }], inputs: [{ q: "i" }] },
    {
      name: "YAML, JSON Lines, CSV, modules",
      tests: ["file://t.yaml", "t.jsonl", "file://t.csv", "file://t.mjs", "file://t.mjs:more"],
      inputs: ["y", "l", "c", "s", "m"].map((q) => ({ q })),
    },
    { name: "one file", tests: "file://t.csv", inputs: [{ q: "c" }] },
    {
      name: "lists and files of variables",
      tests: [{ vars: { q: ["a", "b"], text: "file://text.txt" } }],
      inputs: ["a", "b"].map((q) => ({ q, text: "long" })),
    },
    {
      name: "lists that are kept",
      tests: [{ vars: { q: ["a"] }, options: { disableVarExpansion: true } }],
      inputs: [{ q: ["a"] }],
    },
  ])("are read: $name", async ({ tests, inputs }) => {
    const examples = await readTests({ tests }, folderWith(files));
    expect(examples.map(({ input }) => input)).toEqual(inputs);
  });

  it("get what `defaultTest` and `assertionTemplates` have", async () => {
    const config = {
      assertionTemplates: { polite: { type: "llm-rubric", value: "is polite" } },
      defaultTest: {
        vars: { lang: "en" },
        assert: [{ $ref: "#/assertionTemplates/polite" }],
        options: { provider: "openai:gpt-5" },
      },
      tests: [{ vars: { q: "a" }, assert: [{ type: "contains", value: "b", weight: 2 }] }],
    };
    expect(await readTests(config, folderWith({}))).toEqual([
      {
        input: { lang: "en", q: "a" },
        info: {
          assert: [
            { type: "llm-rubric", value: "is polite", provider: "openai:gpt-5" },
            { type: "contains", value: "b", weight: 2 },
          ],
        },
      },
    ]);
  });

  it.each([
    { name: "a spreadsheet", tests: "file://t.xlsx", message: "Use a .csv" },
    {
      name: "a transform",
      tests: [{ options: { transform: "output" } }],
      message: "`options.transform` of tests[0] is not supported",
    },
    { name: "a computed variable", tests: [{ vars: { q: "file://q.py" } }], message: "which only promptfoo runs" },
    { name: "an assertion without a type", tests: [{ assert: [{ value: "a" }] }], message: "to have a `type`" },
    { name: "a missing file", tests: "file://no.yaml", message: "Could not read" },
    { name: "a text for `assert`", tests: [{ assert: "contains: a" }], message: "Expected `assert` of tests[0] to be a list" },
  ])("are refused: $name", async ({ tests, message }) => {
    await expect(readTests({ tests }, folderWith(files))).rejects.toThrow(message);
  });
});

describe("the prompts of a config", () => {
  it("are texts and files, each with the place that it is written back to", async () => {
    const place = folderWith({
      "p/a.md": "A {{q}}",
      "p/b.txt": "one\n---\ntwo\n",
      "p/c.json": '[{"role":"user","content":"{{q}}"}]',
    });
    const config = join(place.folder, "promptfooconfig.yaml");
    const prompts = await readPrompts(
      ["Ask {{q}}", "file://p/a.md", { id: "p/b.txt", label: "both" }, { raw: "R", label: "raw" }, "p/c.json"],
      config,
      place,
    );
    expect(
      prompts.map(({ name, file, at }) => [name, file === undefined ? undefined : file.slice(place.folder.length + 1), at]),
    ).toEqual([
      ["Ask {{q}}", "promptfooconfig.yaml", "prompts.0"],
      ["p/a.md", "p/a.md", undefined],
      ["both#1", undefined, undefined],
      ["both#2", undefined, undefined],
      ["raw", "promptfooconfig.yaml", "prompts.3.raw"],
      ["p/c.json", "p/c.json", undefined],
    ]);
  });

  it("are all files of a pattern, by name", async () => {
    const place = folderWith({ "p/b.txt": "B", "p/a.txt": "A", "p/a.md": "no", "p/.c.txt": "no", "p/in/d.txt": "no" });
    const read = (given: unknown) => readPrompts(given, join(place.folder, "promptfooconfig.yaml"), place);
    for (const given of ["file://p/*.txt", ["p/*.txt"], ["file://p/?.txt"]]) {
      const found = (await read(given)).map(({ name, text, file }) => [name, text, file?.slice(place.folder.length + 1)]);
      expect(found).toEqual([
        ["p/a.txt", "A", "p/a.txt"],
        ["p/b.txt", "B", "p/b.txt"],
      ]);
    }
    await expect(read("file://p/*.json")).rejects.toThrow("There is no file for the pattern p/*.json in `prompts`");
    await expect(read("file://p/**/*.txt")).rejects.toThrow(
      "A pattern may contain only * and ?, and only in the file name, got p/**/*.txt in `prompts`",
    );
    expect(await read("Say *hello*.")).toMatchObject([{ text: "Say *hello*." }]);
  });

  it("are refused where they are aliases, with what to do", async () => {
    const place = folderWith({ "promptfooconfig.yaml": 'p: &p "Ask {{q}}"\nprompts: [*p]\n' });
    const [prompt] = await readPrompts(["Ask {{q}}"], join(place.folder, "promptfooconfig.yaml"), place);
    expect(() => promptParameter(prompt as PromptfooPrompt)).toThrow('"prompts.0", got an alias: write the text here itself');
  });

  it("become a parameter that keeps its variables and its form", () => {
    const named = { name: "p", file: undefined, at: undefined };
    const text = promptParameter({ ...named, text: "Answer {{ q }}" });
    expect(text.problems("Answer briefly: {{ q }}")).toEqual([]);
    expect(text.problems("Answer")).toEqual(["expected the text to keep {{ q }}"]);
    expect(text.problems("{{ q }} {{other}}")).toEqual(["there is no variable {{other}}"]);
    expect(text.problems("{{ q }} {% if q %}")).toEqual(['expected only variables in double braces, got "{% if q %}"']);
    const chat = promptParameter({ ...named, text: '[{"role":"user","content":"{{q}}"}]' });
    expect(chat.problems("{{q}}")).toEqual(['expected JSON, a list of messages { "role", "content" }']);
  });
});
