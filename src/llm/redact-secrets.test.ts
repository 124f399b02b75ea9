/**
 * Keys taken out of texts and errors, and nothing else.
 *
 * @module
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { redactError, redactText } from "./redact-secrets.ts";

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
    ["planted-0a1b2c3d4e5f", "[key removed]"],
    ["Authorization: Basic dXNlcjpwYXNzd29yZDEyMw==", "Authorization: Basic [key removed]"],
    ["Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [key removed]"],
    ["sent Basic dXNlcjpwYXNzd29yZDEyMw==", "sent Basic [key removed]"],
    ['{"authorization":"Token abcdef0123456789"}', '{"authorization":"Token [key removed]"}'],
    ['{\\"authorization\\":\\"Token abcdef0123456789\\"}', '{\\"authorization\\":\\"Token [key removed]\\"}'],
    ["https://user:s3cretPass99@proxy.test/v1", "https://user:[key removed]@proxy.test/v1"],
    ["http://user:p@ss#1@127.0.0.1:9/v1", "http://user:[key removed]@127.0.0.1:9/v1"],
    ["postgres://app:pw@db:5432/x failed", "postgres://app:[key removed]@db:5432/x failed"],
    ["redis://:hunter2@cache:6379", "redis://:[key removed]@cache:6379"],
    ["https://0123456789abcdef01@sentry.test/7", "https://[key removed]@sentry.test/7"],
    ["Server=db;User Id=sa;Password=hunter2;", "Server=db;User Id=sa;Password=[key removed];"],
    ["AKIAIOSFODNN7EXAMPLE", "[key removed]"],
    ["ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[key removed]"],
    ["github_pat_11ABCDEFG0abcdefghijkl_mnopq", "[key removed]"],
    ["glpat-abcdefghij0123456789", "[key removed]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJlMDEy", "[key removed]"],
    ["https://x.test/v1?token=abcdef012345&alt=json", "https://x.test/v1?token=[key removed]&alt=json"],
    ["GET /v1?a=1&access_token=abc", "GET /v1?a=1&access_token=[key removed]"],
  ])("of %j is %j", (text, expected) => {
    vi.stubEnv("MISTRAL_API_KEY", "planted-0a1b2c3d4e5f");
    expect(redactText(text)).toBe(expected);
  });

  it.each([
    "This model's maximum context length is 8192 tokens, however you requested 9001 tokens.",
    "The model `gpt-5-mini` does not exist or you do not have access to it.",
    "Unexpected token: } in JSON at position 4",
    "You exceeded your current quota; api key billing is at https://platform.test/account",
    "risk-assessment-of-long-hyphenated-words",
    "Basic understanding of JavaScript is expected: basic authentication",
    "Expected an authorization: token missing. Authorization: Basic required",
    "Write to ops@example.com or see https://example.com:8080?mail=a@b.test and ssh://git@github.test/a",
    "http://127.0.0.1:4000/v1/users/@me: 404",
    "The token=next of 3 tokens; max_tokens=100, ghp_ and AKIA are prefixes",
    "a ratio of 3:4 @ noon",
  ])("leaves %j alone", (text) => {
    expect(redactText(text)).toBe(text);
  });

  it.each([
    "EMPTY",
    "none",
    "ollama",
    "test",
    "lm-studio",
    "sk-1234",
    "password",
    "changeme",
    "placeholder",
    "your-api-key-here",
  ])("leaves alone %s, which is no secret", (word) => {
    vi.stubEnv("OPENAI_API_KEY", word);
    const text = `a ${word} of ${word}s`;
    expect(redactText(text)).toBe(text);
  });

  it.each(["sk-no-key-required", "anything-works-here", "anonymous", "not-needed", "local-key-2024"])(
    "leaves alone %s, whatever variable holds it",
    (word) => {
      for (const name of ["AZURE_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, word);
      expect(redactText(`the ${word} field`)).toBe(`the ${word} field`);
    },
  );

  it.each([
    "0f3a9c1b2d4e5f60718293a4b5c6d7e8",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".replace("EXAMPLE", "1a2b"),
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "mistral0key1with2digits",
  ])("removes the key %s of the environment wherever it stands", (key) => {
    vi.stubEnv("AZURE_API_KEY", key);
    expect(redactText(`x${key}y "${key}"`)).toBe('x[key removed]y "[key removed]"');
  });
});

it.each([
  "://a:",
  "://",
  "authorization: basic ",
  "basic a",
  "eyJaaaaaaaaaaaa.",
  "?token=",
  "password=",
  "://aaaaaaaaaaaaaaaa0",
  "a:",
])("redactText ends soon for %s repeated", (piece) => {
  const before = process.cpuUsage();
  redactText(piece.repeat(20_000));
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(5_000);
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
