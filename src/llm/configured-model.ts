/**
 * Which model the environment configures.
 *
 * @module
 */
import { environmentVariable } from "../data/environment.ts";
import { providerKey } from "./provider-keys.ts";

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
