/**
 * `askStructured`: asks a model for data instead of words.
 *
 * @module
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isPlainObject, type JsonValue, jsonEqual } from "../../data/json.ts";
import { OutputParseError } from "../../errors.ts";
import { callModel } from "../call-model.ts";
import type { Message, ModelReply, ModelRequest } from "../model-request.ts";
import { calledWith, type JsonCandidate, jsonAnswers, jsonCandidates, meantOf } from "./json-candidates.ts";
import { offersStructuredOutput } from "./response-format.ts";
import { type JsonSchema, jsonSchemaOf, strictSchema } from "./strict-schema.ts";
import { structuredCorrection, structuredInstructions } from "./structured-prompt.ts";
import { withoutThoughts } from "./thoughts.ts";

/** A request for data. */
export interface StructuredRequest<T> extends ModelRequest {
  /** What the data must be: a schema of zod, Valibot, ArkType or any other library of Standard Schema. */
  readonly schema: StandardSchemaV1<unknown, T>;
}

/**
 * Asks a model for one JSON value that fits a schema. The model is shown the schema when its library can write it as
 * JSON Schema, and its provider is asked to keep the reply to it where it is known to. Words around the value and small mistakes are forgiven; a reply that is still unusable is requested
 * again, saying what was wrong with it.
 *
 * @throws OutputParseError with the text of the second reply when that is unusable, too; failures of the call as `callModel`
 * @example
 * const { colour } = await askStructured({ prompt: "Name a colour.", schema: z.object({ colour: z.string() }) });
 */
export function askStructured<T>(request: StructuredRequest<T>): Promise<T> {
  return askForData(request, callModel);
}

/** The same, by calls that may be made in another way. */
export async function askForData<T>(
  request: StructuredRequest<T>,
  call: (request: ModelRequest) => Promise<ModelReply>,
): Promise<T> {
  const { schema, system, prompt, messages, ...settings } = request;
  const jsonSchema = jsonSchemaOf(schema);
  const instructions = structuredInstructions(jsonSchema && JSON.stringify(jsonSchema));
  const how = call === callModel ? { ...formatFor(request, jsonSchema), ...settings } : settings;
  const ask = (conversation: Pick<ModelRequest, "prompt" | "messages">): Promise<ModelReply> =>
    call({ ...how, ...conversation, system: system ? `${system}\n\n${instructions}` : instructions });

  const first = await ask({ prompt, messages });
  const read = await readStructuredReply(first, schema);
  if ("value" in read) return read.value;

  const conversation = messages ?? [{ role: "user", content: prompt ?? "" }];
  const second = await ask({ messages: [...conversation, ...correction(first.text, read.problem)] });
  const readAgain = await readStructuredReply(second, schema);
  if ("value" in readAgain) return readAgain.value;
  throw new OutputParseError(
    `Expected ${second.model} to reply with JSON that fits, got two unusable replies, the second because ${readAgain.problem}`,
    second.text,
  );
}

/** What is added to the conversation. Providers refuse messages without text. */
function correction(text: string, problem: string): Message[] {
  const request: Message = { role: "user", content: structuredCorrection(problem) };
  return text.trim() === "" ? [request] : [{ role: "assistant", content: text }, request];
}

/** The response format to ask for, where the model is known to keep to one and strict providers take the schema. */
function formatFor({ model }: ModelRequest, jsonSchema: JsonSchema | undefined): Pick<ModelRequest, "responseFormat"> {
  const schema = jsonSchema && offersStructuredOutput(model) ? strictSchema(jsonSchema) : undefined;
  return schema === undefined ? {} : { responseFormat: { type: "json", name: "reply", schema } };
}

/** The value, or what is wrong with the reply: the end of a sentence that begins with "it". */
export type ReadReply<T> = { readonly value: T } | { readonly problem: string };

/**
 * Thoughts, words around the value and mistakes of punctuation are forgiven, and every value in the reply is tried. Where several
 * fit, the one on lines of its own is meant and those in the prose before it are quoted; where that decides nothing, there is none.
 */
async function readStructuredReply<T>(reply: ModelReply, schema: StandardSchemaV1<unknown, T>): Promise<ReadReply<T>> {
  const cutOff = reply.finishReason === "length";
  const text = withoutThoughts(reply.text, jsonAnswers, !cutOff).trim();
  if (reply.finishReason === "content-filter") return { problem: "a content filter withheld it" };
  if (text === "") return { problem: `it is empty (finish reason "${reply.finishReason}")` };

  const candidates = jsonCandidates(text, { repairs: cutOff ? "none" : "any" });
  const checked = await check(candidates, schema);
  // A schema of a word or a text: models leave out the quotation marks.
  const asText = cutOff ? [] : await check([{ value: text, start: 0, isAlone: true, doubts: [] }], schema);
  const inner = await check(candidates.flatMap(unwrapped), schema);
  const bare = await check([...checked, ...inner].flatMap(withoutQuotes), schema);
  for (const round of [checked, inner, bare, asText]) {
    const fitting = round.flatMap(({ candidate, result }) => (result.issues ? [] : [{ ...candidate, fitted: result.value }]));
    const [meant, ...others] = distinct(meantOf(fitting));
    if (meant === undefined) continue;
    if (isOutdone(meant, checked, fitting)) return { problem: `it does not fit: ${issuesOf(checked.at(-1))}` };
    if (others.length > 0) return { problem: "it contains several JSON values that fit, but only one is expected" };
    const [doubt] = meant.doubts;
    return doubt === undefined ? { value: meant.fitted } : { problem: `it ${doubt.reason}` };
  }
  if (cutOff) return { problem: "it was cut off at the token limit" };
  const what = candidates.length === 0 ? "it contains no readable JSON" : "it does not fit";
  return { problem: `${what}: ${issuesOf(checked.at(-1) ?? asText[0])}` };
}

/** Whether an object on lines of its own that does not fit follows a value that does: that one may be quoted. */
function isOutdone({ start }: JsonCandidate, checked: readonly Checked<unknown>[], fitting: readonly JsonCandidate[]): boolean {
  const fits = new Set(fitting.map((one) => one.start));
  return checked.some(
    ({ candidate: one }) => one.isAlone && one.start > start && isPlainObject(one.value) && !fits.has(one.start),
  );
}

function issuesOf(checked: Checked<unknown> | undefined): string {
  return (checked?.result.issues ?? []).map(issueText).join("; ");
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

/** A value in a list of one, as the only field of an object, as JSON inside a string, or in a tool call that is written as text. */
function unwrapped(candidate: JsonCandidate): JsonCandidate[] {
  const { value, start } = candidate;
  if (typeof value === "string") return jsonCandidates(value).map((inner) => ({ ...inner, start }));
  const called = calledWith(value);
  if (called !== undefined) return [{ ...candidate, value: called }];
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
