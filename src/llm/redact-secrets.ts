/**
 * Takes API keys out of messages: what providers say when they refuse one, errors, warnings, the log of a run.
 *
 * Only of messages. What is data (replies, parameters, inputs, scores, records) is never rewritten to hide a key.
 *
 * @module
 */
import { environmentVariable } from "../data/environment.ts";
import { isPlainObject, ownValue } from "../data/json.ts";

const mark = "[key removed]";

/** Keys that can be told by their looks, and values that stand where a key stands, with what precedes them as a group: looked for behind, each blank of many would be gone through again. */
const looksLikeKey: readonly RegExp[] = [
  /(\b)(?:sk|pk|rk|gsk|csk|xai|hf|pplx|fw|r8|tgp|nvapi)[-_][\w*-]{16,}/g,
  /(\b)AIza[\w-]{30,}/g,
  /(\bbearer\s+)[\w.~+/*=-]{8,}/gi,
  /(\b(?:api[-_ ]?key|access[-_ ]token|authorization|secret)\b["']?(?: provided)?\s*[:=]\s*["']?)(?!bearer\b)[^\s"',;&}]{8,}/gi,
  /([?&](?:key|(?:(?:access|auth|id|refresh|api)[-_]?)?token|api[-_]?key|password|client[-_]secret|sig|(?:x-amz-)?signature)=)[^&\s"']+/gi,
  // What follows is a word of its own in a sentence: "authorization: token missing".
  /(\b[Aa]uthorization\b\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?(?:[Bb]asic|[Tt]oken|[Dd]igest|[Kk]ey|[Aa]pi-?[Kk]ey)\s{1,4})(?![A-Z]?[a-z]{0,100}(?![\w+/=:-]))[\w.~+/=:-]{4,}/g,
  /(\b[Bb]asic )(?=[A-Za-z+/]{0,200}[\d=])[A-Za-z0-9+/]{16,}={0,2}/g,
  // Passwords in addresses, and keys that are the user there; a port before a query that has an @ is none.
  /(:\/\/[^\s/?#@:"'<>]{0,100}:)(?!\d{1,5}[?#])[^\s/"'<>]{1,200}(?=@)/g,
  /(:\/\/)(?=[^\s/?#@:"'<>]{0,100}\d)[^\s/?#@:"'<>]{16,200}(?=:?@)/g,
  /(\b(?:password|passwd|pwd)=)[^\s"',;&}]{4,}/gi,
  // AWS, GitHub, GitLab, Slack, npm, and tokens that are signed
  /(\b)(?:(?:AKIA|ASIA)[A-Z0-9]{16}\b|(?:gh[pousr]|github_pat)_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{16,}|npm_[A-Za-z0-9]{36})/g,
  /(\b)eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,}/g,
];
const secretName =
  /^(?:authorization|proxy-authorization|x-api-key|x-goog-api-key|x-(?:auth|access)-token|x-amz-security-token|private-token|api-?key|cookie|set-cookie)$/i;

/** The text without the keys of the environment and without what looks like a key. */
export function redactText(text: string): string {
  return looksLikeKey.reduce((rest, pattern) => rest.replace(pattern, `$1${mark}`), redactKnownKeys(text));
}

/** The text without the keys of the environment. A key that is a word, as local servers take any, is no secret. */
export function redactKnownKeys(text: string): string {
  return allProviderKeys()
    .filter(isSecret)
    .reduce((rest, key) => rest.replaceAll(key, mark), text);
}

/** Real keys are long and have digits: `placeholder`, `lm-studio`, `sk-1234` and `your-api-key-here` may be parts of any text. */
function isSecret(key: string): boolean {
  return key.length >= 12 && /\d/.test(key) && /[^\d.]/.test(key) && !/^[A-Za-z]+(?:[-_. ][A-Za-z]+)*[-_. ]?\d{0,4}$/.test(key);
}

/**
 * The same error with keys taken out of its message, its other fields (`url`, `responseBody`, `responseHeaders`, …) and
 * the errors it was caused by. The object keeps its identity, so checks for its class go on working.
 */
export function redactError<E>(error: E): E {
  if (error instanceof Error) redactFields(error, new Set());
  return error;
}

function redactFields(error: Error, seen: Set<object>): void {
  if (seen.has(error)) return;
  seen.add(error);
  // `stack` repeats the message, and may be an accessor.
  for (const key of new Set(["message", "stack", ...Object.getOwnPropertyNames(error)])) {
    const value: unknown = Reflect.get(error, key);
    const clean = redacted(value, seen);
    if (clean !== value) Reflect.set(error, key, clean);
  }
}

/** `value` itself when there is nothing to take out of it; plain data is copied, never changed in place. */
function redacted(value: unknown, seen: Set<object>): unknown {
  if (typeof value === "string") return redactText(value);
  if (value instanceof Error) redactFields(value, seen);
  if (!Array.isArray(value) && !isPlainObject(value)) return value;
  if (seen.has(value)) return value;
  seen.add(value);
  const pairs = Object.entries(value).map(([key, inner]): [string, unknown] => [
    key,
    typeof inner === "string" && secretName.test(key) ? mark : redacted(inner, seen),
  ]);
  if (pairs.every(([key, inner]) => inner === Reflect.get(value, key))) return value;
  return Array.isArray(value) ? pairs.map(([, inner]) => inner) : Object.fromEntries(pairs);
}

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
  return valuesOf(ownValue(usual, provider))[0] ?? valuesOf(ownValue(further, provider))[0];
}

/** The key that the environment holds for a provider where its package does not find it. */
export function strayProviderKey(provider: string): string | undefined {
  return valuesOf(ownValue(usual, provider))[0] === undefined ? valuesOf(ownValue(further, provider))[0] : undefined;
}

/** The variable in which the provider's package looks for its key; `undefined` for a provider that is not known. */
export function keyVariable(provider: string): string | undefined {
  return ownValue(usual, provider)?.[0];
}

/** Every key that the environment holds: what must not be shown anywhere. */
function allProviderKeys(): string[] {
  return [...Object.values(usual), ...Object.values(further)].flatMap(valuesOf);
}

function valuesOf(names: readonly string[] = []): string[] {
  return names.map(environmentVariable).filter((value) => value !== undefined);
}
