/**
 * Calls made of settings: a request is put in the words of a model, which is asked directly.
 *
 * @module
 */
import { systemClock } from "../data/clock.ts";
import { isPlainObject } from "../data/json.ts";
import { after, type MaybePromise } from "../data/maybe-promise.ts";
import { ConfigurationError } from "../errors.ts";
import { type AttemptResult, callServices } from "./call-services.ts";
import { refuseBroken } from "./direct-call.ts";
import { type DirectResult, finishWord, textIn } from "./direct-result.ts";
import { generatesText } from "./embedding-model.ts";
import type { LanguageModel } from "./language-model.ts";
import { loadAi } from "./load-ai.ts";
import { type ModelMessage, modelPrompt, textPrompt } from "./model-prompt.ts";
import type { ModelReply, ModelRequest } from "./model-request.ts";
import { reportWarnings } from "./model-warnings.ts";
import { inProvidersWords } from "./provider-words.ts";
import { estimateTokens } from "./spend/estimate-tokens.ts";
import { usageOf } from "./spend/reply-usage.ts";
import { askInFormat, type ResponseFormat } from "./structured/response-format.ts";

/** What an attempt at a call needs besides the request. */
export interface SettingsAttempt {
  readonly model: LanguageModel;
  /** `"provider/model"`. */
  readonly name: string;
  readonly estimatedInputTokens: number;
}

/** One request to the provider, as a function of the signal that ends it. */
type SendRequest = (signal: AbortSignal) => Promise<AttemptResult<ModelReply>>;

/**
 * One request to the provider, as a function of the signal that ends it.
 *
 * Nothing stands between the call and the model but for a request that has to be prepared by the AI SDK: with files that the model does not
 * read from their addresses, with parts that are rare, or one that is wrong, which it says best.
 *
 * @throws MissingPackageError where `ai` is needed and not installed
 */
export function settingsCall(request: ModelRequest, attempt: SettingsAttempt): MaybePromise<SendRequest> {
  return after(modelOptions(request, attempt.model), (options) =>
    options === undefined
      ? askPrepared(request, attempt.model, attempt.name).then((ask) => sendBy(ask, request, attempt))
      : sendBy(askDirectly(options, attempt.model), request, attempt),
  );
}

function sendBy(ask: Ask, request: ModelRequest, { model, name, estimatedInputTokens }: SettingsAttempt): SendRequest {
  const { model: given = name, responseFormat } = request;
  const isMeasured = callServices().measures !== undefined;
  return async (signal) => {
    const startedAt = systemClock.monotonic();
    try {
      const isFree = responseFormat === undefined;
      const formatted = isFree ? undefined : await askInFormat(given, responseFormat, async (format) => ask(signal, format));
      const result = formatted === undefined ? await ask(signal, undefined) : formatted.result;
      reportWarnings(result.warnings, model);
      const finishReason = finishWord(result);
      refuseBroken(finishReason, name);
      const text = textIn(result);
      const outputTokens = generatesText(model) ? estimateTokens(text) + estimateTokens(textIn(result, "reasoning")) : 0;
      const usage = usageOf(result, model.provider, { inputTokens: estimatedInputTokens, outputTokens });
      const ignored = formatted?.isIgnored === true ? { isFormatIgnored: true } : {};
      const duration = isMeasured ? { durationMs: Math.round(systemClock.monotonic() - startedAt) } : {};
      const value: ModelReply = { text, finishReason, usage, model: name, ...ignored, ...duration };
      return { value, headers: result.response?.headers ?? {}, tokens: usage.inputTokens + usage.outputTokens };
    } catch (error) {
      throw inProvidersWords(error);
    }
  };
}

/** What the model answers in that form, where one is asked for. */
type Ask = (signal: AbortSignal, format: ResponseFormat | undefined) => PromiseLike<WarnedResult>;

type WarnedResult = DirectResult & { readonly warnings?: readonly object[] };

/** A result of `doGenerate` is used as far as it can be read. */
function generated(model: LanguageModel, options: object): PromiseLike<WarnedResult> {
  return model.doGenerate(options as never) as PromiseLike<WarnedResult>;
}

function askDirectly(options: object, model: LanguageModel): Ask {
  return (abortSignal, responseFormat) => generated(model, { ...options, abortSignal, responseFormat });
}

/** The versions of the specification that are known here. */
const versions: ReadonlySet<string> = new Set(["v2", "v3", "v4"]);

/** Settings that are numbers, in every version of the specification. */
const numbers = ["maxOutputTokens", "temperature", "topP", "topK", "presencePenalty", "frequencyPenalty", "seed"] as const;

/** The options of `doGenerate`; `undefined` for a request that the AI SDK has to prepare. */
function modelOptions(request: ModelRequest, model: LanguageModel): MaybePromise<object | undefined> {
  const { maxOutputTokens, seed, providerOptions, headers } = request;
  if (!versions.has(model.specificationVersion)) return undefined;
  if (numbers.some((name) => request[name] !== undefined && typeof request[name] !== "number")) return undefined;
  if (maxOutputTokens !== undefined && !(Number.isInteger(maxOutputTokens) && maxOutputTokens >= 1)) return undefined;
  if (seed !== undefined && !Number.isInteger(seed)) return undefined;
  if ([providerOptions, headers].some((value) => value !== undefined && !isPlainObject(value))) return undefined;
  const prompt = request.messages === undefined ? textPrompt(request) : modelPrompt(request, model);
  return after(prompt, (asked) => (asked === undefined ? undefined : optionsOf(request, asked, model)));
}

function optionsOf(request: ModelRequest, prompt: readonly ModelMessage[], model: LanguageModel): object {
  const { stopSequences, providerOptions, headers, reasoning } = request;
  const options: Record<string, unknown> = { prompt };
  for (const name of numbers) if (request[name] !== undefined) options[name] = request[name];
  if (stopSequences !== undefined) options.stopSequences = stopSequences;
  if (providerOptions !== undefined) options.providerOptions = providerOptions;
  if (headers !== undefined) options.headers = inSmallLetters(headers);
  // A setting since v4; before that the AI SDK leaves it out.
  if (reasoning !== undefined && model.specificationVersion === "v4") options.reasoning = reasoning;
  return options;
}

/** As providers write the names of theirs, so that one takes the place of the other. */
function inSmallLetters(headers: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value]));
}

/** The same by way of the AI SDK, which prepares the request and reads the answer only to give it back. */
async function askPrepared(request: ModelRequest, model: LanguageModel, name: string): Promise<Ask> {
  const {
    model: _model,
    role: _role,
    signal: _signal,
    maxRetries: _retries,
    responseFormat: _format,
    system,
    ...settings
  } = request;
  const { generateText } = await loadAi("Calling a language model");
  return async (abortSignal, responseFormat) => {
    let answer: WarnedResult | undefined;
    const asked = {
      specificationVersion: model.specificationVersion,
      provider: model.provider,
      modelId: model.modelId,
      // Methods of the AI SDK's classes need their own `this`.
      supportedUrls: (model as { readonly supportedUrls?: unknown }).supportedUrls,
      async doGenerate(options: object) {
        answer = await generated(model, responseFormat === undefined ? options : { ...options, responseFormat });
        return emptyAnswer(model.specificationVersion);
      },
    };
    const options = { ...settings, system: system || undefined, abortSignal, maxRetries: 0, allowSystemInMessages: true };
    try {
      await generateText({ ...options, model: asked } as unknown as Parameters<typeof generateText>[0]);
    } catch (error) {
      throw isUnsupported(error) ? new ConfigurationError(mismatch(model, name), { cause: error }) : error;
    }
    return answer as WarnedResult;
  };
}

/** What the AI SDK reads in place of the answer. */
function emptyAnswer(version: LanguageModel["specificationVersion"]): object {
  const isFlat = version === "v2";
  return {
    content: [],
    finishReason: isFlat ? "stop" : { unified: "stop", raw: undefined },
    usage: isFlat ? {} : { inputTokens: {}, outputTokens: {} },
    warnings: [],
  };
}

function isUnsupported(error: unknown): boolean {
  return error instanceof Error && error.name === "AI_UnsupportedModelVersionError";
}

/** The newest package of a provider may be too new for the installed `ai`, whose own message does not say so. */
function mismatch({ specificationVersion }: LanguageModel, name: string): string {
  return (
    `The installed package "ai" cannot use ${name}, which follows the specification ${specificationVersion}. ` +
    "Update ai, or install a release of the provider's package that matches it"
  );
}
