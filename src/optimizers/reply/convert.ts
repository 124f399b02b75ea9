/**
 * From the text of a reply to a value of the parameter's type: strictly, or not at all.
 *
 * @module
 */
import { isJsonValue, isPlainObject, type JsonValue, jsonEqual, jsonProblem, shorten, textOf } from "../../data/json.ts";
import type { Domain, SubsetDomain } from "../../graph/domain.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { isCodeParameter } from "../../graph/trainable-code.ts";
import type { CurrentTexts } from "../../llm/structured/current-texts.ts";
import { calledWith, type JsonCandidate, jsonAnswers, jsonCandidates, meantOf } from "../../llm/structured/json-candidates.ts";
import { readWholeJson } from "../../llm/structured/json-reader.ts";
import { type AnswerForm, withoutThoughts } from "../../llm/structured/thoughts.ts";
import { currentTexts } from "../edit-rules/broken-text.ts";
import { describeType } from "../problem/describe-variable.ts";
import { saysUnchanged } from "./edits.ts";

/** A value of the right type, or why there is none. Rules beyond the type are for the parameter to check. */
export type Conversion = { readonly value: JsonValue } | { readonly problem: string };

/**
 * Reads `text` as a value for `parameter`: strings as they are, all else as it is written in JSON. One of its choices
 * may also be given by its text, a subset also as one element a line. Nothing is rounded, guessed or coerced.
 */
export function convert(text: string, parameter: Parameter): Conversion {
  const current = parameter.peek();
  if (isCodeParameter(parameter)) return { value: withoutCodeFence(text) };
  const { json, doubt } = parseJson(withoutCodeFence(text), currentTexts([parameter]));
  const value = parameter.domain === undefined ? read(text, current, json) : readMember(text, current, parameter.domain, json);
  if (value !== undefined && !(current === null && doubt !== undefined)) return { value };
  if (doubt !== undefined) return { problem: `it ${doubt}` };
  // A schema may allow other types than that of the value of now.
  if (json !== undefined && parameter.problems(json).length === 0) return { value: json };
  return { problem: `expected ${describeType(parameter)}, got ${JSON.stringify(shorten(text.trim(), 80))}` };
}

/** A value of the type of `current`, or `undefined`. */
function read(text: string, current: unknown, json: JsonValue | undefined): JsonValue | undefined {
  if (typeof current === "string") return text;
  if (typeof current === "number") return readNumber(withoutCodeFence(text));
  // A parameter that starts as null may hold anything; text that is no JSON is text.
  if (current === null) return json === undefined ? text : json;
  if (typeof current === "boolean") return typeof json === "boolean" ? json : undefined;
  if (Array.isArray(current)) return Array.isArray(json) ? (json as JsonValue) : undefined;
  return isPlainObject(json) ? (json as JsonValue) : undefined;
}

function readMember(text: string, current: unknown, domain: Domain, json: JsonValue | undefined): JsonValue | undefined {
  switch (domain.kind) {
    case "choices":
      return elementOf(domain.values, text, json);
    case "subset":
      return readSubset(text, domain, json);
    case "range":
      return typeof current === "number" ? readNumber(withoutCodeFence(text)) : undefined;
  }
}

/** JSON of any list, which the domain then judges; or one element a line. */
function readSubset(text: string, { pool }: SubsetDomain, json: JsonValue | undefined): JsonValue | undefined {
  const written = withoutCodeFence(text);
  if (Array.isArray(json)) return json as JsonValue;
  const lines = written.split("\n").filter((line) => line.trim() !== "");
  if (lines.length > pool.length) return undefined;
  const elementIn = (line: string): JsonValue | undefined => elementOf(pool, line, parseJson(withoutCodeFence(line)).json);
  const elements = lines.map((line) => elementIn(line) ?? elementIn(line.replace(/^\s*[-*]\s+/, "")));
  return elements.every((element) => element !== undefined) ? elements : undefined;
}

/** The element that `text` names: by its exact text, by its text without blanks around it, or as JSON. */
function elementOf(elements: readonly JsonValue[], text: string, json: JsonValue | undefined): JsonValue | undefined {
  const written = withoutCodeFence(text);
  const exact = elements.find((element) => element === text) ?? elements.find((element) => element === written);
  if (exact !== undefined) return exact;
  return json === undefined ? undefined : elements.find((element) => jsonEqual(element, json));
}

function readNumber(written: string): number | undefined {
  if (!/^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(written)) return undefined;
  const number = Number(written);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * The JSON that a text is, and why it may not be what was meant. What parses but is none, such as a number beyond all bounds or
 * lists within lists without end, is left out.
 */
function parseJson(written: string, current?: CurrentTexts): { readonly json?: JsonValue; readonly doubt?: string | undefined } {
  const part = readWholeJson(written, current);
  if (part === undefined || !isJsonValue(part.value)) return {};
  const doubt = part.doubts[0]?.reason;
  return doubt === undefined ? { json: part.value } : { doubt };
}

/** Models like to put code and JSON between lines of backticks; no JSON text begins with one. */
function withoutCodeFence(text: string): string {
  const trimmed = text.trim();
  const [, inside] = /^```[^\n`]*\n([\s\S]*?)\n?```$/.exec(trimmed) ?? [];
  return (inside ?? trimmed).trim();
}

/** An answer as it was written; nothing in it has been checked. */
export interface JsonAnswer {
  /** By the name of the variable; those that are to stay as they are left out. */
  readonly values: ReadonlyMap<string, JsonValue>;
  /** By the name of the variable. */
  readonly edits: ReadonlyMap<string, readonly JsonValue[]>;
  /** By the name of the variable, under `null` of which is not known: why a text may not be what was meant. */
  readonly doubts: ReadonlyMap<string | null, string>;
  /** The words of the model about it; empty for none. */
  readonly reasoning: string;
}

/** That nothing is to be changed is an answer, too. */
export const jsonForm: AnswerForm = {
  ...jsonAnswers,
  holdsAnswer: (text) => jsonAnswers.holdsAnswer(text) || saysUnchanged(text.trim()),
};

/** How an answer is looked for. */
export interface AnswerSearch {
  /** Whether the model had said all; else nothing is repaired. */
  readonly isComplete: boolean;
  /** Whether there is a variable of that name. */
  readonly isKnown: (name: string) => boolean;
  /** What the answer may replace or quote. */
  readonly current: CurrentTexts;
}

/**
 * The one answer in a text, or what is wrong with it. Thoughts, words around it, code fences and small mistakes of form are
 * forgiven; several objects count together as long as they do not contradict each other, and those on lines of their own before
 * those that the prose before them speaks of.
 */
export function findJsonAnswer(text: string, search: AnswerSearch): JsonAnswer | { readonly problem: string } {
  const { isComplete, isKnown, current } = search;
  const said = withoutThoughts(text, jsonForm, isComplete).trim();
  const candidates = jsonCandidates(said, { repairs: isComplete ? "closed" : "none", current });
  const answers = candidates.flatMap((candidate) => {
    const answer = answerIn(candidate.value, isKnown);
    return answer === undefined ? [] : [{ ...candidate, ...answer, doubts: doubtsOf(candidate, isKnown) }];
  });
  if (answers.length === 0) return { problem: whyNone(said, candidates, isComplete) };
  const together = joined(answers);
  return "problem" in together ? joined(meantOf(answers)) : together;
}

function joined(answers: readonly JsonAnswer[]): JsonAnswer | { readonly problem: string } {
  const values = new Map<string, JsonValue>();
  const edits = new Map<string, readonly JsonValue[]>();
  const doubts = new Map<string | null, string>();
  const reasoning = answers.find((answer) => answer.reasoning !== "")?.reasoning ?? "";
  for (const answer of answers) {
    for (const [name, value] of answer.values) {
      if (values.has(name) && textOf(values.get(name)) !== textOf(value)) {
        return { problem: `expected one JSON object, got several that say different things about ${JSON.stringify(name)}` };
      }
      values.set(name, value);
    }
    for (const [name, list] of answer.edits) edits.set(name, [...(edits.get(name) ?? []), ...list]);
    for (const [name, doubt] of answer.doubts) doubts.set(name, doubt);
  }
  return { values, edits, doubts, reasoning };
}

/** Of the words around the values nothing is used, so no doubt about them matters. */
function doubtsOf({ value, doubts }: JsonCandidate, isKnown: (name: string) => boolean): ReadonlyMap<string | null, string> {
  const byName = new Map<string | null, string>();
  for (const { path, reason } of doubts) {
    const keys = path.map((key) => (typeof key === "string" ? key.trim() : key));
    const isAside = keys.length === 1 && typeof keys[0] === "string" && !isKnown(keys[0]) && isPlainObject(value);
    if (isAside) continue;
    const name = keys.find((key): key is string => typeof key === "string" && isKnown(key));
    byName.set(name ?? null, reason);
  }
  return byName;
}

/** What the values are called by models that do not keep to the name. */
const valuesKeys = ["values", "suggestion", "suggestions", "variables", "new_values"] as const;

function answerIn(candidate: JsonValue, isKnown: (name: string) => boolean): Omit<JsonAnswer, "doubts"> | undefined {
  const object = Array.isArray(candidate) && candidate.length === 1 ? (candidate[0] as JsonValue) : candidate;
  if (!isPlainObject(object)) return undefined;
  const called = calledWith(object as JsonValue);
  if (isPlainObject(called) && valuesKeys.some((key) => Object.hasOwn(called, key)))
    return answerIn(called as JsonValue, isKnown);
  const fields = new Map(Object.entries(object).map(([key, value]) => [key.trim(), value as JsonValue]));
  const values = valuesKeys.map((key) => namedValues(fields.get(key))).find((found) => found !== undefined);
  const edits = editsByName(fields.get("edits"));
  // Without a name around them: what else there is are other words of the model.
  const named = values ?? [...fields].filter(([name]) => name !== "edits" && isKnown(name));
  const saysNone = valuesKeys.some((key) => fields.get(key) === null);
  if (values !== undefined || named.length > 0 || edits.size > 0 || saysNone) {
    const changed = named.filter(([, value]) => value !== null).map(([name, value]) => [name.trim(), value] as const);
    const reasoning = fields.get("reasoning");
    return { values: new Map(changed), edits, reasoning: typeof reasoning === "string" ? reasoning.trim() : "" };
  }
  const [[, inner] = []] = fields;
  // The answer as the only field of another object: {"response": {…}}.
  return fields.size === 1 && isPlainObject(inner) && valuesKeys.some((key) => Object.hasOwn(inner, key))
    ? answerIn(inner as JsonValue, () => false)
    : undefined;
}

/** `{"name": value}`, or as a list `[{"name": …, "value": …}]`; `undefined` for anything else. */
function namedValues(given: JsonValue | undefined): readonly (readonly [string, JsonValue])[] | undefined {
  if (isPlainObject(given)) return Object.entries(given) as [string, JsonValue][];
  if (!Array.isArray(given)) return undefined;
  const entries = given.map((entry: JsonValue): readonly [string, JsonValue] | undefined => {
    if (!isPlainObject(entry) || !Object.hasOwn(entry, "value")) return undefined;
    const name = nameIn(entry);
    return typeof name === "string" ? [name, entry.value as JsonValue] : undefined;
  });
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

/** Which variable an entry of a list is about. */
function nameIn(entry: Readonly<Record<string, unknown>>): unknown {
  return ["variable", "name"]
    .map((key) => (Object.hasOwn(entry, key) ? entry[key] : undefined))
    .find((name) => name !== undefined);
}

/** `[{"variable": name, …}]`, or `{"name": [{…}]}`. */
function editsByName(given: JsonValue | undefined): ReadonlyMap<string, readonly JsonValue[]> {
  const byName = new Map<string, JsonValue[]>();
  const add = (name: unknown, edit: JsonValue): void => {
    const known = typeof name === "string" ? name.trim() : "";
    const list = byName.get(known);
    if (list === undefined) byName.set(known, [edit]);
    else list.push(edit);
  };
  if (Array.isArray(given)) {
    for (const edit of given as JsonValue[]) {
      const fields: Record<string, unknown> = isPlainObject(edit) ? edit : {};
      add(nameIn(fields), edit);
    }
  } else if (isPlainObject(given)) {
    for (const [name, list] of Object.entries(given)) {
      for (const edit of (Array.isArray(list) ? list : [list]) as JsonValue[]) add(name, edit);
    }
  }
  return byName;
}

function whyNone(text: string, candidates: readonly JsonCandidate[], isComplete: boolean): string {
  const wanted = 'a JSON object with "values"';
  if (!/[{[]/.test(text)) return `expected ${wanted}, got no JSON`;
  if (candidates.length === 0) {
    return isComplete
      ? `expected ${wanted}, got JSON that cannot be read; escape quotation marks and line breaks inside strings`
      : `the reply ended before ${wanted} was closed; keep the reply shorter`;
  }
  const problem = candidates.map(({ value }) => jsonProblem(value)).find((found) => found !== undefined);
  return problem === undefined ? `expected ${wanted}, got JSON without` : `expected ${wanted}, but ${problem}`;
}
