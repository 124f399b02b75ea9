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
import { isAboutFormat } from "../model-warnings.ts";
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
 * Asks a model for a reply of a form, where one is wanted. A provider that refuses the form is asked for the same without it, immediately, and not
 * asked again for the same form by this process.
 *
 * @param ask makes the call, with the form that it is given
 */
export async function askInFormat<T extends { readonly warnings?: readonly object[] }>(
  model: ModelLike,
  format: ResponseFormat | undefined,
  ask: (format: ResponseFormat | undefined) => Promise<T>,
): Promise<FormattedCall<T>> {
  if (format === undefined) return { result: await ask(undefined), isIgnored: false };
  const refused = refusedFormatsOf(model);
  const key = fingerprint(format);
  if (!refused.has(key)) {
    try {
      const result = await ask(format);
      return { result, isIgnored: result.warnings?.some(isAboutFormat) === true };
    } catch (error) {
      if (!refusesFormat(error)) throw error;
      refused.add(key);
    }
  }
  return { result: await ask(undefined), isIgnored: true };
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
