/**
 * The environment variables in which providers expect their keys.
 *
 * @module
 */
import { environmentVariable } from "../data/environment.ts";

/** Where the packages `@ai-sdk/<name>` look. */
const usual: Readonly<Record<string, readonly string[]>> = {
  openai: ["OPENAI_API_KEY"],
  anthropic: ["ANTHROPIC_API_KEY"],
  google: ["GOOGLE_GENERATIVE_AI_API_KEY"],
  mistral: ["MISTRAL_API_KEY"],
  groq: ["GROQ_API_KEY"],
  xai: ["XAI_API_KEY"],
  deepseek: ["DEEPSEEK_API_KEY"],
  cohere: ["COHERE_API_KEY"],
  cerebras: ["CEREBRAS_API_KEY"],
  perplexity: ["PERPLEXITY_API_KEY"],
  togetherai: ["TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"],
  fireworks: ["FIREWORKS_API_KEY"],
  deepinfra: ["DEEPINFRA_API_KEY"],
  openrouter: ["OPENROUTER_API_KEY"],
  huggingface: ["HUGGINGFACE_API_KEY", "HF_TOKEN"],
  azure: ["AZURE_API_KEY"],
  "amazon-bedrock": ["AWS_BEARER_TOKEN_BEDROCK", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
  gateway: ["AI_GATEWAY_API_KEY", "VERCEL_OIDC_TOKEN"],
};

/** Where the provider's own tools look, and its package does not. */
const further: Readonly<Record<string, readonly string[]>> = { google: ["GEMINI_API_KEY", "GOOGLE_API_KEY"] };

/** The key that the environment holds for a provider. */
export function providerKey(provider: string): string | undefined {
  return valuesOf(usual[provider])[0] ?? valuesOf(further[provider])[0];
}

/** The key that the environment holds for a provider where its package does not find it. */
export function strayProviderKey(provider: string): string | undefined {
  return valuesOf(usual[provider])[0] === undefined ? valuesOf(further[provider])[0] : undefined;
}

/** The variable in which the provider's package looks for its key; `undefined` for a provider that is not known. */
export function keyVariable(provider: string): string | undefined {
  return Object.hasOwn(usual, provider) ? usual[provider]?.[0] : undefined;
}

/** Every key that the environment holds: what must not be shown anywhere. */
export function allProviderKeys(): string[] {
  return [...Object.values(usual), ...Object.values(further)].flatMap(valuesOf);
}

function valuesOf(names: readonly string[] = []): string[] {
  return names.map(environmentVariable).filter((value) => value !== undefined);
}
