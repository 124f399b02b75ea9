/**
 * What a model of the AI SDK returned, as JSON and back: for the records of a run, and for the way from one process to another.
 *
 * @module
 */
import { isPlainObject, type JsonValue } from "../data/json.ts";
import type { LanguageModel } from "./language-model.ts";
import type { ModelReply } from "./model-request.ts";

/** What `doGenerate` returns, in all versions of the specification, as far as it is looked into. */
export interface DirectResult {
  readonly content: readonly DirectPart[];
  /** A word, since v3 of the specification with what the provider calls it. */
  readonly finishReason: string | { readonly unified: string };
  readonly usage?: unknown;
  readonly providerMetadata?: unknown;
  readonly request?: unknown;
  readonly response?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };
}

/** A part of an answer: `text`, `reasoning`, `tool-call`, `file`, …; in a stream also pieces of those, and `finish`. */
export interface DirectPart {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What is kept of what a model returned: not the request, nor headers and body of the response. */
export function writeResult({ request: _request, response = {}, ...result }: DirectResult): JsonValue {
  const { headers: _headers, body: _body, ...about } = response;
  return toJson({ ...result, response: about });
}

/** The same of a stream: its parts, without those that repeat what the server sent. */
export function writeParts(parts: readonly DirectPart[]): JsonValue {
  return toJson({ parts: parts.filter(({ type }) => type !== "raw") });
}

/** What a model returned, from the reply to a direct call. A reply of another origin is made into one. */
export function readResult(reply: ModelReply, version: LanguageModel["specificationVersion"]): DirectResult {
  if (reply.result !== undefined) return fromJson(reply.result) as DirectResult;
  const { text } = reply;
  const content = text === "" ? [] : [{ type: "text", text }];
  return { content, ...endOf(reply, version), response: {}, ...noWarnings };
}

/** The parts of a stream, from the reply to a direct call. */
export function readParts(reply: ModelReply, version: LanguageModel["specificationVersion"]): readonly DirectPart[] {
  if (reply.result !== undefined) return (fromJson(reply.result) as { readonly parts: readonly DirectPart[] }).parts;
  const id = "text";
  return [
    { type: "stream-start", ...noWarnings },
    { type: "text-start", id },
    { type: "text-delta", id, delta: reply.text },
    { type: "text-end", id },
    { type: "finish", ...endOf(reply, version) },
  ];
}

const noWarnings = { warnings: [] };

function endOf({ finishReason, usage }: ModelReply, version: string): Pick<DirectResult, "finishReason" | "usage"> {
  const [input, output] = [usage.inputTokens ?? undefined, usage.outputTokens ?? undefined];
  if (version === "v2") {
    const totalTokens = input === undefined || output === undefined ? undefined : input + output;
    return { finishReason, usage: { inputTokens: input, outputTokens: output, totalTokens } };
  }
  return {
    finishReason: { unified: finishReason, raw: finishReason } as DirectResult["finishReason"],
    usage: { inputTokens: { total: input }, outputTokens: { total: output } },
  };
}

/** The answer of a stream as `doGenerate` would have returned it, as far as texts, calls of tools and the end are concerned. */
export function resultOfParts(parts: readonly DirectPart[]): DirectResult {
  const content: DirectPart[] = [];
  const open = new Map<unknown, { type: string; text: string }>();
  for (const part of parts) {
    const [, kind, piece] = /^(text|reasoning)-(start|delta)$/.exec(part.type) ?? [];
    const key = `${kind} ${String(part.id)}`;
    if (kind !== undefined && piece === "start") {
      const block = { type: kind, text: "" };
      open.set(key, block);
      content.push(block);
    } else if (kind !== undefined) {
      const block = open.get(key);
      if (block !== undefined) block.text += String(part.delta);
    } else if (wholeParts.has(part.type)) {
      content.push(part);
    }
  }
  const {
    finishReason = "other",
    usage,
    providerMetadata,
  } = (parts.findLast(({ type }) => type === "finish") ?? {}) as Partial<DirectResult>;
  return { content, finishReason, usage, providerMetadata };
}

const wholeParts: ReadonlySet<string> = new Set(["tool-call", "tool-result", "file", "source", "tool-approval-request"]);

/** Why an answer ended, in one word. */
export function finishWord({ finishReason }: Pick<DirectResult, "finishReason">): string {
  return typeof finishReason === "object" ? finishReason.unified : finishReason;
}

/** All texts of an answer in one. @param type `reasoning` for the thoughts */
export function textIn({ content }: Pick<DirectResult, "content">, type = "text"): string {
  return content.map((part) => (part.type === type && typeof part.text === "string" ? part.text : "")).join("");
}

/** Marks what stands for something that JSON does not have, and, doubled, an object that has such a field itself. */
const mark = "$opto";

function toJson(value: unknown): JsonValue {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object") return null;
  if (value instanceof Date) return { [mark]: "date", value: value.toISOString() };
  if (value instanceof URL) return { [mark]: "url", value: value.href };
  if (value instanceof Uint8Array) return { [mark]: "bytes", value: Buffer.from(value).toString("base64") };
  if (value instanceof ArrayBuffer) return { [mark]: "bytes", value: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Error) return String(value);
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined && typeof inner !== "function");
  const json = Object.fromEntries(fields.map(([key, inner]) => [key, toJson(inner)]));
  return mark in json ? { [mark]: "object", value: json } : json;
}

function fromJson(json: JsonValue): unknown {
  if (Array.isArray(json)) return json.map(fromJson);
  if (!isPlainObject(json)) return json;
  const { [mark]: kind, value } = json as { readonly [mark]?: unknown; readonly value?: JsonValue };
  if (kind === "date") return new Date(value as string);
  if (kind === "url") return new URL(value as string);
  if (kind === "bytes") return new Uint8Array(Buffer.from(value as string, "base64"));
  const fields =
    kind === "object" ? (value as Readonly<Record<string, JsonValue>>) : (json as Readonly<Record<string, JsonValue>>);
  return Object.fromEntries(Object.entries(fields).map(([key, inner]) => [key, fromJson(inner)]));
}
