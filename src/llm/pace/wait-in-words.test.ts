/**
 * Times to wait, as providers write them in sentences.
 *
 * @module
 */
import { expect, it } from "vitest";
import { httpError } from "../../testing/provider-errors.ts";
import { callFailure, waitInWords } from "./call-failure.ts";

it.each<[string, number | undefined]>([
  ["Please try again in 2 minutes.", 120_000],
  ["Please try again in 1m30s. Visit the console to learn more.", 90_000],
  ["Please try again in 1m2.5s", 62_500],
  ["Please try again in 20s", 20_000],
  ["Please try again in 6ms.", 6],
  ["Please retry after 20 seconds", 20_000],
  ["Please retry in 34.07483s.", 34_074.83],
  ["Rate limited: wait 45 sec and retry", 45_000],
  ["You can try again in 1 hour and 5 minutes", 3_900_000],
  ["Try again in 1 hour, 5 min", 3_900_000],
  ["Please try again in a minute.", 60_000],
  ["Please try again in one hour.", 3_600_000],
  ["Quota resets in 3 hours", 10_800_000],
  ["Please retry after a 30-second pause", 30_000],
  ["Capacity will be available in 2min", 120_000],
  ["Retry in two minutes", 120_000],
  ["Please retry after 20", 20_000],
  ["Retry-After: 20.", 20_000],
  ['{"retry_after":"7"}', 7000],
  ["Retry-After: 30s", 30_000],
  ["In 7m12.345s try again", 432_345],
  ["After 90 seconds, please try again", 90_000],
  ["Quota resets in 00:05:10", 310_000],
  ["Quota resets at 00:05:10", undefined],
  ["Retry after 20 requests", undefined],
  ["Retry after 2026-01-01", undefined],
  ["Please wait a few seconds", undefined],
  ["Two of ten retries failed", undefined],
  ["Try again later", undefined],
  ["Rate limit of 10 per 60s exceeded", undefined],
  ["The limit is 30000 tokens per minute", undefined],
  ["", undefined],
])("%j asks to wait %s ms", (text, expected) => {
  const found = waitInWords(text);
  if (expected === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(expected, 6);
});

it("is believed after the headers, and of a refusal as of a server error", () => {
  const words = "Rate limit reached. Please try again in 2 minutes.";
  expect(callFailure(httpError(429, words), 0)).toMatchObject({ kind: "rate-limit", retryAfterMs: 120_000 });
  expect(callFailure(httpError(503, words), 0)).toMatchObject({ kind: "transient", retryAfterMs: 120_000 });
  expect(callFailure(httpError(429, words, { "retry-after": "3" }), 0)).toMatchObject({ retryAfterMs: 3000 });
  expect(callFailure(httpError(429, "Please try again in 2 hours."), 0)).toMatchObject({ kind: "quota" });
});
