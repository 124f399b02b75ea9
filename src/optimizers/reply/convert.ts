/**
 * From the text of a reply to a value of the parameter's type: strictly, or not at all.
 *
 * @module
 */
import { isJsonValue, isPlainObject, type JsonValue, jsonEqual, shorten } from "../../data/json.ts";
import { isCodeParameter } from "../../graph/code-parameter.ts";
import type { Domain, SubsetDomain } from "../../graph/domain.ts";
import type { Parameter } from "../../graph/parameter.ts";
import { readWholeJson } from "../../llm/json-reader.ts";
import { heldControls } from "../edit-rules/broken-text.ts";
import { describeType } from "../problem/describe-variable.ts";

/** A value of the right type, or why there is none. Rules beyond the type are for the parameter to check. */
export type Conversion = { readonly value: JsonValue } | { readonly problem: string };

/**
 * Reads `text` as a value for `parameter`: strings as they are, all else as it is written in JSON. One of its choices
 * may also be given by its text, a subset also as one element a line. Nothing is rounded, guessed or coerced.
 */
export function convert(text: string, parameter: Parameter): Conversion {
  const current = parameter.peek();
  if (isCodeParameter(parameter)) return { value: withoutCodeFence(text) };
  const { json, doubt } = parseJson(withoutCodeFence(text), heldControls([parameter]));
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
  const elementIn = (line: string): JsonValue | undefined => elementOf(pool, line, parseJson(withoutCodeFence(line), "").json);
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
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(written)) return undefined;
  const number = Number(written);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * The JSON that a text is, and why it may not be what was meant. What parses but is none, such as a number beyond all bounds or
 * lists within lists without end, is left out.
 */
function parseJson(written: string, held: string): { readonly json?: JsonValue; readonly doubt?: string | undefined } {
  const part = readWholeJson(written, held);
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
