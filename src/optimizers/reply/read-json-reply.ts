/**
 * From a JSON reply to a suggestion: values of the parameters' types, and for everything else a reason that a model can act on.
 *
 * @module
 */
import { describeValue, isPlainObject, type JsonValue, jsonProblem, textOf } from "../../data/json.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { withoutThoughts } from "../../llm/thoughts.ts";
import { heldControls } from "../edit-rules/broken-text.ts";
import { describeType } from "../problem/describe-variable.ts";
import { type Conversion, convert } from "./convert.ts";
import { applyEdits, type Edit } from "./edits.ts";
import { findJsonAnswer } from "./json-answer.ts";
import type { ReadReply, Reply } from "./reply-format.ts";
import { saysUnchanged } from "./unchanged-words.ts";

/** What a reply is read by. */
export interface JsonReading {
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** The values that edits apply to; without it, none are taken: the prompt may not show the values in full. */
  readonly editable: ReadonlyMap<string, unknown> | undefined;
}

/** Reads a JSON reply. No change at all is a legitimate answer; what may be cut off never is one. */
export function readJsonReply({ text, finishReason }: Reply, { parameters, editable }: JsonReading): ReadReply {
  const values = new Map<string, unknown>();
  const reasons = new Map<string | null, string>();
  const quotes = new Map<string | null, string>([[null, text]]);
  const held = heldControls(parameters.values());
  const found = findJsonAnswer(text, { isComplete: finishReason === "stop", isKnown: (name) => parameters.has(name), held });
  if ("problem" in found) {
    const isFine = finishReason === "stop" && saysUnchanged(withoutThoughts(text, () => []).trim());
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
  return { values, rejections: rejections(reasons), salvaged: [], quotes, isMalformed: false };
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
