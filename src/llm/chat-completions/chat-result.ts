/**
 * Chat completions in the words of specification v3 of the AI SDK.
 *
 * @module
 */
import type { Choice, ChoiceMessage, Completion, CompletionUsage } from "./completion.ts";
import { sdkError } from "./sdk-error.ts";

/**
 * What the first choice of a completion says.
 *
 * @param makeId names a call of a tool that the server has not named, by its place
 * @throws an `InvalidResponseDataError` of the AI SDK where there is no choice
 */
export function resultOf(completion: Completion, makeId: (index: number) => string): Readonly<Record<string, unknown>> {
  const [choice] = completion.choices;
  if (choice === undefined) {
    throw sdkError("AI_InvalidResponseDataError", "Response did not contain any choices.", { data: completion });
  }
  const { content, refusal, audio, tool_calls, annotations } = choice.message as ChoiceMessage;
  const text = content || audio?.transcript;
  const thought = thoughtIn(choice.message as ChoiceMessage);
  const parts: object[] = thought === undefined ? [] : [{ type: "reasoning", text: thought.text, ...markOf(thought) }];
  if (text) parts.push({ type: "text", text });
  if (refusal) parts.push({ type: "text", text: refusal });
  const ids = new Set<string>();
  for (const [index, { id, function: called }] of (tool_calls ?? []).entries()) {
    const toolCallId = id && id.trim() !== "" && !ids.has(id) ? id : makeId(index);
    ids.add(toolCallId);
    parts.push({ type: "tool-call", toolCallId, toolName: called.name, input: called.arguments });
  }
  for (const [index, annotation] of (annotations ?? []).entries()) parts.push(sourceOf(annotation, index));
  return {
    content: parts,
    finishReason: finishOf(choice.finish_reason, Boolean(refusal)),
    usage: usageOfCompletion(completion.usage),
    providerMetadata: { openai: { ...predictionIn(completion.usage), ...logprobsIn(choice) } },
  };
}

/** What a model has thought, and the field in which its server has it. */
export interface Thought {
  readonly field: "reasoning_content" | "reasoning";
  readonly text: string;
}

/** The thought of a message, or of a piece of one. */
export function thoughtIn({ reasoning_content, reasoning }: ChoiceMessage): Thought | undefined {
  if (typeof reasoning_content === "string" && reasoning_content !== "") {
    return { field: "reasoning_content", text: reasoning_content };
  }
  return typeof reasoning === "string" && reasoning !== "" ? { field: "reasoning", text: reasoning } : undefined;
}

/** By this the thought is given back in the field that its server has for it. */
export function markOf({ field }: Thought): object {
  return { providerMetadata: { openai: { thoughtField: field } } };
}

/** What a reply rests on. */
export function sourceOf({ url_citation }: NonNullable<ChoiceMessage["annotations"]>[number], index: number): object {
  const { url, title } = url_citation;
  return { type: "source", sourceType: "url", id: `source-${index}`, url, title };
}

const finishes: Readonly<Record<string, string>> = {
  stop: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  content_filter: "content-filter",
  function_call: "tool-calls",
  tool_calls: "tool-calls",
  // Of gateways, vLLM, and DeepSeek: the reply was cut short.
  error: "error",
  abort: "error",
  insufficient_system_resource: "error",
};

/** @param hasRefusal servers report a refusal as a reply that is whole */
export function finishOf(
  raw: string | null | undefined,
  hasRefusal: boolean,
): { readonly unified: string; readonly raw: string | undefined } {
  const known = raw !== undefined && raw !== null && Object.hasOwn(finishes, raw) ? (finishes[raw] as string) : "other";
  return { unified: known === "stop" && hasRefusal ? "content-filter" : known, raw: raw ?? undefined };
}

/** Tokens in the words of specification v3. */
export function usageOfCompletion(usage: CompletionUsage | null | undefined): object {
  const none = undefined;
  if (usage === undefined || usage === null) {
    return {
      inputTokens: { total: none, noCache: none, cacheRead: none, cacheWrite: none },
      outputTokens: { total: none, text: none, reasoning: none },
      raw: none,
    };
  }
  const input = usage.prompt_tokens ?? 0;
  const output = usage.completion_tokens ?? 0;
  const cacheRead = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const cacheWrite = usage.prompt_tokens_details?.cache_write_tokens ?? undefined;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    inputTokens: { total: input, noCache: input - cacheRead - (cacheWrite ?? 0), cacheRead, cacheWrite },
    outputTokens: { total: output, text: Math.max(0, output - reasoning), reasoning },
    raw: usage,
  };
}

/** How much of a prediction was used. */
export function predictionIn(usage: CompletionUsage | null | undefined): object {
  const { accepted_prediction_tokens: accepted, rejected_prediction_tokens: rejected } = usage?.completion_tokens_details ?? {};
  return {
    ...((accepted ?? undefined) === undefined ? {} : { acceptedPredictionTokens: accepted }),
    ...((rejected ?? undefined) === undefined ? {} : { rejectedPredictionTokens: rejected }),
  };
}

/** Of the content, then of a refusal. */
export function logprobsIn({ logprobs }: Choice): { readonly logprobs?: readonly object[] } {
  const content = logprobs?.content ?? undefined;
  const refusal = logprobs?.refusal ?? undefined;
  return content === undefined && refusal === undefined ? {} : { logprobs: [...(content ?? []), ...(refusal ?? [])] };
}

/** What a completion says of itself. */
export function aboutCompletion({ id, model, created }: Completion): {
  readonly id: string | undefined;
  readonly modelId: string | undefined;
  readonly timestamp: Date | undefined;
} {
  return {
    id: id ?? undefined,
    modelId: model ?? undefined,
    timestamp: created ? new Date(created * 1000) : undefined,
  };
}
