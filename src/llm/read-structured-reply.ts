/**
 * Reads the one value that fits a schema out of a reply, or says why there is none.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isPlainObject, type JsonValue, jsonEqual } from "../data/json.ts";
import { type JsonCandidate, jsonCandidates, jsonSpans } from "./json-candidates.ts";
import type { ModelReply } from "./model-request.ts";
import { withoutThoughts } from "./thoughts.ts";

/** The value, or what is wrong with the reply: the end of a sentence that begins with "it". */
export type ReadReply<T> = { readonly value: T } | { readonly problem: string };

/**
 * Thoughts, words around the value and mistakes of punctuation are forgiven, and every value in the reply is tried. Where several
 * fit, the one on lines of its own is meant and the others are quoted; where that decides nothing, there is none.
 */
export async function readStructuredReply<T>(reply: ModelReply, schema: StandardSchemaV1<unknown, T>): Promise<ReadReply<T>> {
  const text = withoutThoughts(reply.text, jsonSpans).trim();
  const cutOff = reply.finishReason === "length";
  if (reply.finishReason === "content-filter") return { problem: "a content filter withheld it" };
  if (text === "") return { problem: `it is empty (finish reason "${reply.finishReason}")` };

  const candidates = jsonCandidates(text, { repairs: cutOff ? "none" : "any" });
  const checked = await check(candidates, schema);
  // A schema of a word or a text: models leave out the quotation marks.
  const asText = cutOff ? [] : await check([{ value: text, isAlone: true, doubts: [] }], schema);
  const inner = await check(candidates.flatMap(unwrapped), schema);
  const bare = await check([...checked, ...inner].flatMap(withoutQuotes), schema);
  for (const round of [checked, inner, bare, asText]) {
    const fitting = round.flatMap(({ candidate, result }) => (result.issues ? [] : [{ ...candidate, fitted: result.value }]));
    const [meant, ...others] = distinct(
      fitting.some(({ isAlone }) => isAlone) ? fitting.filter(({ isAlone }) => isAlone) : fitting,
    );
    if (meant === undefined) continue;
    if (others.length > 0) return { problem: "it contains several JSON values that fit, but only one is expected" };
    const [doubt] = meant.doubts;
    return doubt === undefined ? { value: meant.fitted } : { problem: `it ${doubt.reason}` };
  }
  if (cutOff) return { problem: "it was cut off at the token limit" };
  const issues = (checked.at(-1) ?? asText[0])?.result.issues ?? [];
  const what = candidates.length === 0 ? "it contains no readable JSON" : "it does not fit";
  return { problem: `${what}: ${issues.map(issueText).join("; ")}` };
}

interface Checked<T> {
  readonly candidate: JsonCandidate;
  readonly result: StandardSchemaV1.Result<T>;
}

async function check<T>(
  candidates: readonly JsonCandidate[],
  schema: StandardSchemaV1<unknown, T>,
): Promise<readonly Checked<T>[]> {
  return Promise.all(
    candidates.map(async (candidate) => ({ candidate, result: await schema["~standard"].validate(candidate.value) })),
  );
}

/** A value in a list of one, as the only field of an object, or as JSON inside a string. */
function unwrapped(candidate: JsonCandidate): JsonCandidate[] {
  const { value } = candidate;
  if (typeof value === "string") return jsonCandidates(value);
  const [inner, ...others] = Array.isArray(value) || isPlainObject(value) ? (Object.values(value) as JsonValue[]) : [];
  const isWrapper = others.length === 0 && typeof inner === "object" && inner !== null;
  return isWrapper ? [{ ...candidate, value: inner }] : [];
}

/** Numbers and truth values without the quotation marks that they have where the schema wants no text. */
function withoutQuotes({ candidate, result: { issues } }: Checked<unknown>): JsonCandidate[] {
  const value = structuredClone(candidate.value);
  let isChanged = false;
  for (const { path = [] } of issues ?? []) {
    const keys = path.map((step) => (typeof step === "object" ? step.key : step)) as (string | number)[];
    const last = keys.pop();
    const holder = keys.reduce<unknown>((outer, key) => fieldsOf(outer)[key], value);
    if (last === undefined || !Object.hasOwn(fieldsOf(holder), last)) continue;
    const fields = fieldsOf(holder);
    const meant = unquoted(fields[last]);
    if (meant === undefined) return [];
    fields[last] = meant;
    isChanged = true;
  }
  return isChanged ? [{ ...candidate, value }] : [];
}

function fieldsOf(value: unknown): Record<string | number, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string | number, unknown>) : {};
}

function unquoted(value: unknown): JsonValue | undefined {
  if (typeof value !== "string" || !numberOrTruth.test(value.trim())) return undefined;
  return JSON.parse(value.trim().toLowerCase()) as JsonValue;
}

const numberOrTruth = /^(?:-?(?:0|[1-9]\d{0,14})(?:\.\d{1,20})?(?:e[+-]?\d{1,2})?|true|false)$/i;

function distinct<C extends JsonCandidate>(candidates: readonly C[]): C[] {
  const found: C[] = [];
  for (const candidate of candidates) if (!found.some(({ value }) => jsonEqual(value, candidate.value))) found.push(candidate);
  return found;
}

function issueText({ message, path = [] }: StandardSchemaV1.Issue): string {
  const at = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  return at === "" ? message : `${at}: ${message}`;
}
