import { describe, expect, it } from "vitest";
import { isInfrastructureError } from "../errors.ts";
import { callFailure } from "../llm/pace/call-failure.ts";

function providerError(status: number, message: string, error: object = {}): Error {
  const body = { error: { message, ...error } };
  return Object.assign(new Error(message), {
    name: "AI_APICallError",
    statusCode: status,
    data: body,
    responseBody: JSON.stringify(body),
  });
}

describe("a refusal of the content of a request", () => {
  it.each([
    ["OpenRouter's moderation", providerError(403, 'openai/gpt-5 requires moderation. Your input was flagged for "violence".')],
    ["a filter by its code", providerError(403, "Forbidden", { code: "content_filter" })],
    ["Alibaba", providerError(403, "Input data may contain inappropriate content.", { code: "DataInspectionFailed" })],
    [
      "a usage policy",
      providerError(403, "This prompt violates our usage policies. Repeated violations may cost you your account"),
    ],
    ["a safety system", providerError(403, "Request was rejected by the safety system")],
    ["a guardrail", providerError(403, "Blocked by guardrail pii-strict")],
    ["for legal reasons", providerError(451, "Unavailable For Legal Reasons")],
    ["a router without a model for images", providerError(404, "No endpoints found that support image input")],
    ["a router without a model for files", providerError(404, "No allowed providers support this file input")],
    ["a client that is not the AI SDK's", Object.assign(new Error("Content policy violation"), { response: { status: 403 } })],
    ["wrapped", new Error("judge", { cause: providerError(403, "The prompt was flagged") })],
  ])("%s: is a refused request", (_name, error) => {
    expect(isInfrastructureError(error)).toBe(false);
    expect(callFailure(error, 0).kind).toBe("refused");
  });

  it.each([
    ["a key without permission", providerError(403, "Your API key does not have permission to use the specified resource.")],
    [
      "a country",
      providerError(403, "Country, region, or territory not supported", { code: "unsupported_country_region_territory" }),
    ],
    ["a country by law", providerError(451, "This service is not available in your region")],
    ["an account that was flagged", providerError(403, "Your account has been flagged for violating our content policy")],
    ["a plain 403", providerError(403, "Forbidden")],
    ["an unknown model", providerError(404, "No endpoints found for acme/none.")],
    ["a data policy", providerError(404, "No endpoints found matching your data policy.")],
    [
      "a firewall's page",
      Object.assign(providerError(403, "Forbidden"), {
        responseBody: "<html>Sorry, you have been blocked: content filter</html>",
      }),
    ],
  ])("%s: is none", (_name, error) => {
    expect(isInfrastructureError(error)).toBe(true);
    expect(callFailure(error, 0).kind).toBe("fatal");
  });
});
