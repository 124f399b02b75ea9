/**
 * `validJson`: a guide that checks whether the answer is JSON, and fits a schema.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Feedback } from "../data/feedback.ts";
import { describeValue, isPlainObject, jsonProblem } from "../data/json.ts";
import { loadPackage } from "../data/load-package.ts";
import { checkOptions } from "../data/options.ts";
import { ConfigurationError, InvalidArgumentError } from "../errors.ts";
import { jsonCandidates } from "../llm/structured/json-candidates.ts";
import { FunctionGuide, type Guide } from "./guide.ts";
import { shown } from "./reference.ts";

/** How `validJson` checks. */
export interface ValidJsonOptions {
  /**
   * What the JSON has to fit: a schema of zod, Valibot, ArkType or any other library of Standard Schema, or a JSON Schema, which needs
   * the package `zod` (4.2 or newer). @default any JSON
   */
  readonly schema?: StandardSchemaV1 | Readonly<Record<string, unknown>> | undefined;
  /** Accepts JSON with words or a code fence around it and small mistakes of punctuation. @default false */
  readonly lenient?: boolean | undefined;
}

/**
 * A guide that scores 1 for an answer that is JSON and fits the schema, else 0. With a schema, the metric `json` says whether it is JSON at all.
 * An answer that is not a text is checked as it is.
 *
 * @throws InvalidArgumentError for an invalid schema
 * @example
 * const guide = validJson({ schema: z.object({ city: z.string(), population: z.int().positive() }) });
 */
export function validJson(options: ValidJsonOptions = {}): Guide<unknown, unknown, unknown> {
  checkOptions(options, ["schema", "lenient"], "validJson");
  const { schema, lenient = false } = options;
  if (schema !== undefined && !isStandardSchema(schema) && !isPlainObject(schema)) {
    throw new InvalidArgumentError(
      `Expected \`schema\` of validJson to be a Standard Schema or a JSON Schema, got ${describeValue(schema)}`,
    );
  }
  let loaded: Promise<StandardSchemaV1> | undefined;
  const judge = async (_question: unknown, answer: unknown): Promise<Feedback> => {
    const read = readAnswer(answer, lenient);
    if ("problem" in read) {
      const scores = schema === undefined ? {} : { scores: { json: 0 } };
      return { score: 0, feedback: `Expected valid JSON, got ${shown(answer)}: ${read.problem}.`, ...scores };
    }
    if (schema === undefined) return { score: 1, feedback: "Valid JSON." };
    loaded ??= toStandardSchema(schema);
    const { issues = [] } = await (await loaded)["~standard"].validate(read.value);
    if (issues.length === 0) return { score: 1, feedback: "Valid JSON that fits the schema.", scores: { json: 1 } };
    const complaints = issues.slice(0, 10).map((issue) => `- ${issueText(issue)}`);
    const more = issues.length > 10 ? [`- and ${issues.length - 10} more`] : [];
    const feedback = [`The answer is valid JSON that does not fit the schema:`, ...complaints, ...more, `Got ${shown(answer)}.`];
    return { score: 0, feedback: feedback.join("\n"), scores: { json: 1 } };
  };
  const settings = { schema: isStandardSchema(schema) ? describeSchema(schema) : schema, lenient };
  return new FunctionGuide(Object.assign(judge, { scoreRange: [0, 1] as const }), settings);
}

type Read = { readonly value: unknown } | { readonly problem: string };

function readAnswer(answer: unknown, lenient: boolean): Read {
  if (typeof answer !== "string") {
    const problem = jsonProblem(answer, "it");
    return problem === undefined ? { value: answer } : { problem };
  }
  try {
    return { value: JSON.parse(answer) };
  } catch (error) {
    const candidate = lenient ? jsonCandidates(answer.trim()).at(-1) : undefined;
    return candidate === undefined ? { problem: withoutQuotation((error as Error).message) } : { value: candidate.value };
  }
}

/** The answer is shown anyway. */
function withoutQuotation(message: string): string {
  return message.replace(/, (?:\.\.\.)?"[\s\S]*" is not valid JSON$/, "");
}

function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  return (typeof schema === "object" || typeof schema === "function") && schema !== null && "~standard" in schema;
}

/** A JSON Schema by way of zod, which reads it and says what does not fit. */
async function toStandardSchema(schema: StandardSchemaV1 | Readonly<Record<string, unknown>>): Promise<StandardSchemaV1> {
  if (isStandardSchema(schema)) return schema;
  const { z } = (await loadPackage("zod", "A JSON Schema")) as { readonly z?: { fromJSONSchema?: (given: object) => unknown } };
  if (typeof z?.fromJSONSchema !== "function") {
    throw new ConfigurationError("A JSON Schema needs zod 4.2 or newer. Run: npm install zod@latest");
  }
  try {
    return z.fromJSONSchema(schema) as StandardSchemaV1;
  } catch (cause) {
    throw new ConfigurationError(`zod cannot read the JSON Schema of validJson: ${(cause as Error).message}`, { cause });
  }
}

/** What tells two schemas apart from process to process, where their library writes them as JSON Schema. */
function describeSchema(schema: StandardSchemaV1): unknown {
  const standard: { readonly vendor: string; readonly jsonSchema?: { input(options: object): unknown } } = schema["~standard"];
  try {
    return standard.jsonSchema?.input({ target: "draft-2020-12" }) ?? standard.vendor;
  } catch {
    // Not every schema can be written so.
    return standard.vendor;
  }
}

function issueText({ message, path = [] }: StandardSchemaV1.Issue): string {
  const at = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  return at === "" ? message : `${at}: ${message}`;
}
