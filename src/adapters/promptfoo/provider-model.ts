/**
 * Providers of a promptfoo config as models of opto.
 *
 * @module
 */
import { describeValue, isPlainObject } from "../../data/json.ts";
import type { ModelRequest } from "../../llm/model-request.ts";

/** A model with the settings that it is asked with. */
export interface ProviderModel {
  /** `"provider/model"`. */
  readonly model: string;
  readonly settings: Pick<
    ModelRequest,
    | "temperature"
    | "maxOutputTokens"
    | "topP"
    | "topK"
    | "seed"
    | "stopSequences"
    | "presencePenalty"
    | "frequencyPenalty"
    | "headers"
    | "maxRetries"
  >;
}

/** By the first word of promptfoo's id: the package of the AI SDK, `@ai-sdk/…`. */
const packages: Readonly<Record<string, string>> = {
  openai: "openai",
  anthropic: "anthropic",
  google: "google",
  vertex: "google-vertex",
  mistral: "mistral",
  groq: "groq",
  xai: "xai",
  deepseek: "deepseek",
  cohere: "cohere",
  togetherai: "togetherai",
  fireworks: "fireworks",
  perplexity: "perplexity",
  cerebras: "cerebras",
  azure: "azure",
  bedrock: "amazon-bedrock",
};

/** Between provider and model promptfoo may name the kind of request. */
const kinds = /^(?:chat|messages|responses|completion):/;

/** A provider's id: `"openai:chat:gpt-5-mini"`, `"anthropic:messages:claude-haiku-4-5"`; or `"openai/gpt-5-mini"` as opto has it. */
export function modelOfId(id: string): string | undefined {
  const [, provider = "", rest = ""] = /^([a-z]+)[:](.+)$/.exec(id) ?? [];
  const name = Object.hasOwn(packages, provider) ? packages[provider] : undefined;
  const model = rest.replace(kinds, "");
  return name === undefined || model === "" || model.startsWith("embedding") ? undefined : `${name}/${model}`;
}

/** By promptfoo's names of settings: opto's. */
const settingNames: Readonly<Record<string, keyof ProviderModel["settings"]>> = {
  temperature: "temperature",
  max_tokens: "maxOutputTokens",
  max_completion_tokens: "maxOutputTokens",
  max_output_tokens: "maxOutputTokens",
  maxOutputTokens: "maxOutputTokens",
  top_p: "topP",
  topP: "topP",
  top_k: "topK",
  topK: "topK",
  seed: "seed",
  stop: "stopSequences",
  stopSequences: "stopSequences",
  stop_sequences: "stopSequences",
  presence_penalty: "presencePenalty",
  frequency_penalty: "frequencyPenalty",
  headers: "headers",
  maxRetries: "maxRetries",
};

/** What changes no answer: prices that promptfoo reports, how a provider is shown, when and for what it is asked. */
const withoutEffect: ReadonlySet<string> = new Set([
  "cost",
  "inputCost",
  "outputCost",
  "id",
  "config",
  "label",
  "prompts",
  "delay",
]);

/** A provider as the config has it: an id, `{ id, config }`, or `{ [id]: { config } }`; `undefined` where opto has no such model. */
export function providerModel(given: unknown): ProviderModel | undefined {
  const { id, config } = readProvider(given);
  const model = id === undefined ? undefined : modelOfId(id);
  if (model === undefined) return undefined;
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const name = settingOf(key, value);
    if (name === undefined || value === undefined) continue;
    settings[name] ??= name === "stopSequences" && typeof value === "string" ? [value] : value;
  }
  return { model, settings };
}

/**
 * The names of a provider's settings that `generate` has nothing for, such as its address and its key: a model that is asked without
 * them is another one.
 */
export function foreignSettings(given: unknown): string[] {
  const { config, beside } = readProvider(given);
  return [config, beside].flatMap((settings) => {
    return Object.entries(settings).flatMap(([key, value]) => {
      const isKnown =
        value === undefined || withoutEffect.has(key) || (settings === config && settingOf(key, value) !== undefined);
      return isKnown ? [] : [key];
    });
  });
}

function settingOf(key: string, value: unknown): keyof ProviderModel["settings"] | undefined {
  // Variables of the environment are filled in by promptfoo only.
  if (JSON.stringify(value)?.includes("{{") === true) return undefined;
  return Object.hasOwn(settingNames, key) ? settingNames[key] : undefined;
}

/** What a provider is called, for messages. */
export function providerName(given: unknown): string {
  return readProvider(given).id ?? describeValue(given);
}

interface Provider {
  readonly id: string | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  /** Everything that stands beside `config`, and `config` too. */
  readonly beside: Readonly<Record<string, unknown>>;
}

function readProvider(given: unknown): Provider {
  if (typeof given === "string") return { id: given, config: {}, beside: {} };
  if (!isPlainObject(given)) return { id: undefined, config: {}, beside: {} };
  const [first] = Object.entries(given);
  const isNamed = typeof given.id === "string";
  const [id, beside] = isNamed ? [given.id as string, given] : [first?.[0], isPlainObject(first?.[1]) ? first[1] : {}];
  return { id, config: isPlainObject(beside.config) ? beside.config : {}, beside };
}
