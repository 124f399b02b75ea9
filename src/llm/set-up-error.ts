/**
 * `setUpError`: what is said of a wrong set-up, with the address, and the variable or option to change.
 *
 * @module
 */
import { environmentVariable } from "../data/environment.ts";
import { errorChain, firstOf } from "../data/error-shape.ts";
import { ConfigurationError } from "../errors.ts";
import { type ModelLike, originalModel } from "./language-model.ts";
import type { CallFailure } from "./pace/call-failure.ts";
import { keyVariable, redactError, redactText } from "./redact-secrets.ts";

/** Which model was called, and how it was named. */
export interface CalledModel {
  /** `"provider/model"` */
  readonly name: string;
  /** What the request had for `model`; `undefined` where the environment names it. */
  readonly given: ModelLike | undefined;
}

/** The error for a failure that points at the set-up; its cause is what the provider's client threw, without keys. */
export function setUpError(failure: CallFailure, error: unknown, called: CalledModel): ConfigurationError {
  const message = `${sentence(failure, error, called)} ${remedy(failure, error, called)}`;
  // What `Headers` says of a key quotes it with the line break by which no pattern finds it.
  return new ConfigurationError(message, isUnsendable(failure, error) ? {} : { cause: redactError(error) });
}

function sentence(failure: CallFailure, error: unknown, called: CalledModel): string {
  const { name } = called;
  const address = shownAddress(error, called);
  const at = address === undefined ? "" : ` at ${address}`;
  const reason = `(${redactText(failure.reason)})`;
  switch (failure.problem) {
    case "key":
      if (isUnsendable(failure, error)) {
        return `The key for ${name} cannot be sent${at}: it contains a line break or another character that is not allowed in a header.`;
      }
      return isMissingKey(error) ? `There is no key for ${name} ${reason}.` : `The key for ${name} is refused${at} ${reason}.`;
    case "access":
      return `Access to ${name} is refused${at} ${reason}.`;
    case "model":
      return `There is no model ${name}${at} ${reason}.`;
    case "setting":
      return `${name} does not support the setting \`${failure.setting}\` as sent${at} ${reason}.`;
    default:
      return `${addressProblem(failure, error, address ?? name)} ${reason}.`;
  }
}

const credentials = /\burl that includes credentials\b/i;

function addressProblem({ kind }: CallFailure, error: unknown, address: string): string {
  const chain = errorChain(error);
  const codes = chain.flatMap((link) => link.codes).join(" ");
  const texts = chain.flatMap((link) => link.texts).join("\n");
  const status = firstOf(chain, (link) => link.status);
  if (/ECONNREFUSED|ConnectionRefused/.test(`${codes} ${texts}`)) return `Nothing is listening at ${address}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(`${codes} ${texts}`)) return `The host of ${address} is not found`;
  if (/CERT|UNABLE_TO|HOSTNAME_MISMATCH/.test(codes)) return `The certificate of ${address} is not trusted`;
  if (credentials.test(texts))
    return `The address ${address} contains a user name or a password, which no request can be sent with`;
  if (status === 404 || status === 405) return `${address} does not accept model calls`;
  if (status !== undefined && kind === "transient") {
    const isPage = chain.some((link) => link.texts.some((text) => text.trimStart().startsWith("<")));
    return `${address} answers with ${isPage ? "a web page instead of JSON" : "something other than a model's reply"}`;
  }
  return `${address} cannot be reached`;
}

function remedy(failure: CallFailure, error: unknown, { name, given }: CalledModel): string {
  const [provider = ""] = name.split("/");
  const isObject = typeof given === "object" || typeof given === "function";
  const variable = keyVariable(provider);
  const key =
    variable === undefined ? "the `apiKey` of its provider" : `${variable}${isObject ? ", or the `apiKey` of its provider" : ""}`;
  switch (failure.problem) {
    case "key":
      return `Set ${key}${isUnsendable(failure, error) ? " to the key alone, without quotation marks and line breaks" : ""}`;
    case "access":
      return `Check what the key has access to (${key})`;
    case "model":
      return `Change ${given === undefined ? "OPTO_MODEL" : "`model`"} to a model that the provider has`;
    case "setting":
      return remedyOfSetting(failure.setting ?? "");
    default:
      return remedyOfAddress(error, provider, isObject);
  }
}

function remedyOfSetting(setting: string): string {
  if (setting === "system") return "Put the instructions into the prompt, or use a model that takes a `system` message";
  if (setting === "streaming") return "Calls are not streamed: use another model, or an endpoint that replies in one piece";
  return `Remove or change \`${setting}\` where the model is called`;
}

function remedyOfAddress(error: unknown, provider: string, isObject: boolean): string {
  const chain = errorChain(error);
  if (chain.some((link) => link.codes.some((code) => /CERT|UNABLE_TO|HOSTNAME_MISMATCH/.test(code))))
    return "Set NODE_EXTRA_CA_CERTS to the file with the certificate of its authority";
  const option = isObject ? "the `baseURL` of its provider" : "the address of the provider";
  const isNamed = provider === "openai" && (!isObject || environmentVariable("OPENAI_BASE_URL") !== undefined);
  const where = isNamed ? `OPENAI_BASE_URL${isObject ? ` and ${option}` : ""}` : option;
  if (chain.some((link) => link.texts.some((text) => credentials.test(text)))) return `Remove it from ${where}`;
  return `Start the server, or check ${where}, which usually ends in /v1`;
}

/** The base of the address where it is known, else that of the request. */
function shownAddress(error: unknown, { name, given }: CalledModel): string | undefined {
  const base = addressOf(given ?? name);
  const url = firstOf(errorChain(error), (link) => link.url);
  const shown = base !== undefined && (url === undefined || url.startsWith(base)) ? base : url;
  return shown === undefined ? undefined : shownUrl(shown);
}

function isMissingKey(error: unknown): boolean {
  return errorChain(error).some(({ names }) => names.includes("AI_LoadAPIKeyError"));
}

function isUnsendable({ problem }: CallFailure, error: unknown): boolean {
  return problem === "key" && errorChain(error).every(({ status }) => status === undefined) && !isMissingKey(error);
}

interface ProviderConfig {
  readonly url?: (request: object) => unknown;
}

/** The address of a model of opto's own, of OpenAI's package, or of one that is made alike; `undefined` where nobody can tell. */
export function addressOf(given: ModelLike): string | undefined {
  const model = originalModel(given);
  if (typeof model === "string") return model.startsWith("openai/") ? environmentVariable("OPENAI_BASE_URL") : undefined;
  const { baseURL, config } = model as { readonly baseURL?: unknown; readonly config?: ProviderConfig };
  if (typeof baseURL === "string") return baseURL;
  try {
    const url = config?.url?.({ path: "/models", modelId: model.modelId });
    return url === undefined ? undefined : String(url).replace(/\/models$/, "");
  } catch {
    // A package that keeps its address elsewhere.
    return undefined;
  }
}

/** The address for a message; the text itself, up to a query, where it is none. */
export function shownUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return host === "" ? withoutQuery(url) : `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
  } catch {
    return withoutQuery(url);
  }
}

function withoutQuery(text: string): string {
  return text.replace(/[?#].*$/s, "").replace(/(?<![^/@\s])[^/@\s]*@/, "");
}
