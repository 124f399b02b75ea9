/**
 * Takes API keys out of messages: what providers say when they refuse one, errors, warnings, the log of a run.
 *
 * Only of messages. What is data (replies, parameters, inputs, scores, records) is never rewritten to hide a key.
 *
 * @module
 */
import { isPlainObject } from "../data/json.ts";
import { allProviderKeys } from "./provider-keys.ts";

const mark = "[key removed]";

/** Keys that can be told by their looks, and values that stand where a key stands. */
const looksLikeKey: readonly RegExp[] = [
  /\b(?:sk|pk|rk|gsk|csk|xai|hf|pplx|fw|r8|tgp|nvapi)[-_][\w*-]{16,}/g,
  /\bAIza[\w-]{30,}/g,
  /(?<=\bbearer\s+)[\w.~+/*=-]{8,}/gi,
  /(?<=\b(?:api[-_ ]?key|access[-_ ]token|authorization|secret)\b["']?(?: provided)?\s*[:=]\s*["']?)(?!bearer\b)[^\s"',;&}]{8,}/gi,
  /(?<=[?&]key=)[^&\s"']+/gi,
];
const secretName = /^(?:authorization|proxy-authorization|x-api-key|x-goog-api-key|api-?key|cookie|set-cookie)$/i;

/** The text without the keys of the environment and without what looks like a key. */
export function redactText(text: string): string {
  return looksLikeKey.reduce((rest, pattern) => rest.replace(pattern, mark), redactKnownKeys(text));
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
