/**
 * What promptfoo would do with a config and opto does not, although it changes requests or scores: refused by its name before anything is paid for.
 *
 * @module
 */
import { describeValue, isPlainObject } from "../../data/json.ts";
import { InvalidArgumentError } from "../../errors.ts";
import type { PromptfooAssertion } from "../../guides/scorers/promptfoo.ts";
import { codeIn } from "./template.ts";

/** By the name of a setting: what to do instead, as sentences. */
type Remedies = Readonly<Record<string, string>>;

const ofConfig: Remedies = {
  env: "Set its variables in the environment in which opto runs",
  extensions: "opto calls no hooks of promptfoo. Write what they change into `tests` or `prompts`",
  nunjucksFilters: "Write prompts, variables, and assertions without filters",
};

const ofCommandLine: Remedies = {
  promptPrefix: "Write it into the prompt",
  promptSuffix: "Write it into the prompt",
  var: "Write them into `vars` of `defaultTest`",
  vars: "Name the file in `tests`",
  tests: "Name the file in `tests`",
  assertions: "Write them into `assert` of `defaultTest`",
  grader: "Name it as `options.provider` of `defaultTest`",
  modelOutputs: "opto asks the model itself",
  extension: ofConfig.extensions as string,
};

const oneForAll = "opto trains one prompt with one model on all tests. Remove it, or move the test to a config of its own";

const ofTest: Remedies = {
  provider: oneForAll,
  providers: oneForAll,
  prompts: oneForAll,
  providerOutput: "A fixed answer says nothing about the prompt. Remove the test",
  assertScoringFunction: "The score is the weighted mean of the assertions. Give these a `weight` instead",
  path: "Only promptfoo calls generators of tests with settings. Write their tests to a file",
};

const used = "Prompts and answers are used as they are. Put it into the prompt, or into an assertion";

const ofOptions: Remedies = {
  transform: used,
  postprocess: used,
  prefix: used,
  suffix: used,
  transformVars: used,
  factuality: "Give the assertion `factuality` a `weight` instead",
};

/** Options of a test that are read, or that change neither its requests nor its scores. Any other is a setting of the provider. */
const knownOptions: ReadonlySet<string> = new Set([
  ...["provider", "rubricPrompt", "disableVarExpansion", "disableDefaultAsserts", "disableConversationVar", "repeat"],
  ...["runSerially", "progressCallback", "showProgressBar", "timeoutMs", "maxEvalTimeMs", "isRedteam", "silent", "filterRange"],
]);

/** @throws InvalidArgumentError naming the setting */
export function refuseInConfig(config: Readonly<Record<string, unknown>>): void {
  if (config.scenarios !== undefined)
    throw new InvalidArgumentError("`scenarios` of a promptfoo config are not supported. Write them as `tests`");
  refuse(config, ofConfig, "a promptfoo config");
  if (isPlainObject(config.commandLineOptions)) refuse(config.commandLineOptions, ofCommandLine, "`commandLineOptions`");
}

/** @throws InvalidArgumentError naming the setting */
export function refuseInTest(test: Readonly<Record<string, unknown>>, where: string): void {
  refuse(test, ofTest, where);
  if (!isPlainObject(test.options)) return;
  refuse(test.options, ofOptions, where, "options.");
  const other = Object.keys(test.options).filter((name) => !knownOptions.has(name) && !Object.hasOwn(ofOptions, name));
  const remedy = "It sets the provider for this test only. Set it in the `config` of the provider";
  refuse(test.options, Object.fromEntries(other.map((name) => [name, remedy])), where, "options.");
}

function refuse(given: Readonly<Record<string, unknown>>, remedies: Remedies, where: string, prefix = ""): void {
  const found = Object.keys(remedies).find((name) => isGiven(given[name]));
  if (found === undefined) return;
  throw new InvalidArgumentError(`\`${prefix}${found}\` of ${where} is not supported. ${remedies[found]}`);
}

function isGiven(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return Array.isArray(value) ? value.length > 0 : !isPlainObject(value) || Object.keys(value).length > 0;
}

/** Types of assertions that have nothing to judge here, and why. */
const unscored: readonly (readonly [types: RegExp, why: string])[] = [
  [
    /^(?:not-)?(?:latency|cost|perplexity(?:-score)?|finish-reason|guardrails|skill-used|trace-.*|trajectory:.*)$/,
    "It judges the call or its trace, and opto has assertions judge the text of the answer only",
  ],
  [/^(?:select-.*|max-score)$/, "It compares the answers of several prompts or models, and opto scores each answer on its own"],
  [/^human$/, "It waits for a person"],
];

/**
 * @throws InvalidArgumentError for an assertion that cannot score an answer, for a `weight` or `metric` that cannot be used, and where no assertion
 * has a weight
 */
export function checkAssertions(assertions: readonly PromptfooAssertion[], where: string): void {
  for (const assertion of assertions) checkAssertion(assertion, where);
  if (assertions.length > 0 && assertions.every(({ weight }) => weight === 0)) {
    throw new InvalidArgumentError(
      `All assertions of ${where} have the weight 0, so its answers have no score. Give one a weight`,
    );
  }
}

function checkAssertion({ type, weight, metric, assert }: PromptfooAssertion, where: string): void {
  const [, why] = unscored.find(([types]) => types.test(type)) ?? [];
  if (why !== undefined) {
    throw new InvalidArgumentError(`The assertion "${type}" of ${where} is not supported. ${why}. Remove it`);
  }
  if (weight !== undefined && !(typeof weight === "number" && weight >= 0 && Number.isFinite(weight))) {
    throw new InvalidArgumentError(
      `Expected the weight of "${type}" of ${where} to be a number from 0, got ${describeValue(weight)}`,
    );
  }
  if (typeof metric === "string" && codeIn(metric) !== undefined) {
    throw new InvalidArgumentError(
      `The metric ${describeValue(metric)} of ${where} has an expression in braces that only promptfoo can evaluate. Use plain variables, {{name}}`,
    );
  }
  // Those of a set.
  if (Array.isArray(assert)) for (const inner of assert as PromptfooAssertion[]) checkAssertion(inner, where);
}
