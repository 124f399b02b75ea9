/**
 * Keys taken out of texts and errors, and nothing else.
 *
 * @module
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { redactError, redactJson, redactText } from "./redact-secrets.ts";

afterEach(() => void vi.unstubAllEnvs());

describe("redactText", () => {
  it.each<[string, string]>([
    ["Incorrect API key provided: sk-proj-a1B2c3D4e5F6g7H8. Get one", "Incorrect API key provided: [key removed]. Get one"],
    ["Incorrect API key provided: hunter2-hunter2", "Incorrect API key provided: [key removed]"],
    ["token sk-ant-api03-AbCdEfGhIjKlMnOp refused", "token [key removed] refused"],
    ["AIzaSyA1234567890123456789012345678901", "[key removed]"],
    ["authorization: Bearer abc.def-123456", "authorization: Bearer [key removed]"],
    ['{"api_key":"abcdefgh123","a":1}', '{"api_key":"[key removed]","a":1}'],
    ["https://x.test/v1?key=abc&alt=json", "https://x.test/v1?key=[key removed]&alt=json"],
    ["planted-in-environment", "[key removed]"],
  ])("of %j is %j", (text, expected) => {
    vi.stubEnv("MISTRAL_API_KEY", "planted-in-environment");
    expect(redactText(text)).toBe(expected);
  });

  it.each([
    "This model's maximum context length is 8192 tokens, however you requested 9001 tokens.",
    "The model `gpt-5-mini` does not exist or you do not have access to it.",
    "Unexpected token: } in JSON at position 4",
    "You exceeded your current quota; api key billing is at https://platform.test/account",
    "risk-assessment-of-long-hyphenated-words",
  ])("leaves %j alone", (text) => {
    expect(redactText(text)).toBe(text);
  });

  it("leaves alone what is too short for a key", () => {
    vi.stubEnv("OPENAI_API_KEY", "test");
    expect(redactText("a test of tests")).toBe("a test of tests");
  });
});

describe("redactError", () => {
  it("keeps the object and cleans all that can be reached from it", () => {
    const secret = "sk-a1B2c3D4e5F6g7H8i9";
    const data = Object.freeze({ error: { message: `no ${secret}` }, list: [secret, 1], fine: { a: 1 } });
    const cause = new TypeError(`deep ${secret}`);
    const error = Object.assign(new RangeError(`top ${secret}`, { cause }), {
      data,
      responseHeaders: { "set-cookie": "session=abc", "x-id": "7" },
      errors: [new Error(`one ${secret}`)],
      statusCode: 401,
    });
    cause.cause = error;
    expect(redactError(error)).toBe(error);
    expect(error).toMatchObject({
      message: "top [key removed]",
      statusCode: 401,
      data: { error: { message: "no [key removed]" }, list: ["[key removed]", 1] },
      responseHeaders: { "set-cookie": "[key removed]", "x-id": "7" },
    });
    expect([cause.message, error.errors[0]?.message]).toEqual(["deep [key removed]", "one [key removed]"]);
    expect(error.stack).not.toContain(secret);
    expect(error.data.fine).toBe(data.fine);
    expect(data.error.message).toContain(secret);
  });

  it("gives back what is no error", () => {
    expect(redactError("sk-a1B2c3D4e5F6g7H8i9")).toBe("sk-a1B2c3D4e5F6g7H8i9");
  });
});

describe("redactJson", () => {
  it("takes keys out of plain data, and gives back the very data where there is none", () => {
    vi.stubEnv("OPENAI_API_KEY", "planted-in-environment");
    expect(redactJson({ a: ["x planted-in-environment"], b: 1 })).toEqual({ a: ["x [key removed]"], b: 1 });
    const clean = { a: ["x"] };
    expect(redactJson(clean)).toBe(clean);
    expect(redactJson(undefined as never)).toBeUndefined();
  });
});
