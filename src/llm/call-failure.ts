/**
 * `callFailure`: what a failed attempt to call a model means for the next one.
 *
 * @module
 */
import { isInfrastructureError, OptoError } from "../errors.ts";
import { askedToWaitMs, type ReplyHeaders } from "./rate-limit-headers.ts";

/**
 * What is to be done about a failure:
 * - `rate-limit`: the provider asks to come again later
 * - `transient`: a server error, a network failure, a broken reply, no answer in time: worth another attempt
 * - `quota`: what the account may use is used up, and waiting minutes does not help
 * - `fatal`: no attempt can succeed before somebody changes the set-up (key, model name, package), or the run must stop
 * - `refused`: the program's own fault, such as a request that the provider calls invalid
 */
export type CallFailureKind = "rate-limit" | "transient" | "quota" | "fatal" | "refused";

/** A failure, judged. */
export interface CallFailure {
  readonly kind: CallFailureKind;
  /** For how many milliseconds the provider asks to wait; absent when it does not say. */
  readonly retryAfterMs?: number;
  /** In a few words, for messages and events. May hold what the provider wrote. */
  readonly reason: string;
}

/**
 * Judges what an attempt threw. Knows the errors of the AI SDK, of `fetch` and of opto; looks into causes, and into the
 * last error of the AI SDK's own retries.
 *
 * @param now milliseconds since 1970, against which dates in headers are measured
 */
export function callFailure(error: unknown, now: number): CallFailure {
  const chain = chainOf(error);
  const retryAfterMs = firstOf(chain, (link) => toldToWait(link, now));
  const kind = kindOf(error, chain, retryAfterMs);
  const reason = reasonOf(chain);
  return retryAfterMs === undefined ? { kind, reason } : { kind, reason, retryAfterMs };
}

/** The fields that tell something, of any error of any library. */
export interface ErrorLike {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly data?: unknown;
  readonly responseBody?: unknown;
  readonly responseHeaders?: unknown;
  readonly lastError?: unknown;
  readonly cause?: unknown;
}

/** A limit that lifts after longer than this is no rate limit: a run should not sit and wait for it. */
const longestRateLimitMs = 3_600_000;

const quotaCode = /^(insufficient_quota|billing_.*|quota_exceeded)$/;
const rateLimitCode = /^(rate_limit_exceeded|rate_limit_error|ThrottlingException|RESOURCE_EXHAUSTED)$/;
const fatalCode = /^(invalid_api_key|model_not_found|CERT_.*|DEPTH_ZERO_SELF_SIGNED_CERT|configuration|missing-package|stopped)$/;
const fatalName =
  /^(AI_LoadAPIKeyError|AI_LoadSettingError|AI_NoSuchModelError|AI_NoSuchProviderError|AI_UnsupportedModelVersionError|GatewayAuthenticationError)$/;
const emptyAccount = /credit balance is too low/i;
const dailyLimit =
  /\b(daily|per[ _-]?day)\b[^.]*\b(limit|quota)|\b(limit|quota)\b[^.]*\b(daily|per[ _-]?day)\b|\(?\b[RT]PD\b\)?|PerDay/i;
const retriedStatus = new Set([408, 409, 425]);

function kindOf(error: unknown, chain: readonly ErrorLike[], retryAfterMs: number | undefined): CallFailureKind {
  // What opto threw on purpose means what it says, whatever caused it.
  const own = chain.find((link) => OptoError.isInstance(link));
  if (own?.code === "stopped") return "fatal";

  const status = firstOf(chain, statusOf);
  const codes = chain.flatMap(codesOf);
  const texts = chain.flatMap(textsOf);
  const limited = status === 429 || codes.some((code) => rateLimitCode.test(code));
  if (status === 402 || codes.some((code) => quotaCode.test(code))) return "quota";
  if (texts.some((text) => emptyAccount.test(text))) return "quota";
  if (limited && (texts.some((text) => dailyLimit.test(text)) || (retryAfterMs ?? 0) > longestRateLimitMs)) return "quota";

  if (!isInfrastructureError(error) && !limited) return "refused";
  if (codes.some((code) => fatalCode.test(code)) || chain.some(({ name }) => fatalName.test(String(name)))) return "fatal";
  if (limited) return "rate-limit";
  return status !== undefined && status >= 400 && status < 500 && !retriedStatus.has(status) ? "fatal" : "transient";
}

/** The error, what the AI SDK's retries ended with, and what it was caused by. */
export function chainOf(error: unknown): ErrorLike[] {
  const chain: ErrorLike[] = [];
  for (let link = error; typeof link === "object" && link !== null && !chain.includes(link); ) {
    chain.push(link);
    link = (link as ErrorLike).lastError ?? (link as ErrorLike).cause;
  }
  return chain;
}

function firstOf<T>(chain: readonly ErrorLike[], read: (link: ErrorLike) => T | undefined): T | undefined {
  for (const link of chain) {
    const value = read(link);
    if (value !== undefined) return value;
  }
  return undefined;
}

function statusOf({ statusCode, status }: ErrorLike): number | undefined {
  return [statusCode, status].find((value) => typeof value === "number" && value >= 100 && value < 600) as number | undefined;
}

/** Codes that the error carries itself, and those in the body as OpenAI, Anthropic and Google send it. */
function codesOf({ code, data }: ErrorLike): string[] {
  const inner = (data as { error?: { code?: unknown; type?: unknown; status?: unknown } | null } | null | undefined)?.error;
  return [code, inner?.code, inner?.type, inner?.status].filter((value) => typeof value === "string");
}

/** What was written, by whoever threw and by the provider. */
export function textsOf({ message, responseBody }: ErrorLike): string[] {
  return [message, responseBody].filter((value) => typeof value === "string");
}

function toldToWait({ responseHeaders, responseBody }: ErrorLike, now: number): number | undefined {
  const headers = typeof responseHeaders === "object" && responseHeaders !== null ? (responseHeaders as ReplyHeaders) : {};
  // Google says it in the body only.
  const [, seconds] = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(String(responseBody)) ?? [];
  return askedToWaitMs(headers, now) ?? (seconds === undefined ? undefined : Number(seconds) * 1000);
}

/** The last error of retries says more than the one around it. */
function reasonOf(chain: readonly ErrorLike[]): string {
  const link = chain.find((candidate) => statusOf(candidate) !== undefined) ?? chain[0];
  const status = link === undefined ? undefined : statusOf(link);
  const message = String(link?.message ?? "").trim() || String(link?.name ?? "no message");
  return status === undefined || status < 400 ? message : `status ${status}: ${message}`;
}
