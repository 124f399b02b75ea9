/**
 * Direct calls: requests of the AI SDK that a model is given as they are, whole or as a stream.
 *
 * @module
 */
import { systemClock } from "../data/clock.ts";
import type { JsonValue } from "../data/json.ts";
import { InfrastructureError } from "../errors.ts";
import { type AttemptResult, callServices, type LiveReply } from "./call-services.ts";
import {
  type DirectPart,
  type DirectResult,
  finishWord,
  resultOfParts,
  textIn,
  writeParts,
  writeResult,
} from "./direct-result.ts";
import type { LanguageModel } from "./language-model.ts";
import type { DirectCall, DirectOptions, ModelReply } from "./model-request.ts";
import { inProvidersWords } from "./provider-words.ts";
import { estimateTokens } from "./spend/estimate-tokens.ts";
import { usageOf } from "./spend/reply-usage.ts";

/** What an attempt at a direct call needs besides the call. */
export interface DirectAttempt {
  readonly model: LanguageModel;
  /** `"provider/model"`. */
  readonly name: string;
  readonly estimatedInputTokens: number;
  readonly live: LiveReply | undefined;
}

/** One request to the provider, as a function of the signal that ends it. */
export function directCall(
  { kind, options }: DirectCall,
  { model, name, estimatedInputTokens, live }: DirectAttempt,
): (signal: AbortSignal) => Promise<AttemptResult<ModelReply>> {
  const isMeasured = callServices().measures !== undefined;
  return async (abortSignal) => {
    const startedAt = systemClock.monotonic();
    const given: Given = { ...options, abortSignal };
    const ask = kind === "stream" ? streamed : whole;
    const { result, written } = await ask(model, given, name, live).catch(throwInProvidersWords);
    const text = textIn(result);
    const outputTokens = estimateTokens(text) + estimateTokens(textIn(result, "reasoning")) + tokensOfCalls(result);
    const usage = usageOf(result, model.provider, { inputTokens: estimatedInputTokens, outputTokens });
    const duration = isMeasured ? { durationMs: Math.round(systemClock.monotonic() - startedAt) } : {};
    const value: ModelReply = { text, finishReason: finishWord(result), usage, model: name, result: written, ...duration };
    return { value, headers: result.response?.headers ?? {}, tokens: usage.inputTokens + usage.outputTokens };
  };
}

function throwInProvidersWords(error: unknown): never {
  throw inProvidersWords(error);
}

type Given = DirectOptions & { readonly abortSignal: AbortSignal };

/** An answer, and how it is recorded. */
interface Answer {
  readonly result: DirectResult;
  readonly written: JsonValue;
}

async function whole(model: LanguageModel, options: Given, name: string, live: LiveReply | undefined): Promise<Answer> {
  const result = (await model.doGenerate(options as never)) as DirectResult;
  refuseBroken(finishWord(result), name);
  live?.result(result);
  return { result, written: writeResult(result) };
}

async function streamed(model: LanguageModel, options: Given, name: string, live: LiveReply | undefined): Promise<Answer> {
  const { stream, ...about } = await (model as StreamingModel).doStream(options);
  const { response } = about;
  const parts: DirectPart[] = [];
  // Until there is something to read, the call may still be made again.
  let held: DirectPart[] | undefined = [];
  for await (const part of stream) {
    // What has been given up may still speak, beside the attempt after it.
    options.abortSignal.throwIfAborted();
    if (part.type === "error") throw part.error ?? cutShort(name, "error");
    if (part.type === "finish") refuseBroken(finishWord(part as unknown as DirectResult), name);
    parts.push(part);
    // Whoever waits for the end is to find it recorded.
    if (part.type === "finish") break;
    held?.push(part);
    if (held !== undefined && aboutTheCall.has(part.type)) continue;
    if (held !== undefined) live?.begin(about);
    for (const ready of held ?? [part]) live?.part(ready);
    held = undefined;
  }
  if (parts.at(-1)?.type !== "finish") throw cutShort(name, "no end");
  if (held !== undefined) live?.begin(about);
  for (const ready of held ?? []) live?.part(ready);
  const result = { ...resultOfParts(parts), ...(response === undefined ? {} : { response }) };
  live?.result(parts.at(-1) as DirectPart);
  return { result, written: writeParts(parts) };
}

/** Parts that hold nothing of the answer. */
const aboutTheCall: ReadonlySet<string> = new Set(["stream-start", "response-metadata", "raw", "ping"]);

interface StreamingModel extends LanguageModel {
  doStream(options: object): PromiseLike<{
    readonly stream: ReadableStream<DirectPart>;
    readonly request?: unknown;
    readonly response?: DirectResult["response"];
  }>;
}

/** The arguments of calls of tools are a part of the answer. */
function tokensOfCalls({ content }: DirectResult): number {
  return content.reduce((sum, { type, input }) => sum + (type === "tool-call" ? estimateTokens(String(input)) : 0), 0);
}

/** A provider that fails in the middle of a reply says so in the reason for its end. */
export function refuseBroken(finishReason: string, model: string): void {
  if (finishReason === "error" || finishReason === "interrupted") throw cutShort(model, finishReason);
}

function cutShort(model: string, reason: string): InfrastructureError {
  return new InfrastructureError(`Expected a complete reply from ${model}, got one that its provider cut short ("${reason}")`);
}
