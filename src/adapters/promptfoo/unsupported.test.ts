/**
 * What of a promptfoo config would change requests or scores and is refused when it is read.
 *
 * @module
 */
import { expect, it } from "vitest";
import { configFolder } from "./config-file.ts";
import { readPrompts } from "./prompt-agent.ts";
import { readTests } from "./read-tests.ts";

const place = configFolder("/nowhere/promptfooconfig.yaml", () => Promise.reject(new Error("no modules")));
const ofTest = (test: object): object => ({ tests: [{ vars: { q: "a" }, ...test }] });
const asserting = (...assert: object[]): object => ofTest({ assert });
const read = (config: object) => readTests({ tests: [], ...config }, place);

it.each<{ config: object; message: string }>([
  { config: { env: { OPENAI_API_KEY: "k" } }, message: "`env` of a promptfoo config is not supported. Set its variables" },
  { config: { extensions: ["file://hooks.js:beforeEach"] }, message: "`extensions` of a promptfoo config" },
  { config: { commandLineOptions: { promptPrefix: "Please: " } }, message: "`promptPrefix` of `commandLineOptions`" },
  { config: ofTest({ provider: "openai:gpt-5" }), message: "`provider` of tests[0] is not supported" },
  { config: ofTest({ prompts: ["short"] }), message: "`prompts` of tests[0]" },
  { config: ofTest({ providerOutput: "fixed" }), message: "`providerOutput` of tests[0]" },
  { config: { defaultTest: { assertScoringFunction: "file://s.js" } }, message: "`assertScoringFunction` of defaultTest" },
  { config: { tests: [{ path: "file://make.py:tests", config: {} }] }, message: "`path` of tests[0]" },
  { config: ofTest({ options: { response_format: { type: "json_object" } } }), message: "`options.response_format` of tests[0]" },
  { config: asserting({ type: "latency", threshold: 9 }), message: 'The assertion "latency" of tests[0] is not supported' },
  { config: asserting({ type: "contains", value: "a" }, { type: "cost", threshold: 9 }), message: 'The assertion "cost"' },
  { config: asserting({ type: "not-perplexity-score", threshold: 1 }), message: 'The assertion "not-perplexity-score"' },
  { config: asserting({ type: "trace-span-count" }), message: "It judges the call or its trace" },
  { config: asserting({ type: "select-best", value: "short" }), message: "It compares the answers of several prompts" },
  { config: asserting({ type: "max-score" }), message: 'The assertion "max-score"' },
  { config: asserting({ type: "assert-set", assert: [{ type: "latency" }] }), message: 'The assertion "latency" of tests[0]' },
  { config: asserting({ type: "equals", value: "a", weight: 0 }), message: "All assertions of tests[0] have the weight 0" },
  { config: asserting({ type: "equals", value: "a", weight: -1 }), message: 'Expected the weight of "equals" of tests[0]' },
  { config: asserting({ type: "equals", metric: "{{ q | upper }}" }), message: 'The metric "{{ q | upper }}" (string)' },
])("refuses $message", async ({ config, message }) => {
  await expect(read(config)).rejects.toThrow(message);
});

it.each([
  { prompt: { raw: "Q", label: "short", config: { temperature: 0 } }, message: '`config` of the prompt "short"' },
  { prompt: "langfuse://support:3", message: "only promptfoo fetches it" },
])("refuses a prompt: $message", async ({ prompt, message }) => {
  await expect(readPrompts([prompt], "/nowhere/promptfooconfig.yaml", place)).rejects.toThrow(message);
});

it("accepts what changes neither requests nor scores", async () => {
  const config = {
    ...{ env: {}, extensions: null, sharing: false, outputPath: "out.json", evaluateOptions: { maxConcurrency: 1 } },
    commandLineOptions: { maxConcurrency: 2, promptPrefix: "" },
    tests: [{ vars: { q: "a" }, description: "d", metadata: { a: 1 }, threshold: 0.5, note: "ours", prompts: [], options: {} }],
  };
  expect(await read(config)).toEqual([{ input: { q: "a" }, info: { assert: [] } }]);
});

it("leaves out what `defaultTest` asserts where a test says so, and fills in names of metrics", async () => {
  const config = {
    defaultTest: { assert: [{ type: "contains", value: "a" }] },
    ...ofTest({ options: { disableDefaultAsserts: true }, assert: [{ type: "equals", value: "b", metric: "about {{q}}" }] }),
  };
  const [example] = await read(config);
  expect(example?.info.assert).toEqual([{ type: "equals", value: "b", metric: "about a" }]);
});
