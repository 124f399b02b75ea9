/**
 * `callModel`: the one gate that every call of a language model passes through.
 *
 * @module
 */

import { describeValue, type JsonValue } from "../data/json.ts";
import { checkOptions } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import { currentRun, currentScope, forkEvents, noteRemark } from "../graph/scope.ts";
import { placeOf } from "./call-records.ts";
import { currentDryRun } from "./dry-run.ts";
import { estimateInputTokens, estimateTokens } from "./estimate-tokens.ts";
import type { ModelLike } from "./language-model.ts";
import { payForCall } from "./paid-call.ts";
import { usageOf } from "./reply-usage.ts";
import { requestedModel } from "./resolve-model.ts";
import type { ResponseFormat } from "./response-format.ts";
import { type CallEntry, isTokenCount, type TokenCounts } from "./usage.ts";

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
  /** How long the provider took, without waits, in milliseconds; only where an objective wants rollouts measured. */
  readonly durationMs?: number | undefined;
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
  "responseFormat",
  "providerOptions",
  "signal",
  "role",
];

/**
 * Asks a model once and tells the listeners of the run. Not traced; `generate` is.
 *
 * Rate limits, server errors and network failures are tried again by the scheduler. Inside a run the call is counted in its
 * ledger, its answer is kept in its records before it is used, and an answer that was kept by an earlier process is given in
 * place of a new call.
 *
 * @throws ConfigurationError when no model is named, or the installed `ai` cannot use it
 * @throws MissingPackageError when `ai` or the provider's package is not installed
 * @throws StopError when the budget of the run or the quota of the account is spent, or the run was asked to stop
 * @throws RolloutTimeoutError in a rollout whose time is up
 * @throws the reason of the signal, unchanged, when it is aborted, and the provider's own error (without keys) when it fails
 * @example
 * const { text } = await callModel({ model: "openai/gpt-5-mini", prompt: "Name a colour." });
 */
export async function callModel(request: ModelRequest): Promise<ModelReply> {
  checkOptions(request, modelRequestOptions, "a call of a language model");
  const { role = "agent" } = request;
  const run = currentRun();
  refuseUnclear(request);
  const dryRun = currentDryRun();
  if (dryRun !== undefined) return dryRun.answer(request);
  // For what has been abandoned nothing more is paid.
  const endCall = run?.work?.beginCall();
  // Taken before anything is awaited, so that calls are numbered, and told of, in the order in which they were made.
  const position = nextPosition();
  const [events] = forkEvents(1) ?? [];
  const signal = anyOf(request.signal, run?.signal, run?.work?.signal);
  const { meter, ledger } = run?.services ?? {};
  let endMeasured = role === "agent" ? meter?.beginCall() : undefined;
  try {
    const reply = await answerTo(request, { position, signal, role });
    endMeasured?.({ reply, usd: ledger?.costOf(reply.model, reply.usage) ?? null });
    endMeasured = undefined;
    const { finishReason, usage } = reply;
    const ending = unfinished[finishReason];
    if (ending !== undefined) noteRemark(currentScope().frame, `The reply of ${reply.model} ${ending}.`);
    events?.emit({ type: "model-call", position, model: reply.model, role, finishReason, ...usage });
    return reply;
  } finally {
    endMeasured?.();
    endCall?.();
    events?.close();
  }
}

/** What an optimizer is to know of a reply that is not whole, by the reason for its end. */
const unfinished: Readonly<Record<string, string>> = {
  length: "was cut off at the limit of tokens",
  "content-filter": "was stopped by a content filter",
};

/** The answer of an earlier process, of an identical call in flight, or of the provider. */
async function answerTo(
  request: ModelRequest,
  { position, signal, role }: { readonly position: string; readonly signal: AbortSignal | undefined; readonly role: ModelRole },
): Promise<ModelReply> {
  const run = currentRun();
  const { calls, inFlight } = run?.services ?? {};
  const model = requestedModel(request.model);
  const entry: CallEntry = { model, role, ...placeOf(position) };
  const identified = calls?.identify(run?.position ?? "", request, entry);
  signal?.throwIfAborted();
  const found = identified && (await calls?.find(identified));
  const recorded = found && countedAnew(found, request);
  signal?.throwIfAborted();
  const asked = { ...request, signal };
  const pay = (): Promise<ModelReply> => payForCall(asked, { position, identified, ...entry });
  const keep = async (reply: ModelReply): Promise<void> => identified && (await calls?.joined(identified, reply));
  const reply = recorded ?? (await (inFlight === undefined ? pay() : inFlight.join(model, asked, pay, keep)));
  // A listener that comes after the abort hears nothing.
  signal?.throwIfAborted();
  return reply;
}

/** Earlier versions recorded what the provider reported, whatever that was. */
function countedAnew(reply: ModelReply, request: ModelRequest): ModelReply {
  const { inputTokens, outputTokens } = reply.usage;
  if (isTokenCount(inputTokens) && isTokenCount(outputTokens)) return reply;
  const estimates = { inputTokens: estimateInputTokens(request), outputTokens: estimateTokens(reply.text) };
  return { ...reply, usage: usageOf({ usage: reply.usage }, reply.model, estimates) };
}

function nextPosition(): string {
  const run = currentRun();
  return run === undefined ? "call" : `${run.position}/call/${run.calls++}`;
}

/** A signal that is aborted with the reason of whichever is first. */
function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const different = [...new Set(signals)].filter((signal) => signal !== undefined);
  return different.length < 2 ? different[0] : AbortSignal.any(different);
}

function refuseUnclear({ prompt, messages }: ModelRequest): void {
  if (typeof prompt === "string" && messages === undefined) return;
  if (Array.isArray(messages) && messages.length > 0 && prompt === undefined) return;
  throw new InvalidArgumentError(
    "Expected either `prompt`, a string, or `messages`, a list with at least one message, " +
      `got prompt ${describeValue(prompt)} and messages ${describeValue(messages)}`,
  );
}
