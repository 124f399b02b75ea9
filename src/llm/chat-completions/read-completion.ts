/**
 * `readCompletion`: a chat completion, also where a server writes it in another form than the protocol has.
 *
 * The other forms are those that servers and gateways send:
 *
 * - the content as a list of parts, with thoughts among them: Mistral, Databricks, gateways of Anthropic's models
 * - the content as the object that was asked for: Cloudflare
 * - arguments of tools as an object: older releases of Ollama, parsers of vLLM
 * - citations of files, citations without a title: OpenRouter, Perplexity
 * - numbers as texts, and texts as numbers, in what the reply says of itself: gateways of one's own
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";
import { type Completion, completionProblem, countNames } from "./completion.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A completion, or why there is none. */
export type ReadCompletion =
  | { readonly completion: Completion; readonly problem?: undefined }
  | { readonly completion?: undefined; readonly problem: string };

/** Reads a completion, also in the other forms that servers give it. @param key of its choices */
export function readCompletion(value: unknown, key: "message" | "delta"): ReadCompletion {
  const problem = completionProblem(value, key);
  if (problem === undefined) return { completion: value as Completion };
  const repaired = repairedCompletion(value, key);
  return completionProblem(repaired, key) === undefined ? { completion: repaired as Completion } : { problem };
}

/** The same reply in the form of the protocol, as far as it can be made out. */
function repairedCompletion(value: unknown, key: "message" | "delta"): unknown {
  if (!isPlainObject(value) || !Array.isArray(value.choices)) return value;
  const { id, model, created, usage } = value;
  const choices = (value.choices as readonly unknown[]).map((choice) => (isPlainObject(choice) ? choiceOf(choice, key) : choice));
  return { ...value, id: textOf(id), model: textOf(model), created: numberOf(created), usage: countsOf(usage), choices };
}

function choiceOf(choice: Fields, key: "message" | "delta"): Fields {
  const { [key]: message, finish_reason, logprobs } = choice;
  const said = isPlainObject(message) ? messageOf(message, key) : message;
  return { ...choice, finish_reason: textOf(finish_reason), logprobs: objectOf(logprobs), [key]: said };
}

function messageOf(message: Fields, key: "message" | "delta"): Fields {
  const { refusal, audio, tool_calls, annotations } = message;
  const speech = isPlainObject(audio) ? { ...audio, transcript: textOf(audio.transcript) } : null;
  const calls = isPlainObject(tool_calls) ? [tool_calls] : tool_calls;
  return {
    ...message,
    ...contentOf(message),
    refusal: typeof refusal === "string" ? refusal : null,
    audio: speech,
    tool_calls: Array.isArray(calls) ? calls.map((call) => callOf(call, key)) : null,
    annotations: Array.isArray(annotations) ? annotations.flatMap(citationOf) : null,
  };
}

/** The text, and the thoughts where they are parts of the content. What holds something else stays as it is. */
function contentOf(message: Fields): Fields {
  const { content, reasoning_content: given = null } = message;
  if (typeof content === "string" || content === null || content === undefined) return {};
  if (!Array.isArray(content) && !(isPlainObject(content) && typeof content.type === "string")) {
    return isPlainObject(content) ? { content: JSON.stringify(content) } : {};
  }
  const parts = (Array.isArray(content) ? content : [content]).map(partOf);
  if (parts.includes(undefined)) return {};
  const join = (kind: string): string => parts.map((part) => (part?.kind === kind ? part.text : "")).join("");
  return { content: join("text"), reasoning_content: join("thought") || given };
}

interface ContentPart {
  readonly kind: "text" | "thought" | "other";
  readonly text: string;
}

function partOf(part: unknown): ContentPart | undefined {
  if (typeof part === "string") return { kind: "text", text: part };
  if (!isPlainObject(part) || typeof part.type !== "string") return undefined;
  const { type, text } = part;
  if (type === "text" || type === "output_text") return typeof text === "string" ? { kind: "text", text } : undefined;
  if (type !== "thinking" && type !== "reasoning") return { kind: "other", text: "" };
  const thoughts = [text, part.thinking, part.summary].flat().map((said) => (isPlainObject(said) ? said.text : said));
  return { kind: "thought", text: thoughts.filter((said) => typeof said === "string").join("") };
}

function callOf(call: unknown, key: "message" | "delta"): unknown {
  if (!isPlainObject(call) || !isPlainObject(call.function)) return call;
  const { arguments: given } = call.function;
  const isJson = typeof given === "object" && given !== null;
  // A call without any arguments; in a stream they may follow.
  const none = key === "message" ? "" : given;
  const args = isJson ? JSON.stringify(given) : (given ?? none);
  return { ...call, id: textOf(call.id), index: numberOf(call.index), function: { ...call.function, arguments: args } };
}

/** Citations of something other than an address are left out. */
function citationOf(annotation: unknown): object[] {
  const cited = isPlainObject(annotation) ? annotation.url_citation : undefined;
  if (!isPlainObject(cited) || typeof cited.url !== "string") return [];
  const { url, title } = cited;
  return [{ ...(annotation as Fields), url_citation: { ...cited, title: typeof title === "string" ? title : url } }];
}

function countsOf(usage: unknown): Fields | null {
  if (!isPlainObject(usage)) return null;
  const counts = Object.entries(usage).map(([name, value]) => {
    if (countNames.has(name)) return [name, numberOf(value)];
    return [name, /^(?:prompt|completion)_tokens_details$/.test(name) ? countsOf(value) : value];
  });
  return Object.fromEntries(counts) as Fields;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

function numberOf(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

function objectOf(value: unknown): Fields | null {
  return isPlainObject(value) ? value : null;
}
