/**
 * What a failed attempt means, for the errors that the AI SDK, `fetch` and opto really throw.
 *
 * @module
 */
import { APICallError, EmptyResponseBodyError, LoadAPIKeyError } from "@ai-sdk/provider";
import { RetryError } from "ai";
import { describe, expect, it } from "vitest";
import { ConfigurationError, InfrastructureError, MissingPackageError, OutputParseError, StopError } from "../../errors.ts";
import { callFailure, type SetUpProblem } from "./call-failure.ts";

const now = Date.UTC(2026, 0, 1);

interface Answer {
  readonly message?: string;
  readonly headers?: Record<string, string>;
  readonly data?: unknown;
  readonly body?: string;
  readonly cause?: unknown;
}

function answered(statusCode: number | undefined, { message = "No", headers, data, body, cause }: Answer = {}): APICallError {
  const fields = { message, url: "https://api.test/v1", requestBodyValues: {}, data, cause };
  return new APICallError({
    ...fields,
    ...(statusCode !== undefined && { statusCode }),
    ...(headers !== undefined && { responseHeaders: headers }),
    ...(body !== undefined && { responseBody: body }),
  });
}

function withCode(code: string, error: Error = new Error(`read ${code}`)): Error {
  return Object.assign(error, { code });
}

const openai = (code: string | null, type: string, message = "No"): Answer => ({
  message,
  data: { error: { message, type, code } },
});
const anthropic = (type: string, message: string): Answer => ({ message, data: { type: "error", error: { type, message } } });
const limited = answered(429, { headers: { "retry-after": "2" } });

describe("callFailure", () => {
  it.each<[string, unknown, string]>([
    ["429", answered(429), "rate-limit"],
    ["429 of OpenAI", answered(429, openai("rate_limit_exceeded", "requests")), "rate-limit"],
    ["429 of Anthropic", answered(429, anthropic("rate_limit_error", "This request would exceed your rate limit")), "rate-limit"],
    [
      "a limit of Groq with an advertisement",
      answered(429, {
        message:
          "Rate limit reached for model x on tokens per minute (TPM): Limit 6000, Used 5000, Requested 2000. Please try again in 10.2s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com",
      }),
      "rate-limit",
    ],
    [
      "a limit of Anthropic",
      answered(429, { message: "Number of request tokens has exceeded your per-minute rate limit" }),
      "rate-limit",
    ],
    ["gRPC, RESOURCE_EXHAUSTED", Object.assign(new Error("8 RESOURCE_EXHAUSTED: x"), { code: 8, details: "x" }), "rate-limit"],
    [
      "AWS, throttled",
      Object.assign(new Error("x"), { name: "ThrottlingException", $metadata: { httpStatusCode: 400 } }),
      "rate-limit",
    ],
    ["a limit told by status 400", answered(400, openai("rate_limit_exceeded", "tokens")), "rate-limit"],
    [
      "the end of the AI SDK's retries",
      new RetryError({ message: "Failed after 3", reason: "maxRetriesExceeded", errors: [limited] }),
      "rate-limit",
    ],
    ...[
      "Rate limit of 10 per 60s exceeded",
      "You have reached the hourly limit. Try again in 45 minutes.",
      "Limit: 0.5 requests per second",
      "Limit reached; it resets at 2026-01-01T00:00:30Z",
    ].map((message): [string, unknown, string] => [message, answered(429, { message }), "rate-limit"]),
    ["429 of Hugging Face", Object.assign(new Error("No"), { httpResponse: { status: 429, body: "Too many" } }), "rate-limit"],
    ["429 inside another error", new InfrastructureError("No answer", { cause: answered(429) }), "rate-limit"],

    ["500", answered(500), "transient"],
    ["503", answered(503), "transient"],
    [
      "529 of Anthropic within a stream",
      Object.assign(new Error("Overloaded"), { error: { type: "error", error: { type: "overloaded_error" } } }),
      "transient",
    ],
    ["529 of Anthropic", answered(529, anthropic("overloaded_error", "Overloaded")), "transient"],
    ["408", answered(408), "transient"],
    ["409", answered(409), "transient"],
    [
      "a body that is no JSON",
      answered(200, { message: "Invalid JSON response", cause: new SyntaxError("Unexpected end") }),
      "transient",
    ],
    [
      "a body cut off",
      answered(200, {
        message: "Failed to process successful response",
        cause: new TypeError("terminated", { cause: withCode("ECONNRESET") }),
      }),
      "transient",
    ],
    ["an empty body", new EmptyResponseBodyError(), "transient"],
    [
      "a reset connection",
      answered(undefined, { message: "Cannot connect to API: read ECONNRESET", cause: withCode("ECONNRESET") }),
      "transient",
    ],
    ["fetch that failed", new TypeError("fetch failed", { cause: withCode("ECONNRESET") }), "transient"],
    ["no such host", new TypeError("fetch failed", { cause: withCode("ENOTFOUND") }), "transient"],
    ["a timeout", new DOMException("The operation was aborted due to timeout", "TimeoutError"), "transient"],
    ["an abort by the provider", new DOMException("This operation was aborted", "AbortError"), "transient"],
    ["a broken reply", new InfrastructureError("The reply was broken off"), "transient"],

    ["402", answered(402), "quota"],
    ["an exhausted quota", answered(429, openai("insufficient_quota", "insufficient_quota")), "quota"],
    ["a billing limit", answered(400, openai("billing_hard_limit_reached", "invalid_request_error")), "quota"],
    [
      "an empty account",
      answered(400, anthropic("invalid_request_error", "Your credit balance is too low to access the API")),
      "quota",
    ],
    [
      "a daily limit of requests",
      answered(429, { message: "Rate limit reached for x on requests per day (RPD): Limit 200, Used 200" }),
      "quota",
    ],
    [
      "a daily limit of Google",
      answered(429, { body: '{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}' }),
      "quota",
    ],
    ...[
      "You have reached your daily limit of 100 requests",
      "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
      "Rate limit reached for x on tokens per day (TPD): Limit 500000, Used 499000, Requested 4000. Please try again in 8m35s.",
      "You have used up your daily free allocation of 10,000 neurons",
      "429: 50 requests/day exceeded",
      "Too many requests in 24 hours",
      "You have no requests left for today",
      "You have exceeded your monthly quota",
      "Rate limit hit, come back tomorrow.",
      "Your requests quota resets at midnight UTC",
      "Usage limit reached. Your limit will reset at 2026-11-28 00:00 UTC.",
      "Usage limit reached; it resets on Nov 28",
      "Rate limit of 50 per 86400s exceeded for UserByModelByDay. Please wait 1200 seconds before retrying.",
      "Quota exceeded for metric: generate_content_free_tier_requests, limit: 0, model: x. Please retry in 22.3s",
      "5-hour limit reached ∙ resets 3am",
      "您的账户已达到今日调用上限",
    ].map((message): [string, unknown, string] => [message, answered(429, { message }), "quota"]),
    ["a daily limit of Google's older APIs", answered(403, { data: { error: { code: "dailyLimitExceeded" } } }), "quota"],
    ["a limit that lifts in hours", answered(429, { headers: { "retry-after": "7200" } }), "quota"],

    ["401", answered(401), "fatal"],
    ["403", answered(403), "fatal"],
    ["404", answered(404), "fatal"],
    ["a wrong key told by 400", answered(400, openai("invalid_api_key", "invalid_request_error")), "fatal"],
    ["no key", new LoadAPIKeyError({ message: "OpenAI API key is missing" }), "fatal"],
    ["a wrong certificate", new TypeError("fetch failed", { cause: withCode("DEPTH_ZERO_SELF_SIGNED_CERT") }), "fatal"],
    ["no set-up", new ConfigurationError("No model is named"), "fatal"],
    ["no package", new MissingPackageError("ai", "Calling"), "fatal"],
    ["a spent budget", new StopError("budget", "The budget of 100 calls is spent"), "fatal"],

    ["400", answered(400, { message: "maximum context length is 8192 tokens" }), "refused"],
    ["413", answered(413), "refused"],
    ...[
      "Request too large for gpt-x in organization org-1 on tokens per min (TPM): Limit 30000, Requested 41222. The input or output tokens must be reduced in order to run successfully.",
      "Rate limit reached on tokens per min (TPM): Limit 30,000, Used 0, Requested 41,222. Please try again in 22s.",
      "Request body too large for gpt-4.1 model. Max size: 8000 tokens.",
      "Rate limit reached on tokens per day (TPD): Limit 100000, Requested 120000",
    ].map((message): [string, unknown, string] => [`429: ${message}`, answered(429, { message }), "refused"]),
    [
      "413 of Groq with the code of a rate limit",
      answered(413, openai("rate_limit_exceeded", "tokens", "Request too large for model x: Limit 6000, Requested 9000")),
      "refused",
    ],
    ["429 of GitHub Models", answered(429, openai("tokens_limit_reached", "tokens_limit_reached", "Too much")), "refused"],
    ["422", answered(422), "refused"],
    ["an answer that cannot be used", new OutputParseError("Expected JSON", "x"), "refused"],
    ["a bug", new TypeError("x is not a function"), "refused"],
    ["a string", "no", "refused"],
    ["nothing", undefined, "refused"],
  ])("%s", (_, error, kind) => {
    expect(callFailure(error, now).kind).toBe(kind);
  });

  it.each<[string, unknown, SetUpProblem | undefined]>([
    ["401", answered(401), "key"],
    ["a wrong key told by 400", answered(400, openai("invalid_api_key", "invalid_request_error")), "key"],
    ["no key", new LoadAPIKeyError({ message: "OpenAI API key is missing" }), "key"],
    ["a key with a line break", new TypeError('Headers.append: "Bearer a\nb" is an invalid header value.'), "key"],
    ["a key with another letter", new TypeError("Cannot convert argument to a ByteString because the character at …"), "key"],
    ["403", answered(403), "access"],
    ["an unknown model", answered(404, openai("model_not_found", "x")), "model"],
    ["an unknown model of a local server", answered(404, { message: 'model "m" not found, try pulling it first' }), "model"],
    ["an unknown address", answered(404), "address"],
    ["an address that takes no such request", answered(405), "address"],
    ["no address at all", new TypeError("Failed to parse URL from foo/chat"), "address"],
    [
      "an address with a password",
      new TypeError("Request cannot be constructed from a URL that includes credentials: x"),
      "address",
    ],
    ["a wrong certificate", new TypeError("fetch failed", { cause: withCode("SELF_SIGNED_CERT_IN_CHAIN") }), "address"],
    ["a closed port", answered(undefined, { cause: withCode("ECONNREFUSED") }), "address"],
    ["a blocked port", answered(undefined, { message: "Cannot connect to API: bad port" }), "address"],
    ["a web page", answered(200, { message: "Invalid JSON response", body: "<!DOCTYPE html><html></html>" }), "address"],
    ["a web page of a proxy that has trouble", answered(502, { body: "<html></html>" }), undefined],
    ["a reset connection", answered(undefined, { cause: withCode("ECONNRESET") }), undefined],
    ["a broken reply", answered(200, { message: "Invalid JSON response", body: "{" }), undefined],
  ])("%s, points at what of the set-up", (_, error, problem) => {
    expect(callFailure(error, now).problem).toBe(problem);
  });

  it.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ "retry-after-ms": "1500", "retry-after": "9" }, 1500],
    [{ "Retry-After": "2" }, 2000],
    [{ "retry-after": "0.25" }, 250],
    [{ "retry-after": "Thu, 01 Jan 2026 00:00:07 GMT" }, 7000],
    [{ "retry-after": "Wed, 31 Dec 2025 23:00:00 GMT" }, 0],
    // A machine whose clock is hours off: the provider's own clock says how long.
    [{ "retry-after": "Thu, 01 Jan 2026 09:00:20 GMT", date: "Thu, 01 Jan 2026 09:00:00 GMT" }, 20_000],
    [
      {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2025-12-31T11:00:03Z",
        date: "Wed, 31 Dec 2025 11:00:00 GMT",
      },
      3000,
    ],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "-1" }, undefined],
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "120ms" }, 120],
    [{ "x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "120ms" }, undefined],
    [
      {
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "6m0s",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1s",
      },
      360_000,
    ],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m2.5s" }, 62_500],
    [{ "anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:30Z" }, 30_000],
    [
      { "anthropic-ratelimit-input-tokens-remaining": "0", "anthropic-ratelimit-input-tokens-reset": "2026-01-01T00:01:00Z" },
      60_000,
    ],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now + 4000) }, 4000],
    [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now / 1000 + 5) }, 5000],
    [{ "ratelimit-remaining": "0", "ratelimit-reset": "8" }, 8000],
    [{ "x-ratelimit-remaining-requests": "0" }, undefined],
  ])("%j asks to wait %s ms", (headers, expected) => {
    expect(callFailure(answered(429, { headers }), now).retryAfterMs).toBe(expected);
  });

  it.each([
    ["Your limit will reset at 2026-01-01 00:00:30 UTC.", 30_000],
    ["It resets at 2026-01-01T01:00:00+00:30", 1_800_000],
    ["It resets at 2025-12-31", 0],
    ["The policy was reset: 2026-13-77", undefined],
  ])("%s: that is in %s ms", (message, expected) => {
    expect(callFailure(answered(429, { message }), now).retryAfterMs).toBe(expected);
  });

  it("finds how long to wait in the body of Google and inside the AI SDK's retries", () => {
    const google = answered(429, { body: '{"error":{"details":[{"@type":"RetryInfo","retryDelay":"34.5s"}]}}' });
    expect(callFailure(google, now).retryAfterMs).toBe(34_500);
    const retried = new RetryError({ message: "Failed after 3 attempts", reason: "maxRetriesExceeded", errors: [limited] });
    expect(callFailure(retried, now)).toEqual({ kind: "rate-limit", retryAfterMs: 2000, reason: "status 429: No" });
  });

  it.each<[unknown, string]>([
    [answered(503, { message: "Overloaded" }), "status 503: Overloaded"],
    [answered(200, { message: "Invalid JSON response" }), "Invalid JSON response"],
    [answered(200, { message: "Invalid JSON response", cause: new Error("no list") }), "Invalid JSON response: no list"],
    [
      answered(200, { message: "Invalid JSON response", body: "<html><body></body></html>", cause: new Error("no list") }),
      "Invalid JSON response",
    ],
    [
      answered(200, {
        message: "Failed to process successful response",
        cause: new TypeError("terminated", { cause: new Error("other side closed") }),
      }),
      "Failed to process successful response: other side closed",
    ],
    [new TypeError("fetch failed", { cause: withCode("ECONNRESET") }), "fetch failed"],
    [new Error(""), "Error"],
  ])("gives a reason, %#", (error, reason) => {
    expect(callFailure(error, now).reason).toBe(reason);
  });

  it("does not run in circles", () => {
    const error: Error & { cause?: unknown } = new Error("Mine");
    error.cause = error;
    expect(callFailure(error, now).kind).toBe("refused");
  });
});
