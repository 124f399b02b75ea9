/**
 * Provider options of the chat-completions protocol: those of OpenAI's package by their names, everything else as it is.
 *
 * @module
 */
import { isPlainObject } from "../../data/json.ts";
import { sdkError } from "./sdk-error.ts";

/** What is given under `providerOptions`, read. */
export interface ChatOptions {
  /** Fields of the body. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields of the body under names that are not known here: `grammar` of llama.cpp, `chat_template_kwargs` of vLLM, … */
  readonly others: Readonly<Record<string, unknown>>;
  readonly logprobs?: boolean | number | undefined;
  readonly strictJsonSchema?: boolean | undefined;
  readonly systemMessageMode?: "system" | "developer" | "remove" | undefined;
  readonly forceReasoning?: boolean | undefined;
}

type Rule = (value: unknown) => boolean;

const text: Rule = (value) => typeof value === "string";
const number: Rule = (value) => typeof value === "number" && !Number.isNaN(value);
const yesOrNo: Rule = (value) => typeof value === "boolean";
const oneOf =
  (...words: readonly string[]): Rule =>
  (value) =>
    words.includes(value as string);
const each =
  (rule: Rule): Rule =>
  (value) =>
    isPlainObject(value) && Object.values(value).every(rule);

/** Options that are fields of the body under another name, or under their own. */
const fields: Readonly<Record<string, readonly [field: string, rule: Rule]>> = {
  logitBias: ["logit_bias", each(number)],
  parallelToolCalls: ["parallel_tool_calls", yesOrNo],
  user: ["user", text],
  reasoningEffort: ["reasoning_effort", oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max")],
  maxCompletionTokens: ["max_completion_tokens", number],
  store: ["store", yesOrNo],
  metadata: ["metadata", each(text)],
  prediction: ["prediction", isPlainObject],
  serviceTier: ["service_tier", oneOf("auto", "flex", "priority", "fast", "ultrafast", "default")],
  textVerbosity: ["verbosity", oneOf("low", "medium", "high")],
  promptCacheKey: ["prompt_cache_key", text],
  promptCacheOptions: ["prompt_cache_options", each(text)],
  promptCacheRetention: ["prompt_cache_retention", oneOf("in_memory", "24h")],
  safetyIdentifier: ["safety_identifier", text],
};

/** Options that say how the body is made. */
const ways: Readonly<Record<string, Rule>> = {
  logprobs: (value) => yesOrNo(value) || number(value),
  strictJsonSchema: yesOrNo,
  systemMessageMode: oneOf("system", "developer", "remove"),
  forceReasoning: yesOrNo,
};

/** Options of OpenAI's other protocol, which share the name of the provider with these. They are no fields of this one. */
const ofResponses: ReadonlySet<string> = new Set([
  "allowedTools",
  "contextManagement",
  "conversation",
  "include",
  "instructions",
  "maxToolCalls",
  "passThroughUnsupportedFiles",
  "previousResponseId",
  "reasoningSummary",
  "truncation",
]);

const none: ChatOptions = { fields: {}, others: {} };

/**
 * Reads what is given for `openai` and, over it, for the name of the provider.
 *
 * @throws an `InvalidArgumentError` of the AI SDK for a known option of a wrong type
 */
export function readChatOptions(given: unknown, provider: string): ChatOptions {
  if (given === undefined || given === null) return none;
  const { openai, [provider]: own } = given as Readonly<Record<string, unknown>>;
  if (openai === undefined && own === undefined) return none;
  const read = { fields: {} as Record<string, unknown>, others: {} as Record<string, unknown> };
  const how: Record<string, unknown> = {};
  for (const [name, value] of [...entriesOf(openai), ...(provider === "openai" ? [] : entriesOf(own))]) {
    if (value === undefined || ofResponses.has(name)) continue;
    const [field, rule] = Object.hasOwn(fields, name) ? (fields[name] as [string, Rule]) : [undefined, ways[name]];
    if (rule !== undefined && Object.hasOwn(field === undefined ? ways : fields, name) && !rule(value))
      throw invalid(name, value);
    if (field !== undefined) read.fields[field] = value;
    else if (Object.hasOwn(ways, name)) how[name] = value;
    else read.others[name] = value;
  }
  return { ...read, ...how };
}

function entriesOf(options: unknown): [string, unknown][] {
  return typeof options === "object" && options !== null ? Object.entries(options) : [];
}

function invalid(name: string, value: unknown): Error {
  const message = `invalid openai provider options: \`${name}\` is ${JSON.stringify(value)}`;
  return sdkError("AI_InvalidArgumentError", message, { argument: "providerOptions" });
}
