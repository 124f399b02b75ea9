/**
 * Chat completions as servers send them, and whether what was sent is one.
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";

/** A completion, whole or a piece of a stream, as far as it is read. */
export interface Completion {
  readonly id?: string | null;
  readonly created?: number | null;
  readonly model?: string | null;
  readonly choices: readonly Choice[];
  readonly usage?: CompletionUsage | null;
}

/** A choice, with a `message`, or in a stream a `delta`. */
export interface Choice {
  readonly message?: ChoiceMessage | null;
  readonly delta?: ChoiceMessage | null;
  readonly finish_reason?: string | null;
  readonly logprobs?: { readonly content?: readonly object[] | null; readonly refusal?: readonly object[] | null } | null;
}

/** What the model says. */
export interface ChoiceMessage {
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly audio?: { readonly transcript?: string | null } | null;
  /** What a model has thought, in either field: one that holds anything but a text is left aside. */
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  readonly tool_calls?: readonly CompletionCall[] | null;
  readonly annotations?: readonly { readonly url_citation: { readonly url: string; readonly title: string } }[] | null;
}

/** A call of a tool, or a piece of one. */
export interface CompletionCall {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly type?: string | null;
  readonly function: { readonly name?: string | null; readonly arguments?: string | null };
}

/** Tokens as the server counts them. */
export interface CompletionUsage {
  readonly prompt_tokens?: number | null;
  readonly completion_tokens?: number | null;
  readonly total_tokens?: number | null;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null; readonly cache_write_tokens?: number | null } | null;
  readonly completion_tokens_details?: {
    readonly reasoning_tokens?: number | null;
    readonly accepted_prediction_tokens?: number | null;
    readonly rejected_prediction_tokens?: number | null;
  } | null;
}

/** Where a completion has another form than it must have; `undefined` for one that can be read. @param key of its choices */
export function completionProblem(value: unknown, key: "message" | "delta"): string | undefined {
  if (!isPlainObject(value)) return "the reply is no object";
  const { id, created, model, choices, usage } = value;
  if (!isTextOrNone(id) || !isTextOrNone(model)) return "`id` or `model` is no text";
  if (!isNumberOrNone(created)) return "`created` is no number";
  if (!Array.isArray(choices)) return "`choices` is no list";
  if (!isObjectOrNone(usage)) return "`usage` is no object";
  for (const choice of choices as readonly unknown[]) {
    if (!isPlainObject(choice)) return "a choice is no object";
    if (!isTextOrNone(choice.finish_reason)) return "`finish_reason` is no text";
    if (!isObjectOrNone(choice.logprobs)) return "`logprobs` is no object";
    const problem = messageProblem(choice[key], key);
    if (problem !== undefined) return problem;
  }
  return usageProblem(usage as Fields | null | undefined);
}

type Fields = Readonly<Record<string, unknown>>;

function messageProblem(message: unknown, key: "message" | "delta"): string | undefined {
  if (key === "delta" && (message === undefined || message === null)) return undefined;
  if (!isPlainObject(message)) return `\`${key}\` is no object`;
  const { content, refusal, audio, tool_calls, annotations } = message;
  if (!isTextOrNone(content) || !isTextOrNone(refusal)) return "the content of a message is no text";
  if (!isObjectOrNone(audio) || !isTextOrNone(audio?.transcript)) return "`audio` is no object with a text";
  for (const call of listOrNone(tool_calls) ?? []) {
    const { id, index, type, function: called } = (isPlainObject(call) ? call : {}) as Fields;
    if (!isPlainObject(called) || !isTextOrNone(id) || !isNumberOrNone(index)) return "a call of a tool has another form";
    if (type !== undefined && type !== null && type !== "function") return "a call of a tool is none of a function";
    const isText = key === "message" ? (part: unknown) => typeof part === "string" : isTextOrNone;
    if (!isText(called.name) || !isText(called.arguments)) return "a call of a tool has no name or no arguments";
  }
  for (const annotation of listOrNone(annotations) ?? []) {
    const { url_citation: cited } = (isPlainObject(annotation) ? annotation : {}) as Fields;
    if (!isPlainObject(cited) || typeof cited.url !== "string" || typeof cited.title !== "string")
      return "a citation has another form";
  }
  const isList = [tool_calls, annotations].every((list) => list === undefined || list === null || Array.isArray(list));
  return isList ? undefined : "`tool_calls` or `annotations` is no list";
}

function usageProblem(usage: Fields | null | undefined): string | undefined {
  for (const [name, value] of Object.entries(usage ?? {})) {
    const isDetails = name === "prompt_tokens_details" || name === "completion_tokens_details";
    if (isDetails && !isObjectOrNone(value)) return `\`${name}\` is no object`;
    const counts = isDetails ? Object.entries((value ?? {}) as Fields) : [[name, value] as const];
    if (counts.some(([count, number]) => countNames.has(count) && !isNumberOrNone(number)))
      return "a count of tokens is no number";
  }
  return undefined;
}

/** Names of counts of tokens. */
export const countNames: ReadonlySet<string> = new Set([
  "prompt_tokens",
  "completion_tokens",
  "total_tokens",
  "cached_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
  "accepted_prediction_tokens",
  "rejected_prediction_tokens",
]);

function listOrNone(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function isTextOrNone(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === "string";
}

function isNumberOrNone(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "number";
}

function isObjectOrNone(value: unknown): value is Fields | null | undefined {
  return value === undefined || value === null || isPlainObject(value);
}
