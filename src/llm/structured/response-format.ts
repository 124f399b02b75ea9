/**
 * Structured output: which models are asked for it, and what is done when a provider will not have it.
 *
 * The AI SDK hands a JSON Schema to every model and has no field that says whether it is heeded. Some providers' models carry
 * `supportsStructuredOutputs`; the rest shows when it is tried: a warning comes with the reply, or the request is refused.
 *
 * @module
 */
import { environmentVariable } from "../../data/environment.ts";
import { fingerprint } from "../../data/fingerprint.ts";
import { type LanguageModel, type ModelLike, modelName, originalModel } from "../language-model.ts";
import { callFailure } from "../pace/call-failure.ts";
import { addressOf } from "../set-up-error.ts";
import type { JsonSchema } from "./strict-schema.ts";

/** The form that a reply is to have: JSON that fits a schema, as the AI SDK has it. */
export interface ResponseFormat {
  readonly type: "json";
  /** JSON Schema of the reply. Providers that are strict want every property required and no others allowed. */
  readonly schema: JsonSchema;
  /** What the provider calls the schema: letters, digits, `-` and `_`. @default the provider's */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/** Providers whose package of the AI SDK sends the schema on (or makes a tool of it), for all or nearly all of their models. */
const structuredProviders: ReadonlySet<string> = new Set([
  "amazon-bedrock",
  "anthropic",
  "azure",
  "cerebras",
  "cohere",
  "google",
  "google-vertex",
  "groq",
  "mistral",
  "openai",
  "xai",
]);

/**
 * Whether a model is known to keep its replies to a JSON Schema: it says so itself, or its provider is known for it. A
 * self-hosted server that speaks the protocol of OpenAI (`OPENAI_BASE_URL`, `baseURL`) is not.
 *
 * @param given @default the environment variable `OPTO_MODEL`
 */
export function offersStructuredOutput(given: ModelLike | undefined = environmentVariable("OPTO_MODEL")): boolean {
  const model = originalModel(given);
  if (model === undefined) return false;
  const own = typeof model === "string" ? undefined : (model as { readonly supportsStructuredOutputs?: unknown });
  if (typeof own?.supportsStructuredOutputs === "boolean") return own.supportsStructuredOutputs;
  // The gateway's models are called "openai/gpt-5-mini" after the gateway's own name.
  const [provider = ""] = modelName(model)
    .replace(/^gateway\//, "")
    .split("/");
  if (typeof model !== "string" && /\bcompletion$/.test(model.provider)) return false;
  return structuredProviders.has(provider) && !(provider === "openai" && isOwnServer(model));
}

/** How a model took a response format. */
export interface FormattedCall<T> {
  readonly result: T;
  /** Whether the provider would not have the format: it refused it, or gave a warning that it left it aside. */
  readonly isIgnored: boolean;
}

/**
 * Asks a model for a reply of a form. A provider that refuses the form is asked for the same without it, at once, and not
 * asked again for the same form by this process.
 *
 * @param ask makes the call with the model that it is given
 */
export async function askInFormat<T>(
  model: LanguageModel,
  given: ModelLike | undefined,
  format: ResponseFormat,
  ask: (model: LanguageModel) => Promise<T>,
): Promise<FormattedCall<T>> {
  const refused = refusedFormatsOf(given ?? modelName(model));
  const key = fingerprint(format);
  if (!refused.has(key)) {
    const warned = { isIgnored: false };
    try {
      return { result: await ask(withFormat(model, format, warned)), ...warned };
    } catch (error) {
      if (!refusesFormat(error)) throw error;
      refused.add(key);
    }
  }
  return { result: await ask(model), isIgnored: true };
}

/** The model with a response format in every call. What it warns of the format is heard here and goes no further. */
function withFormat(model: LanguageModel, responseFormat: ResponseFormat, heard: { isIgnored: boolean }): LanguageModel {
  return interceptModel<Warned>(model, async (options, generate) => {
    const result = await generate({ ...options, responseFormat });
    const warnings = result.warnings?.filter((warning) => !isAboutFormat(warning));
    if (warnings?.length !== result.warnings?.length) heard.isIgnored = true;
    return { ...result, warnings };
  });
}

interface Warned {
  readonly warnings?: readonly object[];
}

/** `{ type: "unsupported", feature }` since v3 of the specification, `{ type: "unsupported-setting", setting }` before. */
function isAboutFormat(warning: object): boolean {
  const { type, feature, setting } = warning as {
    readonly type?: unknown;
    readonly feature?: unknown;
    readonly setting?: unknown;
  };
  return String(type).startsWith("unsupported") && /^responseFormat\b/.test(String(feature ?? setting));
}

/** A request that is refused for its form, and not for its length, its key or its contents. */
function refusesFormat(error: unknown): boolean {
  const { statusCode, responseBody, name, message } = error as {
    readonly statusCode?: unknown;
    readonly responseBody?: unknown;
    readonly name?: unknown;
    readonly message?: unknown;
  };
  if (name !== "AI_UnsupportedFunctionalityError" && !formatStatus.has(statusCode)) return false;
  // Judged like all failures: a limit or an empty account is none of the format's doing.
  const { kind } = callFailure(error, 0);
  return ["refused", "setting", "fatal"].includes(kind) && aboutFormat.test(`${message} ${responseBody}`);
}

const formatStatus: ReadonlySet<unknown> = new Set([400, 404, 422, 501]);
const aboutFormat =
  /response[_ -]?format|json[_ -]?(?:schema|mode|object)|structured[_ -]?output|output_(?:format|config)|response_?(?:schema|mime)|responseFormat|responseJsonSchema|\bgrammar\b/i;

/** The fingerprints of the formats that a model has refused: by the object that it is, or by its name. */
function refusedFormatsOf(model: ModelLike): Set<string> {
  const known = typeof model === "string" ? refusedByName.get(model) : refusedByModel.get(model);
  if (known !== undefined) return known;
  const none = new Set<string>();
  if (typeof model === "string") refusedByName.set(model, none);
  else refusedByModel.set(model, none);
  return none;
}

// Saves requests that would be refused again; no reply depends on it.
const refusedByName = new Map<string, Set<string>>();
const refusedByModel = new WeakMap<LanguageModel, Set<string>>();

/** Whether a model of OpenAI's package is served by somebody else. Where nobody can tell, the fallback at run time is still there. */
function isOwnServer(model: ModelLike): boolean {
  const address = addressOf(model);
  if (typeof model === "string" || address === undefined) return address !== undefined;
  return URL.canParse(address) && !/(^|\.)openai\.com$/.test(new URL(address).hostname);
}

/**
 * The same model to the AI SDK, with another `doGenerate`. Made by hand, because every version of the AI SDK has its own way to wrap a
 * model.
 *
 * @param generate is given the options of the call and the original's `doGenerate`
 */
export function interceptModel<Result extends object>(
  model: LanguageModel,
  generate: (options: object, original: (options: object) => Promise<Result>) => Promise<object>,
): LanguageModel {
  const original = model as LanguageModel & { readonly supportedUrls?: unknown };
  return {
    specificationVersion: original.specificationVersion,
    provider: original.provider,
    modelId: original.modelId,
    // Methods of the AI SDK's classes need their own `this`.
    get supportedUrls() {
      return original.supportedUrls;
    },
    doGenerate: (options: object) => generate(options, async (given) => (await original.doGenerate(given as never)) as Result),
  } as LanguageModel;
}
