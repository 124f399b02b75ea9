/**
 * Variables of promptfoo tests: each expectation is what promptfoo 0.121 fills into `{{a}}`.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { configFolder } from "./config-file.ts";
import { readTests } from "./read-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "opto-vars-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const files = {
  "one.txt": " one \n",
  "two.txt": "two\n",
  "data.yaml": "name: Ada\nlist: [1, 2]\n",
  "data.json": '{ "name": "Ada" }\n',
  "vars.yaml": "a: from a file\n",
  "photo.png": "",
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
const place = configFolder(join(folder, "promptfooconfig.yaml"), () => Promise.reject(new Error("no modules")));
const messages = [{ role: "user", content: "hi" }];

it.each<{ name: string; vars: unknown; options?: object; filled: readonly unknown[] }>([
  { name: "a list of texts", vars: { a: ["x", "y"] }, filled: ["x", "y"] },
  { name: "a list of objects, which is one value", vars: { a: messages }, filled: [messages] },
  { name: "a list of numbers, which is one value", vars: { a: [1, 2] }, filled: [[1, 2]] },
  { name: "an empty list", vars: { a: [] }, filled: [[]] },
  { name: "a list that is not expanded", vars: { a: ["x"] }, options: { disableVarExpansion: true }, filled: [["x"]] },
  { name: "files in a list", vars: { a: ["file://two.txt", "file://one.txt"] }, filled: ["two", "one"] },
  { name: "files of a pattern", vars: { a: "file://*.txt" }, filled: ["one", "two"] },
  { name: "a YAML file", vars: { a: "file://data.yaml" }, filled: ['{"name":"Ada","list":[1,2]}'] },
  { name: "a JSON file", vars: { a: "file://data.json" }, filled: ['{ "name": "Ada" }'] },
  { name: "the line end that closes a text", vars: { a: "x\n\n" }, filled: ["x\n"] },
  { name: "a file of variables", vars: "vars.yaml", filled: ["from a file"] },
  { name: "files of variables", vars: ["file://vars.yaml"], filled: ["from a file"] },
  { name: "a variable in a variable", vars: { a: "Dear {{b}},", b: "Ms. {{ c }}", c: "$&" }, filled: ["Dear Ms. $&,"] },
  { name: "a path in a variable", vars: { a: "Hi {{user.name}}", user: { name: "Bo" } }, filled: ["Hi Bo"] },
  {
    name: "a variable that is missing",
    vars: { a: "{{b.c}} {{ nothing | upper }}", b: { c: 1 } },
    filled: ["{{b.c}} {{ nothing | upper }}"],
  },
  { name: "braces that are no template", vars: { a: "open {{ brace", b: "1" }, filled: ["open {{ brace"] },
  { name: "what refers to itself", vars: { a: "{{a}}" }, filled: ["{{a}}"] },
  { name: "the name of what every object has", vars: { a: "{{constructor}}" }, filled: ["{{constructor}}"] },
])("reads $name", async ({ vars, options, filled }) => {
  const examples = await readTests({ tests: [{ vars, options }] }, place);
  expect(examples.map(({ input }) => input.a)).toEqual(filled);
});

it("reads the files that variables of `defaultTest` name for each test", async () => {
  const config = { defaultTest: { vars: { a: "file://one.txt", b: "{{c}}" } }, tests: [{ vars: { c: "C" } }] };
  expect((await readTests(config, place)).map(({ input }) => input)).toEqual([{ a: "one", b: "C", c: "C" }]);
});

it.each<{ name: string; vars: unknown; message: string }>([
  {
    name: "a filter",
    vars: { a: "{{ b | upper }}", b: "x" },
    message: "The variable `a` of tests[0] has an expression in braces",
  },
  { name: "a condition", vars: { a: "{% if b %}x{% endif %}" }, message: '"{% if b %}x{% endif %}"' },
  { name: "the environment", vars: { a: "{{env.HOME}}" }, message: "that only promptfoo can evaluate" },
  { name: "a picture", vars: { a: "file://photo.png" }, message: 'The variable "file://photo.png" is not text' },
  { name: "a program", vars: { a: ["file://q.mjs"] }, message: 'The variable "file://q.mjs" is computed by a program' },
  {
    name: "a pattern without files",
    vars: { a: "file://*.md" },
    message: "no file for the pattern *.md in `vars.a` of tests[0]",
  },
  { name: "a number", vars: 5, message: "Expected `vars` of tests[0] to be variables by name, or files, got 5" },
])("refuses $name", async ({ vars, message }) => {
  await expect(readTests({ tests: [{ vars }] }, place)).rejects.toThrow(message);
});
