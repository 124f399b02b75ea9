/**
 * `chatBody`: a call of the AI SDK as the body of a request for a chat completion.
 *
 * @module
 */
import { type ChatMessage, chatMessages, type PromptMessage } from "./chat-messages.ts";
import { type ChatOptions, readChatOptions } from "./chat-options.ts";
import { directSchema } from "./chat-schema.ts";
import { type ChatTraits, chatTraits } from "./chat-traits.ts";

/** The options of a call, in the words of specification v2 or v3. */
export interface ChatCall {
  readonly prompt: readonly PromptMessage[];
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly seed?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly responseFormat?: ChatFormat | undefined;
  readonly tools?: readonly ChatTool[] | undefined;
  readonly toolChoice?: { readonly type: string; readonly toolName?: string } | undefined;
  readonly providerOptions?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly abortSignal?: AbortSignal | undefined;
  readonly includeRawChunks?: boolean | undefined;
}

interface ChatFormat {
  readonly type: string;
  readonly schema?: unknown;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

interface ChatTool {
  readonly type: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema?: unknown;
  readonly strict?: boolean | undefined;
}

/** What a model says of a setting that it leaves aside, in the words of specification v3. */
export type ChatWarning =
  | { readonly type: "unsupported"; readonly feature: string; readonly details?: string }
  | { readonly type: "other"; readonly message: string };

/** The body of a request. */
export interface ChatBody {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly [field: string]: unknown;
}

type Fields = Record<string, unknown>;

/**
 * Makes the body. Fields that are `undefined` are not sent.
 *
 * @throws errors of the AI SDK for what the protocol cannot say
 */
export function chatBody(call: ChatCall, model: string, provider: string): { body: ChatBody; warnings: ChatWarning[] } {
  const options = readChatOptions(call.providerOptions, provider);
  const traits = traitsOf(model);
  const isReasoning = options.forceReasoning ?? traits.isReasoning;
  const mode = options.systemMessageMode ?? (isReasoning ? "developer" : "system");
  const warnings: ChatWarning[] = [];
  if (call.topK !== undefined && call.topK !== null) warnings.push({ type: "unsupported", feature: "topK" });
  const messages = chatMessages(call.prompt, mode);
  if (mode === "remove" && call.prompt.some(({ role }) => role === "system")) {
    warnings.push({ type: "other", message: "system messages are removed for this model" });
  }
  const fields: Fields = { ...settingsOf(call, options), ...options.fields };
  const effort = fields.reasoning_effort;
  if (traits !== ordinary || isReasoning) suit(fields, { model, traits, isReasoning, effort, warnings });
  else leaveOutTiers(fields, traits, warnings);
  const tools = call.tools === undefined || call.tools.length === 0 ? {} : toolsOf(call.tools, call.toolChoice, warnings);
  return { body: { ...options.others, model, ...fields, messages, ...tools }, warnings };
}

const ordinary = chatTraits("");
let last = { model: "", traits: ordinary };

/** Those of a model of one's own are those of all others. */
function traitsOf(model: string): ChatTraits {
  if (last.model === model) return last.traits;
  const traits = chatTraits(model);
  const isOrdinary = JSON.stringify(traits) === JSON.stringify(ordinary);
  last = { model, traits: isOrdinary ? ordinary : traits };
  return last.traits;
}

function settingsOf(call: ChatCall, { logprobs, strictJsonSchema = true }: ChatOptions): Fields {
  const fields: Fields = {
    max_tokens: call.maxOutputTokens,
    temperature: call.temperature,
    top_p: call.topP,
    frequency_penalty: call.frequencyPenalty,
    presence_penalty: call.presencePenalty,
    stop: call.stopSequences,
    seed: call.seed,
  };
  if (logprobs === true || typeof logprobs === "number") {
    fields.logprobs = true;
    fields.top_logprobs = logprobs === true ? 0 : logprobs;
  }
  const { responseFormat } = call;
  if (responseFormat?.type === "json") fields.response_format = formatOf(responseFormat, strictJsonSchema);
  return fields;
}

function formatOf({ schema, name = "response", description }: ChatFormat, strict: boolean): object {
  if (schema === undefined || schema === null) return { type: "json_object" };
  return { type: "json_schema", json_schema: { schema: directSchema(schema), strict, name, description } };
}

interface Suited {
  readonly model: string;
  readonly traits: ChatTraits;
  readonly isReasoning: boolean;
  readonly effort: unknown;
  readonly warnings: ChatWarning[];
}

/** Leaves out what OpenAI's own models refuse. */
function suit(fields: Fields, { model, traits, isReasoning, effort, warnings }: Suited): void {
  const { efforts } = traits;
  if (efforts !== undefined && effort !== undefined && !efforts.includes(effort as string)) {
    fields.reasoning_effort = undefined;
    const details = `${model} only supports the following reasoning efforts: ${efforts.join(", ")}`;
    warnings.push({ type: "unsupported", feature: "reasoningEffort", details });
  }
  if (efforts !== undefined && fields.prompt_cache_retention !== undefined) {
    fields.prompt_cache_retention = undefined;
    const details = "promptCacheRetention is not supported by GPT-6 and later models; use promptCacheOptions instead";
    warnings.push({ type: "unsupported", feature: "promptCacheRetention", details });
  }
  if (isReasoning) suitReasoning(fields, effort !== "none" || !traits.takesChanceWithoutReasoning, warnings);
  else if (traits.isSearch && isSet(fields.temperature)) {
    fields.temperature = undefined;
    const details = "temperature is not supported for the search preview models and has been removed.";
    warnings.push({ type: "unsupported", feature: "temperature", details });
  }
  leaveOutTiers(fields, traits, warnings);
}

function suitReasoning(fields: Fields, isThinking: boolean, warnings: ChatWarning[]): void {
  const leaveOut = (field: string, name: string, isSetting: boolean): void => {
    if (!isSet(fields[field])) return;
    fields[field] = undefined;
    const details = `${name} is not supported for reasoning models`;
    warnings.push(isSetting ? { type: "unsupported", feature: name, details } : { type: "other", message: details });
  };
  if (isThinking) {
    leaveOut("temperature", "temperature", true);
    leaveOut("top_p", "topP", true);
    leaveOut("logprobs", "logprobs", false);
  }
  leaveOut("frequency_penalty", "frequencyPenalty", true);
  leaveOut("presence_penalty", "presencePenalty", true);
  leaveOut("logit_bias", "logitBias", false);
  leaveOut("top_logprobs", "topLogprobs", false);
  if (!isSet(fields.max_tokens)) return;
  fields.max_completion_tokens ??= fields.max_tokens;
  fields.max_tokens = undefined;
}

function leaveOutTiers(fields: Fields, { hasFlexTier, hasPriorityTier }: ChatTraits, warnings: ChatWarning[]): void {
  const { service_tier } = fields;
  const isFlex = service_tier === "flex" && !hasFlexTier;
  const isPriority = (service_tier === "priority" || service_tier === "fast") && !hasPriorityTier;
  if (!isFlex && !isPriority) return;
  fields.service_tier = undefined;
  warnings.push({ type: "unsupported", feature: "serviceTier", details: isFlex ? onlyFlex : onlyPriority });
}

const onlyFlex = "flex processing is only available for o3, o4-mini, and gpt-5 models";
const onlyPriority =
  "priority processing is only available for supported models (gpt-4, gpt-5, gpt-5-mini, o3, o4-mini) and requires Enterprise access. gpt-5-nano is not supported";

function toolsOf(tools: readonly ChatTool[], choice: ChatCall["toolChoice"], warnings: ChatWarning[]): Fields {
  const functions: object[] = [];
  for (const { type, name, description, inputSchema, strict } of tools) {
    if (type === "function") functions.push({ type, function: { name, description, parameters: inputSchema, strict } });
    else warnings.push({ type: "unsupported", feature: `tool type: ${type}` });
  }
  if (choice === undefined) return { tools: functions };
  const { type, toolName } = choice;
  return { tools: functions, tool_choice: type === "tool" ? { type: "function", function: { name: toolName } } : type };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
