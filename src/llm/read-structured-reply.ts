/**
 * Reads the one value that fits a schema out of a reply, or says why there is none.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { jsonEqual } from "../data/json.ts";
import type { ModelReply } from "./call-model.ts";
import { jsonCandidates, withoutThoughts } from "./json-candidates.ts";

/** The value, or what is wrong with the reply: the end of a sentence that begins with "it". */
export type ReadReply<T> = { readonly value: T } | { readonly problem: string };

/** Words around the value and small mistakes are forgiven. Where several values fit, nobody knows which is meant: one may be a quotation. */
export async function readStructuredReply<T>(reply: ModelReply, schema: StandardSchemaV1<unknown, T>): Promise<ReadReply<T>> {
  const text = withoutThoughts(reply.text);
  const cutOff = reply.finishReason === "length";
  if (reply.finishReason === "content-filter") return { problem: "a content filter withheld it" };
  if (text === "") return { problem: `it is empty (it ended for the reason "${reply.finishReason}")` };

  const candidates = jsonCandidates(text, cutOff ? "none" : "any");
  // A schema of a word or a text: models leave out the quotation marks.
  if (candidates.length === 0 && !cutOff) candidates.push(text);
  const results = await Promise.all(candidates.map(async (json) => ({ json, result: await schema["~standard"].validate(json) })));
  const fitting = results.flatMap(({ json, result }) => (result.issues === undefined ? [{ json, value: result.value }] : []));
  const [first] = fitting;
  if (first !== undefined) {
    const others = fitting.filter(({ json }) => !jsonEqual(json, first.json));
    return others.length === 0
      ? { value: first.value }
      : { problem: "it holds several JSON values that fit, where one is wanted" };
  }
  if (cutOff) return { problem: "it was cut off at the limit of tokens" };
  const issues = results.at(-1)?.result.issues ?? [];
  return {
    problem: `${candidates[0] === text ? "it holds no JSON that can be read" : "it does not fit"}: ${issues.map(issueText).join("; ")}`,
  };
}

function issueText({ message, path = [] }: StandardSchemaV1.Issue): string {
  const at = path.map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  return at === "" ? message : `${at}: ${message}`;
}
