/**
 * Errors that look like the real ones, to the AI SDK and to this library.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, generateText } from "ai";
import { describe, expect, it } from "vitest";
import { errorBody, startOpenAIServer } from "../../test/support/openai-server.ts";
import { isInfrastructureError } from "../errors.ts";
import { httpError, networkError } from "./provider-errors.ts";

describe("httpError", () => {
  it.each([
    [400, false, false],
    [401, false, true],
    [408, true, true],
    [409, true, true],
    [429, true, true],
    [500, true, true],
    [529, true, true],
  ])("with status %i is retried: %s, is infrastructure: %s", (status, isRetryable, isInfrastructure) => {
    const error = httpError(status);
    expect(APICallError.isInstance(error) && error.isRetryable).toBe(isRetryable);
    expect(isInfrastructureError(error)).toBe(isInfrastructure);
  });

  it("has what the error of a real call has", async () => {
    const headers = { "retry-after": "3" };
    await using server = await startOpenAIServer(() => ({ status: 429, body: errorBody("Slow down"), headers }));
    const model = createOpenAI({ baseURL: server.baseUrl, apiKey: "unused" }).chat("m");
    const real = await generateText({ model, prompt: "?", maxRetries: 0 }).catch((error: unknown) => error as Error);
    const played = httpError(429, "Slow down", headers);
    for (const field of ["name", "message", "statusCode", "isRetryable"] as const) {
      expect(played[field as keyof Error]).toBe((real as Error)[field as keyof Error]);
    }
    expect(real).toMatchObject({ responseHeaders: headers });
    expect(played).toMatchObject({ responseHeaders: headers });
    expect(Object.keys(real as object).filter((key) => !(key in played))).toEqual(["cause", "data"]);
  });
});

describe("networkError", () => {
  it("has what the error of a real call has", async () => {
    const server = await startOpenAIServer(() => "");
    await server.close();
    const model = createOpenAI({ baseURL: server.baseUrl, apiKey: "unused" }).chat("m");
    const real = await generateText({ model, prompt: "?", maxRetries: 0 }).catch((error: unknown) => error as Error);
    const shape = { name: "AI_APICallError", isRetryable: true, cause: { code: "ECONNREFUSED" } };
    for (const error of [real, networkError("ECONNREFUSED")]) {
      expect(error).toMatchObject(shape);
      expect((error as Error).message).toContain("Cannot connect to API: connect ECONNREFUSED");
      expect(APICallError.isInstance(error)).toBe(true);
      expect(isInfrastructureError(error)).toBe(true);
    }
  });
});
