/**
 * `callModel`: the one gate that every call of a language model passes through.
 *
 * @module
 */

import { describeValue, type JsonValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { ConfigurationError, InfrastructureError, InvalidArgumentError } from "../errors.ts";
import { currentRun, emitEvent } from "../graph/scope.ts";
import { type LanguageModel, type ModelLike, modelName } from "./language-model.ts";
import { loadPackage } from "./load-package.ts";
import { redactError } from "./redact-secrets.ts";
import { resolveModel } from "./resolve-model.ts";

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
  /** Texts that end the reply where they would begin. */
  readonly stopSequences?: readonly string[] | undefined;
  /** How often a call is made again after a rate limit, a server error or a network failure. @default 2 */
  readonly maxRetries?: number | undefined;
  /** Settings of one provider, by its name, as the AI SDK has them. */
  readonly providerOptions?: Readonly<Record<string, Readonly<Record<string, JsonValue>>>> | undefined;
  /** Ends the call; the signal of the run does so, too. */
  readonly signal?: AbortSignal | undefined;
  /** @default "agent" */
  readonly role?: ModelRole | undefined;
}

/** What a model answered. */
export interface ModelReply {
  readonly text: string;
  /** Why it ended: `stop`, `length`, `content-filter`, … */
  readonly finishReason: string;
  /** Tokens used; `null` when the provider does not say. */
  readonly usage: { readonly inputTokens: number | null; readonly outputTokens: number | null };
  /** Name of the model: `"provider/model"`. */
  readonly model: string;
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
  "stopSequences",
  "maxRetries",
  "providerOptions",
  "signal",
  "role",
];

/**
 * Asks a model once, with retries, and tells the listeners of the run. Not traced; `generate` is.
 *
 * @throws ConfigurationError when no model is named, or the installed `ai` cannot use it
 * @throws MissingPackageError when `ai` or the provider's package is not installed
 * @throws the reason of the signal, unchanged, when it is aborted, and the provider's own error (without keys) when it fails
 * @example
 * const { text } = await callModel({ model: "openai/gpt-5-mini", prompt: "Name a colour." });
 */
export async function callModel(request: ModelRequest): Promise<ModelReply> {
  checkOptions(request, modelRequestOptions, "a call of a language model");
  const { model: given, system, role = "agent", signal: own, ...settings } = request;
  const signal = either(own, currentRun()?.signal);
  // Taken before anything is awaited, so that calls are numbered in the order in which they were made.
  const position = nextPosition();
  const question = asked(settings);
  signal?.throwIfAborted();

  const model = await resolveModel(given);
  const { generateText } = (await loadPackage("ai", "Calling a language model")) as unknown as typeof import("ai");
  const name = typeof given === "string" ? given : modelName(model);
  const options = {
    ...settings,
    ...question,
    model,
    system: system || undefined,
    abortSignal: signal,
    allowSystemInMessages: true,
  };
  try {
    // Loading takes time, and a listener that comes after the abort hears nothing.
    signal?.throwIfAborted();
    const call = generateText(options as unknown as Parameters<typeof generateText>[0]);
    const { text, finishReason, usage } = await untilAborted(call, signal);
    const tokens = { inputTokens: usage.inputTokens ?? null, outputTokens: usage.outputTokens ?? null };
    emitEvent({ type: "model-call", position, model: name, role, ...tokens });
    refuseBroken(finishReason, name);
    return { text, finishReason, usage: tokens, model: name };
  } catch (error) {
    signal?.throwIfAborted();
    throw isUnsupported(error) ? new ConfigurationError(mismatch(model, name), { cause: error }) : redactError(error);
  }
}

function nextPosition(): string {
  const run = currentRun();
  return run === undefined ? "call" : `${run.position}/call/${run.calls++}`;
}

/** Either signal, or one that is aborted with the reason of whichever is first. */
function either(own: AbortSignal | undefined, ambient: AbortSignal | undefined): AbortSignal | undefined {
  if (own === undefined || ambient === undefined || own === ambient) return own ?? ambient;
  return AbortSignal.any([own, ambient]);
}

function asked({ prompt, messages }: ModelRequest): { prompt: string } | { messages: readonly Message[] } {
  if (typeof prompt === "string" && messages === undefined) return { prompt };
  if (Array.isArray(messages) && messages.length > 0 && prompt === undefined) return { messages };
  throw new InvalidArgumentError(
    "Expected either `prompt`, a string, or `messages`, a list with at least one message, " +
      `got prompt ${describeValue(prompt)} and messages ${describeValue(messages)}`,
  );
}

/** Also for models that do not listen to the signal. */
function untilAborted<T>(call: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return call;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    call.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.name === "AI_UnsupportedModelVersionError";
}

/** The newest package of a provider may be too new for the installed `ai`, whose own message does not say so. */
function mismatch({ specificationVersion }: LanguageModel, name: string): string {
  return (
    `The installed package "ai" cannot use ${name}, which follows the specification ${specificationVersion}. ` +
    "Update ai, or install a release of the provider's package that was made for it"
  );
}

/** A provider that fails in the middle of a reply says so in the reason for its end. */
function refuseBroken(finishReason: string, model: string): void {
  if (finishReason === "error" || finishReason === "interrupted") {
    throw new InfrastructureError(
      `Expected a whole reply from ${model}, got one that its provider broke off ("${finishReason}")`,
    );
  }
}
