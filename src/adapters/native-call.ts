/**
 * `nativeCall`: a call that a framework makes through its own client, sent through opto's gate as it is.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { type DirectPart, type DirectResult, textIn } from "../llm/direct-result.ts";
import type { LanguageModel } from "../llm/language-model.ts";
import type { DirectOptions } from "../llm/model-request.ts";
import { tracked } from "../llm/tracked.ts";

/** A call in the framework's own form. */
export interface NativeCall<Reply> {
  readonly provider: string;
  readonly modelId: string;
  /**
   * The request as the AI SDK would have it, to count its tokens and to show it in the graph, and as it is, by which records know it.
   * It must be plain JSON, the same for the same call in every process.
   */
  readonly options: DirectOptions & { readonly request: JsonValue };
  /** Asks the model, with the framework's client. */
  ask(signal: AbortSignal | undefined): Promise<Reply>;
  /** What there is in a reply: texts, calls of tools, tokens. */
  describe(reply: Reply): NativeAnswer;
  /** A reply as JSON, for the records. */
  write(reply: Reply): JsonValue;
  /** A reply from the records. */
  read(written: JsonValue): Reply | Promise<Reply>;
  /** A reply of this text, for dry runs. */
  fromText(text: string): Reply | Promise<Reply>;
}

/** What a reply says, in words that all frameworks have in common. */
export interface NativeAnswer {
  readonly text: string;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly input: string }[];
  /** As specification v3 has it: `stop`, `length`, `tool-calls`, … */
  readonly finishReason: string;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
}

/**
 * Makes the call. The reply is the client's own object; one from the records is made of what they have.
 *
 * @throws what the gate throws; errors of the client pass unchanged
 */
export async function nativeCall<Reply>(call: NativeCall<Reply>, signal: AbortSignal | undefined): Promise<Reply> {
  const { provider, modelId, options } = call;
  let live: { readonly reply: Reply } | undefined;
  const model: LanguageModel & { readonly supportedUrls: object } = {
    specificationVersion: "v3",
    provider,
    modelId,
    supportedUrls: {},
    async doGenerate({ abortSignal }: { readonly abortSignal?: AbortSignal }): Promise<DirectResult> {
      const reply = await call.ask(abortSignal);
      live = { reply };
      return { ...resultOf(call.describe(reply)), providerMetadata: { opto: { reply: call.write(reply) } } };
    },
  };
  const result = (await tracked(model).doGenerate({ ...options, abortSignal: signal } as never)) as DirectResult;
  if (live !== undefined) return live.reply;
  const { opto } = (result.providerMetadata ?? {}) as { readonly opto?: { readonly reply: JsonValue } };
  return opto === undefined ? call.fromText(textIn(result)) : call.read(opto.reply);
}

/** Plain JSON of what a library keeps in objects of its own. */
export function asPlainJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value ?? null)) as JsonValue;
}

function resultOf({ text, toolCalls, finishReason, ...tokens }: NativeAnswer): DirectResult {
  const content: DirectPart[] = text === "" ? [] : [{ type: "text", text }];
  for (const { id, name, input } of toolCalls) content.push({ type: "tool-call", toolCallId: id, toolName: name, input });
  const usage = {
    inputTokens: { total: tokens.inputTokens, cacheRead: tokens.cachedInputTokens },
    outputTokens: { total: tokens.outputTokens, reasoning: tokens.reasoningTokens },
  };
  return { content, finishReason: { unified: finishReason }, usage, response: {} };
}
