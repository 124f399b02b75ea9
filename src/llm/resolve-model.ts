/**
 * From what a user calls a model to the object that answers: `"provider/model"` loads the provider's package.
 *
 * @module
 */
import { environmentVariable } from "../data/environment.ts";
import { describeValue } from "../data/json.ts";
import { loadPackage, loadPackageNow } from "../data/load-package.ts";
import type { MaybePromise } from "../data/maybe-promise.ts";
import { ConfigurationError } from "../errors.ts";
import { chatModel } from "./chat-completions/chat-model.ts";
import type { EmbeddingModel } from "./embedding-model.ts";
import { fastFetch } from "./http/fast-fetch.ts";
import { type LanguageModel, type ModelLike, modelName, modelProblem, originalModel } from "./language-model.ts";
import { providerKey, strayProviderKey } from "./redact-secrets.ts";

/**
 * The model itself, or the one that a string `"provider/model"` names: `@ai-sdk/<provider>` is loaded on demand.
 * `openai/…` with `OPENAI_BASE_URL` set is any server that speaks the chat-completions protocol; it needs no package and no key.
 *
 * @param model @default the environment variable `OPTO_MODEL`
 * @throws ConfigurationError when no model is named, or the name is not one
 * @throws MissingPackageError naming the command that installs the provider's package
 * @example
 * const model = await resolveModel("anthropic/claude-haiku-4-5");
 */
export async function resolveModel(model?: ModelLike): Promise<LanguageModel> {
  return resolved(model);
}

/** The same without a promise where nothing has to be loaded. */
export function resolved(model: ModelLike | undefined): MaybePromise<LanguageModel> {
  const given = givenOrNamed(originalModel(model));
  if (typeof given !== "string") return checked(given);
  const source = model === undefined ? "OPTO_MODEL" : "the model";
  return ownServerModel(readName(given, source)) ?? loadProvider(given, source).then(languageModelOf);
}

/**
 * The same without waiting: for what is asked about a model before it is called.
 *
 * @throws what `resolveModel` throws
 */
export function resolveModelNow(given: ModelLike): LanguageModel {
  if (typeof given !== "string") return checked(given);
  const named = readName(given, "the model");
  const own = ownServerModel(named);
  if (own !== undefined) return own;
  return languageModelOf(openProvider(named, loadPackageNow(named.packageName, `The model "${given}"`, { hint: inBundles })));
}

/** The model of a server that speaks OpenAI's protocol, where the environment names one: no package is needed for it. */
function ownServerModel({ provider, id }: ModelName): LanguageModel | undefined {
  const settings = provider === "openai" ? serverSettings() : undefined;
  if (settings === undefined) return undefined;
  const key = JSON.stringify([id, settings]);
  const known = ownServerModels.get(key);
  if (known !== undefined) return known;
  const made = chatModel(id, settings);
  ownServerModels.set(key, made);
  return made;
}

const ownServerModels = new Map<string, LanguageModel>();

/** The provider that a name begins with, and the rest of the name. */
export interface NamedProvider {
  readonly provider: Provider;
  readonly id: string;
}

/**
 * Loads the package of the provider in `"provider/model"`.
 *
 * @param source what has the name, for messages
 * @throws ConfigurationError when it is not such a name
 * @throws MissingPackageError naming the command that installs the package
 */
export async function loadProvider(given: string, source: string): Promise<NamedProvider> {
  const named = readName(given, source);
  return openProvider(named, await loadPackage(named.packageName, `The model "${given}"`, { hint: inBundles }));
}

function languageModelOf({ provider, id }: NamedProvider): LanguageModel {
  return provider.languageModel(id);
}

interface ModelName {
  readonly provider: string;
  readonly id: string;
  readonly packageName: string;
}

function readName(given: string, source: string): ModelName {
  const [, provider, id] = /^([a-z0-9-]+)\/(.+)$/.exec(given) ?? [];
  if (provider === undefined || id === undefined) {
    throw new ConfigurationError(
      `Expected ${source} to be "provider/model", like "openai/gpt-5-mini", got ${describeValue(given)}`,
    );
  }
  return { provider, id, packageName: `@ai-sdk/${provider}` };
}

function openProvider({ provider, id, packageName }: ModelName, exports: Readonly<Record<string, unknown>>): NamedProvider {
  const settings = settingsOf(provider);
  const key = JSON.stringify(settings);
  const known = opened.get(exports);
  const made = known !== undefined && known.key === key ? known.provider : makeProvider(exports, settings);
  if (made === undefined)
    throw new ConfigurationError(`The package "${packageName}" exports no language model provider for "${id}"`);
  opened.set(exports, { key, provider: made });
  return { provider: made, id };
}

/** By the exports of their packages, with the settings that they were made with: making one takes longer than many a call. */
const opened = new WeakMap<object, { readonly key: string | undefined; readonly provider: Provider }>();

/** A provider as its package makes it, with a faster `fetch`. */
function makeProvider(exports: Readonly<Record<string, unknown>>, settings: ProviderSettings | undefined): Provider | undefined {
  const usual = defaultProvider(exports);
  // Without a provider that needs no settings, there is none to be made without them.
  if (settings === undefined && usual === undefined) return undefined;
  const made = creator(exports)?.({ ...settings, fetch: fastFetch });
  return isProvider(made) ? made : usual;
}

/**
 * The name of the model that a call asks for, without loading it: of the given one, else of the environment variable `OPTO_MODEL`.
 *
 * @throws ConfigurationError when none is named
 */
export function requestedModel(given: ModelLike | undefined): string {
  return modelName(givenOrNamed(given));
}

/** `null` is no model: who gives it had another one in mind than that of the environment. */
function givenOrNamed(given: ModelLike | undefined): ModelLike {
  const model = given === undefined ? environmentVariable("OPTO_MODEL") : given;
  if (model === undefined) throw new ConfigurationError(nothingNamed());
  return model;
}

/** A name says nothing to a bundler. */
const inBundles = "In a bundle, import the package and pass its model object instead of a name";

/** A provider of the AI SDK, as far as it is needed here. */
export interface Provider {
  languageModel(id: string): LanguageModel;
  embeddingModel?(id: string): EmbeddingModel;
  /** The same in `ai` 5. */
  textEmbeddingModel?(id: string): EmbeddingModel;
}

interface ProviderSettings {
  readonly baseURL?: string;
  readonly apiKey: string;
}

/** What the environment says besides what the package reads itself. */
function settingsOf(provider: string): ProviderSettings | undefined {
  const server = provider === "openai" ? serverSettings() : undefined;
  if (server !== undefined) return server;
  const apiKey = strayProviderKey(provider);
  return apiKey === undefined ? undefined : { apiKey };
}

/** @throws ConfigurationError for an address that no request can be sent to */
function serverSettings(): (ProviderSettings & { readonly baseURL: string }) | undefined {
  const baseURL = environmentVariable("OPENAI_BASE_URL");
  if (baseURL === undefined) return undefined;
  if (hasCredentials(baseURL)) throw new ConfigurationError(`OPENAI_BASE_URL ${withCredentials}`);
  // Self-hosted servers often want no key; some want any.
  return { baseURL, apiKey: environmentVariable("OPENAI_API_KEY") ?? "unused" };
}

const withCredentials =
  "contains a user name or a password, which no request can be sent with. Remove them from the address; a key belongs in OPENAI_API_KEY";

function hasCredentials(address: string): boolean {
  try {
    const { username, password } = new URL(address);
    return username !== "" || password !== "";
  } catch {
    // What is no address at all is refused by the first call.
    return false;
  }
}

function defaultProvider(exports: Readonly<Record<string, unknown>>): Provider | undefined {
  return Object.values(exports).find(isProvider);
}

function creator(
  exports: Readonly<Record<string, unknown>>,
): ((settings: Partial<ProviderSettings> & { readonly fetch: typeof fastFetch }) => unknown) | undefined {
  const [, create] =
    Object.entries(exports).find(([name, value]) => /^create[A-Z]/.test(name) && typeof value === "function") ?? [];
  return create as ReturnType<typeof creator>;
}

function isProvider(value: unknown): value is Provider {
  return (typeof value === "function" || (typeof value === "object" && value !== null)) && "languageModel" in value;
}

function checked(model: LanguageModel): LanguageModel {
  const problem = modelProblem(model);
  if (problem === undefined) return model;
  throw new ConfigurationError(`Expected a model to be ${problem}`);
}

function nothingNamed(): string {
  const suggestion = configuredModel() ?? "openai/gpt-5-mini";
  return `No language model is set. Set \`model\`, or OPTO_MODEL to "provider/model", for example OPTO_MODEL=${suggestion}`;
}

/** A small model of each provider, for when there is a key and no word about the model. */
const smallModels: Readonly<Record<string, string>> = {
  openai: "gpt-5-mini",
  anthropic: "claude-haiku-4-5",
  google: "gemini-flash-latest",
  mistral: "mistral-small-latest",
  groq: "openai/gpt-oss-20b",
};

/**
 * The model that the environment configures, as `"provider/model"`: `OPTO_MODEL`, else a small model of the first provider
 * whose key is set (OpenAI, Anthropic, Google, Mistral, Groq), else `undefined`.
 *
 * A self-hosted server (`OPENAI_BASE_URL`) has models that cannot be guessed: `OPTO_MODEL` has to name one.
 */
export function configuredModel(): string | undefined {
  const named = namedModel();
  if (named !== undefined) return named;
  const provider = Object.keys(smallModels).find((name) => providerKey(name) !== undefined && !hasOwnServer(name));
  return provider === undefined ? undefined : `${provider}/${smallModels[provider]}`;
}

/** The model that the environment names: `OPTO_MODEL`. */
export function namedModel(): string | undefined {
  return environmentVariable("OPTO_MODEL");
}

function hasOwnServer(provider: string): boolean {
  return provider === "openai" && environmentVariable("OPENAI_BASE_URL") !== undefined;
}
