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
  if (text === "") return { problem: `it is empty (it ended for the reason "${reply.finishReason}")` };

  const candidates = jsonCandidates(text, { repairs: cutOff ? "none" : "any" });
  const checked = await check(candidates, schema);
  // A schema of a word or a text: models leave out the quotation marks.
  const asText = cutOff ? [] : await check([{ value: text, isAlone: true, doubts: [] }], schema);
  for (const round of [checked, await check(candidates.flatMap(unwrapped), schema), asText]) {
    const fitting = round.flatMap(({ candidate, result }) => (result.issues ? [] : [{ ...candidate, fitted: result.value }]));
    const [meant, ...others] = distinct(
      fitting.some(({ isAlone }) => isAlone) ? fitting.filter(({ isAlone }) => isAlone) : fitting,
    );
    if (meant === undefined) continue;
    if (others.length > 0) return { problem: "it holds several JSON values that fit, where one is wanted" };
    const [doubt] = meant.doubts;
    return doubt === undefined ? { value: meant.fitted } : { problem: `it ${doubt.reason}` };
  }
  if (cutOff) return { problem: "it was cut off at the limit of tokens" };
  const issues = (checked.at(-1) ?? asText[0])?.result.issues ?? [];
  const what = candidates.length === 0 ? "it holds no JSON that can be read" : "it does not fit";
  return { problem: `${what}: ${issues.map(issueText).join("; ")}` };
}

async function check<T>(candidates: readonly JsonCandidate[], schema: StandardSchemaV1<unknown, T>) {
  return Promise.all(
    candidates.map(async (candidate) => ({ candidate, result: await schema["~standard"].validate(candidate.value) })),
  );
}

/** A value in a list of one, as the only field of an object, or as JSON inside of a string. */
function unwrapped(candidate: JsonCandidate): JsonCandidate[] {
  const { value } = candidate;
  if (typeof value === "string") return jsonCandidates(value);
  const [inner, ...others] = Array.isArray(value) || isPlainObject(value) ? (Object.values(value) as JsonValue[]) : [];
  const isWrapper = others.length === 0 && typeof inner === "object" && inner !== null;
  return isWrapper ? [{ ...candidate, value: inner }] : [];
}

function distinct<C extends JsonCandidate>(candidates: readonly C[]): C[] {
  const found: C[] = [];
  for (const candidate of candidates) if (!found.some(({ value }) => jsonEqual(value, candidate.value))) found.push(candidate);
  return found;
}

function issueText({ message, path = [] }: StandardSchemaV1.Issue): string {
  const at = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  return at === "" ? message : `${at}: ${message}`;
}
