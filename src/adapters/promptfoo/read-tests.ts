/**
 * `readTests`: the tests of a promptfoo config as examples, those in the rows of tables included.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Example } from "../../data/dataset.ts";
import { describeValue, isPlainObject } from "../../data/json.ts";
import { readRows } from "../../data/read-rows.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { PromptfooAssertion } from "../../guides/scorers/promptfoo.ts";
import type { AssertedInfo } from "./assertion-guides.ts";
import { type ConfigFolder, endingOf, exportOf, fileOf, isScript, readYaml, shownPath } from "./config-file.ts";
import { readVars, varsIn } from "./read-vars.ts";
import { fillTemplate, type Vars } from "./template.ts";
import { checkAssertions, refuseInConfig, refuseInTest } from "./unsupported.ts";

/** An example of a promptfoo config: the variables, and what their answer is asserted to be. */
export type AssertedExample = Example<Vars, AssertedInfo>;

/**
 * The tests, inline and of files, each with what `defaultTest` adds. A variable that is a list makes a test of each of its values.
 *
 * @throws InvalidArgumentError for what is not a test, and for settings that only promptfoo can carry out
 */
export async function readTests(config: Readonly<Record<string, unknown>>, place: ConfigFolder): Promise<AssertedExample[]> {
  refuseInConfig(config);
  const defaults = await wholeTest(config.defaultTest, "defaultTest", place);
  const templates = isPlainObject(config.assertionTemplates) ? config.assertionTemplates : {};
  const examples: AssertedExample[] = [];
  for (const { test, where } of await testsIn(config.tests, "tests", place)) {
    const given = await wholeTest(test, where, place);
    const options = { ...objectIn(defaults.options), ...objectIn(given.options) };
    const shared = options.disableDefaultAsserts === true ? [] : (defaults.assert ?? []);
    const assert = [...shared, ...(given.assert ?? [])].map((one) => withOptions(resolved(one, templates, where), options));
    checkAssertions(assert, where);
    const vars = { ...defaults.vars, ...given.vars };
    for (const input of await readVars(vars, { isExpanded: options.disableVarExpansion !== true, where }, place)) {
      examples.push({ input, info: { assert: assert.map((one) => withMetric(one, input)) } });
    }
  }
  return examples;
}

interface PlacedTest {
  readonly test: unknown;
  readonly where: string;
}

/** Tests from a list, a file, or a list of either. */
async function testsIn(given: unknown, where: string, place: ConfigFolder): Promise<PlacedTest[]> {
  if (typeof given === "string") return testsOfFile(given, place);
  if (!Array.isArray(given))
    throw new InvalidArgumentError(
      `Expected \`${where}\` of a promptfoo config to be a list or a file, got ${describeValue(given)}`,
    );
  const all: PlacedTest[] = [];
  for (const [index, test] of given.entries()) {
    if (typeof test === "string") all.push(...(await testsOfFile(test, place)));
    else all.push({ test, where: `${where}[${index}]` });
  }
  return all;
}

async function testsOfFile(reference: string, place: ConfigFolder): Promise<PlacedTest[]> {
  const { path, name } = fileOf(reference, place) ?? { path: resolve(place.folder, reference) };
  const shown = shownPath(path, place);
  if (isScript(path)) return testsIn(await exportOf(path, name, place.load), shown, place);
  switch (endingOf(path)) {
    case ".yaml":
    case ".yml":
      return testsIn(await readYaml(path), shown, place);
    case ".csv":
    case ".tsv":
    case ".jsonl":
    case ".json": {
      const isTable = /sv$/.test(path.toLowerCase());
      const tests: PlacedTest[] = [];
      for await (const { place: where, row } of readRows(path)) {
        tests.push({ test: isTable ? testOfRow(row as Readonly<Record<string, unknown>>, where) : row, where });
      }
      return tests;
    }
    default:
      throw new InvalidArgumentError(
        `Tests cannot be read from ${describeValue(reference)}. Use a .csv, .jsonl, .json, .yaml, .js, or .ts file`,
      );
  }
}

/** A test with its variables and assertions read from the files that it names. */
async function wholeTest(given: unknown, where: string, place: ConfigFolder): Promise<PromptfooTest> {
  const file = fileOf(given, place);
  const test = file === undefined ? given : await readYaml(file.path);
  if (test === undefined || test === null) return {};
  if (!isPlainObject(test))
    throw new InvalidArgumentError(`Expected ${where} to be a test with \`vars\` and \`assert\`, got ${describeValue(test)}`);
  const { assert } = test;
  if (assert !== undefined && !Array.isArray(assert)) {
    throw new InvalidArgumentError(`Expected \`assert\` of ${where} to be a list, got ${describeValue(assert)}`);
  }
  refuseInTest(test, where);
  return { assert, vars: await varsIn(test.vars, where, place), options: test.options };
}

/** An assertion, and those of a set; `$ref` stands for one of `assertionTemplates`. */
function resolved(assertion: unknown, templates: Readonly<Record<string, unknown>>, where: string): PromptfooAssertion {
  const { $ref, ...own } = isPlainObject(assertion) ? assertion : {};
  const name = typeof $ref === "string" ? $ref.replace(/^#\/assertionTemplates\//, "") : undefined;
  const whole = name === undefined ? own : { ...objectIn(templates[name]), ...own };
  if (typeof whole.type !== "string")
    throw new InvalidArgumentError(`Expected an assertion of ${where} to have a \`type\`, got ${describeValue(assertion)}`);
  const { assert } = whole;
  return (
    Array.isArray(assert) ? { ...whole, assert: assert.map((one) => resolved(one, templates, where)) } : whole
  ) as PromptfooAssertion;
}

const judged =
  /^(?:not-)?(?:(?:llm|agent|search)-rubric|model-graded-|factuality|g-eval|(?:answer|conversation)-relevance|context-|similar|classifier|moderation|pi$)/;

/** What the test says about whoever judges. */
function withOptions(assertion: PromptfooAssertion, options: Readonly<Record<string, unknown>>): PromptfooAssertion {
  const { type, assert } = assertion;
  if (Array.isArray(assert))
    return { ...assertion, assert: (assert as PromptfooAssertion[]).map((one) => withOptions(one, options)) };
  if (!judged.test(type)) return assertion;
  const added = { provider: options.provider, rubricPrompt: options.rubricPrompt };
  const given = Object.fromEntries(Object.entries(added).filter(([, value]) => value !== undefined));
  return { ...given, ...assertion };
}

/** The assertion with the variables in the name of its metric filled in. */
function withMetric(assertion: PromptfooAssertion, vars: Vars): PromptfooAssertion {
  if (assertion.metric === undefined) return assertion;
  const metric = fillTemplate(String(assertion.metric), vars);
  return { ...assertion, metric: metric === "" ? undefined : metric };
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return isPlainObject(value) ? value : {};
}

/** A test as promptfoo has it, as far as it is read here. */
interface PromptfooTest {
  readonly vars?: Vars;
  readonly assert?: readonly unknown[] | undefined;
  readonly options?: unknown;
}

/** Columns that say nothing about the score. */
const ignored: ReadonlySet<string> = new Set(["__description", "__threshold", "__metric"]);

/**
 * A row as a test.
 *
 * @throws InvalidArgumentError for a column of promptfoo that is not read here
 */
function testOfRow(row: Readonly<Record<string, unknown>>, place: string): object {
  const vars: Record<string, unknown> = {};
  const assert: PromptfooAssertion[] = [];
  const metric = typeof row.__metric === "string" && row.__metric !== "" ? { metric: row.__metric } : {};
  for (const [column, value] of Object.entries(row)) {
    if (/^__expected\d*$/.test(column)) {
      if (String(value).trim() !== "") assert.push({ ...assertionOf(String(value)), ...metric });
    } else if (!column.startsWith("__")) vars[column] = value;
    else if (!ignored.has(column) && !column.startsWith("__metadata:") && String(value) !== "") {
      throw new InvalidArgumentError(
        `The column \`${column}\` of ${place} is not supported: opto reads variables, \`__expected\`, and \`__metric\``,
      );
    }
  }
  return { vars, assert };
}

const scripts = /^(?:javascript|fn|eval):|^file:\/\/.*\.[cm]?[jt]s(?::\w+)?$/;
const python = /^python:|^file:\/\/.*\.py(?::\w+)?$/;
const lists = /^(?:not-)?i?contains-(?:any|all)$/;
const withThreshold =
  /^(?:similar|levenshtein|classifier|latency|cost|perplexity(?:-score)?|rouge-n|answer-relevance|context-[a-z]+)$/;
/** Types that a line may begin with; anything else is a text that the answer has to equal. */
const types =
  /^(?<type>(?:not-)?(?:equals|i?contains(?:-any|-all)?|contains-(?:json|sql|xml|html)|is-(?:json|sql|xml|html|refusal|valid-[a-z-]+)|regex|starts-with|webhook|moderation|guardrails|model-graded-[a-z]+|(?:llm|agent|search)-rubric|conversation-relevance|similar|levenshtein|classifier|latency|cost|finish-reason|perplexity(?:-score)?|rouge-n|bleu|gleu|meteor|word-count|answer-relevance|context-[a-z]+|g-eval|factuality|pi|javascript|python|ruby|tool-call-f1|skill-used|trajectory:[a-z-]+|trace-[a-z-]+)|select-best|max-score|human)(?:\((?<threshold>\d+(?:\.\d+)?)\))?(?::(?<value>[\s\S]*))?$/;

/** One line: `contains: Lima`, `similar(0.9): a greeting`, `grade: is polite`; without a type it is what the answer has to equal. */
export function assertionOf(line: string): PromptfooAssertion {
  if (scripts.test(line)) return { type: "javascript", value: line.replace(/^(?:javascript|fn|eval):/, "").trim() };
  if (python.test(line)) return { type: "python", value: line.replace(/^python:/, "").trim() };
  const rubric = /^(?:grade|llm-rubric):/.exec(line);
  if (rubric !== null) return { type: "llm-rubric", value: line.slice(rubric[0].length).trim() };
  const { type, threshold, value } = types.exec(line)?.groups ?? {};
  if (type === undefined) return { type: "equals", value: line };
  if (lists.test(type)) return { type, value: listOf(value ?? "") };
  const given = value === undefined ? {} : { value: value.trim() };
  if (!withThreshold.test(type.replace(/^not-/, ""))) return { type, ...given };
  return { type, ...given, threshold: threshold === undefined ? defaultThreshold(type) : Number(threshold) };
}

/** Texts with commas between them; one with a comma in it is in quotes, and a quote in it is doubled. */
function listOf(value: string): string[] {
  const fields = value.matchAll(/\s*(?:"(?<quoted>(?:[^"]|"")*)"\s*|(?<plain>[^,]*))(?:,|$)/g);
  const texts = Array.from(fields, ({ groups }) => groups?.quoted?.replaceAll('""', '"') ?? groups?.plain?.trim() ?? "");
  return texts.filter((text) => text !== "");
}

function defaultThreshold(type: string): number {
  return type.endsWith("similar") ? 0.8 : 0.75;
}
