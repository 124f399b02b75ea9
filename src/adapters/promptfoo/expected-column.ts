/**
 * Rows of a table as tests of promptfoo: variables, and in the columns `__expected`, `__expected2`, … assertions in one line each.
 *
 * @module
 */
import { InvalidArgumentError } from "../../errors.ts";
import type { PromptfooAssertion } from "../../guides/scorers/promptfoo.ts";

/** A test as promptfoo has it, as far as it is read here. */
export interface PromptfooTest {
  readonly vars?: unknown;
  readonly assert?: readonly unknown[] | undefined;
  readonly options?: unknown;
  readonly description?: unknown;
  readonly [setting: string]: unknown;
}

/** Columns that say nothing about the score. */
const ignored: ReadonlySet<string> = new Set(["__description", "__threshold", "__metric"]);

/**
 * A row as a test.
 *
 * @throws InvalidArgumentError for a column of promptfoo that is not read here
 */
export function testOfRow(row: Readonly<Record<string, unknown>>, place: string): PromptfooTest {
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
const lists = /^(?:not-)?i?contains-(?:any|all)$/;
const withThreshold =
  /^(?:similar|levenshtein|classifier|latency|cost|perplexity(?:-score)?|rouge-n|bleu|answer-relevance|context-[a-z]+|g-eval|meteor|gleu|factuality|select-best)$/;
/** Types that a line may begin with; anything else is a text that the answer has to equal. */
const types =
  /^(?<type>(?:not-)?(?:equals|i?contains(?:-any|-all)?|contains-(?:json|sql|xml|html)|is-(?:json|sql|xml|html|refusal|valid-[a-z-]+)|regex|starts-with|webhook|moderation|guardrails|model-graded-[a-z]+|similar|levenshtein|classifier|latency|cost|perplexity(?:-score)?|rouge-n|bleu|gleu|meteor|answer-relevance|context-[a-z]+|g-eval|factuality|select-best|pi|trace-[a-z-]+))(?:\((?<threshold>\d+(?:\.\d+)?)\))?(?::(?<value>[\s\S]*))?$/;

/** One line: `contains: Lima`, `similar(0.9): a greeting`, `grade: is polite`; without a type it is what the answer has to equal. */
export function assertionOf(line: string): PromptfooAssertion {
  if (scripts.test(line)) return { type: "javascript", value: line.replace(/^(?:javascript|fn|eval):/, "").trim() };
  if (line.startsWith("python:")) return { type: "python", value: line.slice("python:".length).trim() };
  const rubric = /^(?:grade|llm-rubric):/.exec(line);
  if (rubric !== null) return { type: "llm-rubric", value: line.slice(rubric[0].length).trim() };
  const { type, threshold, value } = types.exec(line)?.groups ?? {};
  if (type === undefined) return { type: "equals", value: line };
  if (lists.test(type)) return { type, value: (value ?? "").split(",").map((text) => text.trim()) };
  const given = value === undefined ? {} : { value: value.trim() };
  if (!withThreshold.test(type.replace(/^not-/, ""))) return { type, ...given };
  return { type, ...given, threshold: threshold === undefined ? defaultThreshold(type) : Number(threshold) };
}

function defaultThreshold(type: string): number {
  return type.endsWith("similar") ? 0.8 : 0.75;
}
