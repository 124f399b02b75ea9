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
    "temperature" | "maxOutputTokens" | "topP" | "seed" | "stopSequences" | "presencePenalty" | "frequencyPenalty"
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

/** A provider as the config has it: an id, `{ id, config }`, or `{ [id]: { config } }`; `undefined` where opto has no such model. */
export function providerModel(given: unknown): ProviderModel | undefined {
  const { id, config } = readProvider(given);
  const model = id === undefined ? undefined : modelOfId(id);
  if (model === undefined) return undefined;
  const {
    temperature,
    max_tokens,
    max_completion_tokens,
    max_output_tokens,
    top_p,
    seed,
    stop,
    presence_penalty,
    frequency_penalty,
  } = config;
  const settings = {
    temperature,
    maxOutputTokens: max_tokens ?? max_completion_tokens ?? max_output_tokens,
    topP: top_p,
    seed,
    stopSequences: typeof stop === "string" ? [stop] : stop,
    presencePenalty: presence_penalty,
    frequencyPenalty: frequency_penalty,
  };
  return { model, settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) };
}

/** What a provider is called, for messages. */
export function providerName(given: unknown): string {
  return readProvider(given).id ?? describeValue(given);
}

interface Provider {
  readonly id: string | undefined;
  readonly config: Readonly<Record<string, unknown>>;
}

function readProvider(given: unknown): Provider {
  if (typeof given === "string") return { id: given, config: {} };
  if (!isPlainObject(given)) return { id: undefined, config: {} };
  const [first] = Object.entries(given);
  const isNamed = typeof given.id === "string";
  const [id, { config }] = isNamed ? [given.id as string, given] : [first?.[0], isPlainObject(first?.[1]) ? first[1] : {}];
  return { id, config: isPlainObject(config) ? config : {} };
}
