/**
 * The contract of model calls: what a language model is asked, and what it answers.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import type { ModelLike } from "./language-model.ts";
import type { ResponseFormat } from "./structured/response-format.ts";

/** On whose behalf a model is called. */
export type ModelRole = "agent" | "optimizer" | "judge";

/** One message of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool";
  /** A text, or parts as the AI SDK has them: `{ type: "text", text }`, `{ type: "image", image }`, … */
  readonly content: string | readonly object[];
}

/** What a model is asked, and how. What is left out is the provider's choice. */
export interface ModelRequest {
  /** @default the environment variable `OPTO_MODEL` */
  readonly model?: ModelLike | undefined;
  /** Instructions to the model. */
  readonly system?: string | undefined;
  /** What is asked: this, or `messages`. */
  readonly prompt?: string | undefined;
  /** A conversation: this, or `prompt`. */
  readonly messages?: readonly Message[] | undefined;
  /** How much chance there is in the reply, usually 0 to 2. */
  readonly temperature?: number | undefined;
  /** The longest reply, in tokens. */
  readonly maxOutputTokens?: number | undefined;
  /** Only the likeliest words that make up this share of probability, 0 to 1. */
  readonly topP?: number | undefined;
  /** Only so many of the likeliest words; few providers have it. */
  readonly topK?: number | undefined;
  /** Against what the text has said before, and against saying the same words often; usually -2 to 2. */
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  /** Of the provider's random choices, a whole number; where it is supported, the same request gets the same reply. */
  readonly seed?: number | undefined;
  /** How long the model thinks, in the words of `ai` 7: `"low"`, `"high"`, …. Older versions take it in `providerOptions`. */
  readonly reasoning?: string | undefined;
  /** Texts that end the reply where they would begin. */
  readonly stopSequences?: readonly string[] | undefined;
  /** Headers of the request besides those of the provider. They do not tell one call from another when answers are recorded. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** How often a call is made again after a server error or a network failure; rate limits are waited for. @default that of the scheduler, 8 */
  readonly maxRetries?: number | undefined;
  /** The form of the reply. A provider that will not have it is asked without it. @default text of any form */
  readonly responseFormat?: ResponseFormat | undefined;
  /** Settings of one provider, by its name, as the AI SDK has them. */
  readonly providerOptions?: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> | undefined;
  /** Ends the call; the signal of the run does so, too. */
  readonly signal?: AbortSignal | undefined;
  /** @default "agent" */
  readonly role?: ModelRole | undefined;
}

/** A call that the AI SDK makes of a model, with the options that it gives to the model. */
export interface DirectCall {
  readonly kind: "generate" | "stream";
  /** As the model's specification has them, without the signal. */
  readonly options: DirectOptions;
}

/** What is read of such options; all of them are passed on. */
export interface DirectOptions {
  readonly prompt: readonly Message[];
  readonly maxOutputTokens?: number | undefined;
  readonly tools?: readonly object[] | undefined;
  readonly responseFormat?: { readonly type: string; readonly schema?: JsonValue | undefined } | undefined;
  readonly headers?: unknown;
}

/** A request as the gate has it: made of settings, or a call that is passed on to the model as it is. */
export interface GateRequest extends ModelRequest {
  readonly direct?: DirectCall | undefined;
}

/** What a model answered. */
export interface ModelReply {
  readonly text: string;
  /** Why it ended: `stop`, `length`, `content-filter`, … */
  readonly finishReason: string;
  /** Tokens used; estimated, and marked so, where the provider does not report usable numbers. */
  readonly usage: TokenCounts;
  /** Name of the model: `"provider/model"`. */
  readonly model: string;
  /** Whether the provider would not have the `responseFormat` that was asked for, so that the reply may have any form. */
  readonly isFormatIgnored?: boolean | undefined;
  /** Of a direct call: all that the model returned, as JSON (`readResult` makes it what it was). */
  readonly result?: JsonValue | undefined;
  /** How long the provider took, without waits, in milliseconds; only where an objective wants rollouts measured. */
  readonly durationMs?: number | undefined;
  /** What it cost, in US dollars; `null` where the price is not known. Only where an objective wants rollouts measured. */
  readonly costUsd?: number | null | undefined;
}

/** The names of all options of a request. */
export const modelRequestOptions: readonly (keyof ModelRequest)[] = [
  "model",
  "system",
  "prompt",
  "messages",
  "temperature",
  "maxOutputTokens",
  "topP",
  "topK",
  "presencePenalty",
  "frequencyPenalty",
  "seed",
  "reasoning",
  "stopSequences",
  "headers",
  "maxRetries",
  "responseFormat",
  "providerOptions",
  "signal",
  "role",
];

/** Tokens of one answer; `null` when they are not known. */
export interface TokenCounts {
  /** All tokens of the prompt, those of caches included. */
  readonly inputTokens: number | null;
  /** All tokens of the reply, reasoning included. */
  readonly outputTokens: number | null;
  /** How many of the input tokens were read from a cache; missing when none or not reported. */
  readonly cachedInputTokens?: number | undefined;
  /** How many of the input tokens were written to a cache; missing when none or not reported. */
  readonly cacheWriteTokens?: number | undefined;
  /** How many of the output tokens are reasoning; missing when none or not reported. */
  readonly reasoningTokens?: number | undefined;
  /** Whether the provider did not report usable numbers, so that these are estimated from the texts. @default false */
  readonly estimated?: boolean | undefined;
}

/** Whether a value is a number of tokens: finite, at least 0, and small enough to be added up exactly. */
export function isTokenCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
