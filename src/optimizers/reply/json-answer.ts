/**
 * Finds the answer in the text of a JSON reply. Takes whatever a model may write, in linear time, and never throws.
 *
 * @module
 */
import { isPlainObject, type JsonValue, jsonProblem, textOf } from "../../data/json.ts";
import { type JsonCandidate, jsonCandidates, jsonSpans } from "../../llm/json-candidates.ts";
import { withoutThoughts } from "../../llm/thoughts.ts";

/** An answer as it was written; nothing in it has been checked. */
export interface JsonAnswer {
  /** By the name of the variable; those that are to stay as they are left out. */
  readonly values: ReadonlyMap<string, JsonValue>;
  /** By the name of the variable. */
  readonly edits: ReadonlyMap<string, readonly JsonValue[]>;
  /** By the name of the variable, under `null` of which is not known: why a text may not be what was meant. */
  readonly doubts: ReadonlyMap<string | null, string>;
}

/** How an answer is looked for. */
export interface AnswerSearch {
  /** Whether the model had said all; else nothing is repaired. */
  readonly isComplete: boolean;
  /** Whether there is a variable of that name. */
  readonly isKnown: (name: string) => boolean;
  /** Control characters that the values of now have. */
  readonly held: string;
}

/**
 * The one answer in a text, or what is wrong with it. Thoughts, words around it, code fences and small mistakes of form are
 * forgiven; several objects count together as long as they do not contradict each other, and those on lines of their own before
 * those that prose speaks of.
 */
export function findJsonAnswer(text: string, search: AnswerSearch): JsonAnswer | { readonly problem: string } {
  const { isComplete, isKnown, held } = search;
  const said = withoutThoughts(text, jsonSpans).trim();
  const candidates = jsonCandidates(said, { repairs: isComplete ? "closed" : "none", held });
  const answers = candidates.flatMap((candidate) => {
    const answer = answerIn(candidate.value, isKnown);
    return answer === undefined ? [] : [{ ...candidate, ...answer, doubts: doubtsOf(candidate, isKnown) }];
  });
  if (answers.length === 0) return { problem: whyNone(said, candidates, isComplete) };
  const together = joined(answers);
  return "problem" in together && answers.some(({ isAlone }) => isAlone)
    ? joined(answers.filter(({ isAlone }) => isAlone))
    : together;
}

function joined(answers: readonly JsonAnswer[]): JsonAnswer | { readonly problem: string } {
  const values = new Map<string, JsonValue>();
  const edits = new Map<string, readonly JsonValue[]>();
  const doubts = new Map<string | null, string>();
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
  return { values, edits, doubts };
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
  const fields = new Map(Object.entries(object).map(([key, value]) => [key.trim(), value as JsonValue]));
  const values = valuesKeys.map((key) => namedValues(fields.get(key))).find((found) => found !== undefined);
  const edits = editsByName(fields.get("edits"));
  // Without a name around them: what else there is are other words of the model.
  const named = values ?? [...fields].filter(([name]) => name !== "edits" && isKnown(name));
  const saysNone = valuesKeys.some((key) => fields.get(key) === null);
  if (values !== undefined || named.length > 0 || edits.size > 0 || saysNone) {
    const changed = named.filter(([, value]) => value !== null).map(([name, value]) => [name.trim(), value] as const);
    return { values: new Map(changed), edits };
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
