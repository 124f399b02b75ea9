/**
 * Replies as one JSON object, which providers can be made to keep to by a schema.
 *
 * @module
 */
import { describeValue, isPlainObject, type JsonValue, jsonProblem, textOf } from "../../data/json.ts";
import type { Parameter } from "../../graph/parameter.ts";
import type { JsonSchema } from "../../llm/structured/strict-schema.ts";
import { withoutThoughts } from "../../llm/structured/thoughts.ts";
import { currentTexts } from "../edit-rules/broken-text.ts";
import { describeType, schemaText, variableText } from "../problem/describe-variable.ts";
import { jsonReplyPrompt } from "../prompts/reply-form-prompt.ts";
import { type Conversion, convert, findJsonAnswer, jsonForm } from "./convert.ts";
import { applyEdits, type Edit, offersEdits, saysUnchanged } from "./edits.ts";
import type { Fence } from "./fence.ts";
import type { AskedVariable, ReadReply, Reply, ReplyFormat } from "./reply-format.ts";

/** The JSON format for a prompt about these variables. JSON escapes what it holds, so the tags of the prompt do not matter. */
export function jsonFormat(_fence: Fence, variables: readonly AskedVariable[]): ReplyFormat {
  const edits = offersEdits(variables);
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const shown = new Map(variables.map(({ name, value }) => [name, value]));
  return {
    name: "json",
    ...jsonReplyPrompt(edits),
    responseFormat: { type: "json", name: "answer", schema: answerSchema(variables, edits) },
    answer(reasoning: string, values: ReadonlyMap<string, JsonValue>) {
      const written = Array.from(values, ([name, value]) => [name, writtenValue(value, byName.get(name))]);
      return JSON.stringify({ reasoning, values: Object.fromEntries(written), ...(edits ? { edits: [] } : {}) }, null, 2);
    },
    read: (reply, parameters) => readJsonReply(reply, { parameters, editable: edits ? shown : undefined }),
  };
}

/** What a reply is read by. */
export interface JsonReading {
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** The values that edits apply to; without it, none are taken: the prompt may not show the values in full. */
  readonly editable: ReadonlyMap<string, unknown> | undefined;
}

/** Reads a JSON reply. No change at all is a legitimate answer; what may be cut off never is one. */
function readJsonReply({ text, finishReason }: Reply, { parameters, editable }: JsonReading): ReadReply {
  const values = new Map<string, unknown>();
  const reasons = new Map<string | null, string>();
  const quotes = new Map<string | null, string>([[null, text]]);
  const current = currentTexts(parameters.values());
  const found = findJsonAnswer(text, { isComplete: finishReason === "stop", isKnown: (name) => parameters.has(name), current });
  if ("problem" in found) {
    const isFine = finishReason === "stop" && saysUnchanged(withoutThoughts(text, jsonForm).trim());
    if (!isFine) reasons.set(null, whyNothing(text, finishReason, found.problem));
    return { values, rejections: rejections(reasons), salvaged: [], quotes, isMalformed: !isFine };
  }

  const edits = new Map(found.edits);
  for (const [name, written] of found.values) {
    const parameter = parameters.get(name);
    quotes.set(name, textOf(written));
    if (isText(parameter) && isPlainObject(written) && Array.isArray(written.edits)) {
      edits.set(name, [...(edits.get(name) ?? []), ...(written.edits as JsonValue[])]);
      continue;
    }
    // The optimizer says which names there are.
    const read: Conversion = parameter === undefined ? { value: written } : readValue(written, parameter);
    if ("value" in read) values.set(name, read.value);
    else reasons.set(name, read.problem);
  }
  for (const [name, written] of edits) {
    const hasValue = values.delete(name) || reasons.has(name);
    const read = hasValue
      ? { problem: "expected either a value or edits, got both" }
      : readEdits(name, written, { parameters, editable });
    quotes.set(name, textOf(written));
    if ("value" in read) values.set(name, read.value);
    else reasons.set(name === "" ? null : name, read.problem);
  }
  for (const [name, doubt] of found.doubts) {
    reasons.set(name, `it ${doubt}`);
    for (const doubtful of name === null ? [...values.keys()] : [name]) values.delete(doubtful);
  }
  return { values, rejections: rejections(reasons), salvaged: [], quotes, isMalformed: false, reasoning: found.reasoning };
}

/** A value of the parameter's type: as it is, as JSON inside a string, or as the one field of an object. */
function readValue(written: JsonValue, parameter: Parameter): Conversion {
  const current = parameter.peek();
  const value = isPlainObject(current) || current === null ? written : withoutWrapper(written);
  if (typeof value === "string") return convert(value, parameter);
  const notJson = jsonProblem(value);
  if (notJson !== undefined) return { problem: `expected a JSON value, but ${notJson}` };
  if (isText(parameter) && parameter.problems(value).length > 0) {
    return { problem: `expected ${describeType(parameter)}, got ${describeValue(value)}` };
  }
  return isText(parameter) || current === null ? { value } : convert(JSON.stringify(value), parameter);
}

function isText(parameter: Parameter | undefined): boolean {
  return parameter !== undefined && parameter.domain === undefined && typeof parameter.peek() === "string";
}

/** `{"value": 5}` is 5. */
function withoutWrapper(written: JsonValue): JsonValue {
  const isWrapper = isPlainObject(written) && Object.keys(written).length === 1 && Object.hasOwn(written, "value");
  return isWrapper ? (written.value as JsonValue) : written;
}

function readEdits(name: string, written: readonly JsonValue[], { parameters, editable }: JsonReading): Conversion {
  const parameter = parameters.get(name);
  if (parameter === undefined) {
    return { problem: name === "" ? 'expected each edit to name its "variable"' : "there is no variable with this name" };
  }
  if (editable === undefined) return { problem: "expected the whole new value, got edits" };
  const current = editable.has(name) ? editable.get(name) : parameter.peek();
  if (typeof current !== "string") return { problem: "expected the whole new value, got edits; only text values can be edited" };
  const edits: Edit[] = [];
  for (const edit of written) {
    const { search, replace }: Record<string, unknown> = isPlainObject(edit) ? edit : {};
    if (typeof search !== "string" || typeof replace !== "string") {
      return { problem: `expected each edit to have "search" and "replace", both strings, got ${describeValue(edit)}` };
    }
    edits.push({ search, replace });
  }
  return applyEdits(current, edits);
}

function whyNothing(text: string, finishReason: string, problem: string): string {
  if (finishReason === "content-filter") return "a content filter withheld the reply; phrase it differently";
  if (finishReason === "length")
    return "the reply reached its length limit before the JSON object was closed; keep the reasoning short";
  return text.trim() === "" ? 'expected a JSON object with "values", got an empty reply' : problem;
}

function rejections(reasons: ReadonlyMap<string | null, string>): ReadReply["rejections"] {
  return Array.from(reasons, ([name, reason]) => ({ name, reason }));
}

/**
 * The schema of the reply about these variables. Providers that are strict about schemas take it: each property is required,
 * none besides is allowed, and a variable that stays as it is is null.
 *
 * @param edits whether texts may be edited
 */
function answerSchema(variables: readonly AskedVariable[], edits: boolean): JsonSchema {
  const values = variables.map((variable): [string, JsonSchema] => [variable.name, orNull(valueSchema(variable))]);
  const properties: Record<string, JsonSchema> = {
    reasoning: { type: "string" },
    values: strictObject(Object.fromEntries(values)),
  };
  if (edits) properties.edits = { type: "array", items: editSchema(variables) };
  return strictObject(properties);
}

/** A value as it stands in a JSON reply; reading it gives the same value back. */
function writtenValue(value: JsonValue, variable: AskedVariable | undefined): JsonValue {
  if (typeof value === "string" && variable !== undefined && isAnything(variable)) return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return value === null ? "null" : value;
  const pool = variable?.parameter.domain?.kind === "subset" ? variable.parameter.domain.pool : [];
  return sharedType(pool) === undefined ? variableText(value) : value;
}

/** Lists and objects of which nothing is known are written as JSON in a string: strict schemas have no other word for them. */
function valueSchema({ parameter, value }: AskedVariable): JsonSchema {
  const { domain, maxLength } = parameter;
  const schema = schemaText(parameter);
  const fits = schema === undefined ? "" : ` that fits this JSON Schema: ${schema}`;
  const inString: JsonSchema = { type: "string", description: `${describeType(parameter, value)}${fits}` };
  if (domain?.kind === "choices") {
    const type = sharedType(domain.values);
    // Reading finds a choice by its text, too.
    return type === undefined ? { type: "string", enum: domain.values.map(variableText) } : { type, enum: domain.values };
  }
  if (domain?.kind === "range") {
    return { type: domain.integer ? "integer" : "number", minimum: domain.low, maximum: domain.high };
  }
  if (domain?.kind === "subset") {
    const type = sharedType(domain.pool);
    return type === undefined ? inString : { type: "array", items: { type, enum: domain.pool } };
  }
  if (typeof value === "number" || typeof value === "boolean") return { type: typeof value };
  if (typeof value !== "string") return inString;
  return maxLength === undefined ? { type: "string" } : { type: "string", description: `At most ${maxLength} characters` };
}

function editSchema(variables: readonly AskedVariable[]): JsonSchema {
  const texts = variables.filter(({ value, parameter }) => typeof value === "string" && parameter.domain === undefined);
  return strictObject({
    variable: { type: "string", enum: texts.map(({ name }) => name) },
    search: { type: "string" },
    replace: { type: "string" },
  });
}

/** The type that all of some values have, when it is one that an enumeration can hold. */
function sharedType(values: readonly JsonValue[]): "string" | "number" | "boolean" | undefined {
  const [type, ...others] = new Set(values.map((value) => typeof value));
  return others.length === 0 && (type === "string" || type === "number" || type === "boolean") ? type : undefined;
}

function isAnything({ parameter, value }: AskedVariable): boolean {
  return typeof value !== "string" && parameter.domain === undefined;
}

function orNull({ type, ...schema }: JsonSchema): JsonSchema {
  const choices = Array.isArray(schema.enum) ? { enum: [...(schema.enum as JsonValue[]), null] } : {};
  return { type: [type as JsonValue, "null"], ...schema, ...choices };
}

function strictObject(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
