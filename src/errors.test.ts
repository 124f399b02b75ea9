/**
 * Who is at fault: real answers of a real server through the real AI SDK, and the errors of other libraries.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { describe, expect, it } from "vitest";
import { errorBody, type ServerReply, startOpenAIServer } from "../test/support/openai-server.ts";
import {
  ConfigurationError,
  GuideError,
  InfrastructureError,
  InvalidArgumentError,
  isInfrastructureError,
  MissingPackageError,
  OptoError,
  OutputParseError,
} from "./errors.ts";
import { ExecutionError } from "./graph/execution-error.ts";
import { node } from "./graph/node.ts";
import { callModel } from "./llm/call-model.ts";

async function failure(baseURL: string, signal?: AbortSignal, maxRetries = 0): Promise<unknown> {
  const model = createOpenAI({ baseURL, apiKey: "unused" }).chat("test-model");
  return callModel({ model, prompt: "Hello", maxRetries, signal }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("a provider over a socket", () => {
  it.each<{ name: string; reply: ServerReply; infrastructure: boolean }>([
    { name: "a rate limit", reply: { status: 429, body: errorBody("Slow down", "rate_limit_exceeded") }, infrastructure: true },
    { name: "a spent quota", reply: { status: 429, body: errorBody("Pay", "insufficient_quota") }, infrastructure: true },
    { name: "a server error", reply: { status: 500, body: errorBody("Oops") }, infrastructure: true },
    { name: "an error page", reply: { status: 503, body: "<html>Down</html>" }, infrastructure: true },
    { name: "an overload", reply: { status: 529, body: errorBody("Overloaded") }, infrastructure: true },
    { name: "a wrong key", reply: { status: 401, body: errorBody("Who?", "invalid_api_key") }, infrastructure: true },
    { name: "a forbidden region", reply: { status: 403, body: errorBody("Not here") }, infrastructure: true },
    {
      name: "an unknown model",
      reply: { status: 404, body: errorBody("No such model", "model_not_found") },
      infrastructure: true,
    },
    { name: "an unknown model with 400", reply: { status: 400, body: errorBody("?", "model_not_found") }, infrastructure: true },
    { name: "a wrong key with 400", reply: { status: 400, body: errorBody("API key not valid.") }, infrastructure: true },
    { name: "an expired key with 400", reply: { status: 400, body: errorBody("API key expired. Renew.") }, infrastructure: true },
    {
      name: "no money with 400",
      reply: { status: 400, body: errorBody("Your credit balance is too low") },
      infrastructure: true,
    },
    { name: "no JSON", reply: { status: 200, body: "{oops" }, infrastructure: true },
    { name: "an empty body", reply: { status: 200, body: "" }, infrastructure: true },
    { name: "JSON of another kind", reply: { status: 200, body: { hello: 1 } }, infrastructure: true },
    {
      name: "a completion without choices",
      reply: { status: 200, body: { id: "1", created: 1, model: "m", choices: [] } },
      infrastructure: true,
    },
    { name: "a dropped connection", reply: { reset: true }, infrastructure: true },
    { name: "a connection dropped in the body", reply: { reset: "mid-body" }, infrastructure: true },
    {
      name: "a request too long",
      reply: { status: 400, body: errorBody("Long", "context_length_exceeded") },
      infrastructure: false,
    },
    { name: "a body too large", reply: { status: 413, body: errorBody("Large") }, infrastructure: false },
    { name: "a request that makes no sense", reply: { status: 422, body: errorBody("Bad temperature") }, infrastructure: false },
    { name: "a filtered prompt", reply: { status: 400, body: errorBody("Filtered", "content_filter") }, infrastructure: false },
  ])("$name is infrastructure: $infrastructure", async ({ reply, infrastructure }) => {
    await using server = await startOpenAIServer(() => reply);
    expect(isInfrastructureError(await failure(server.baseUrl))).toBe(infrastructure);
  });

  it("counts the last of several attempts", async () => {
    const first: ServerReply = { status: 429, body: errorBody("Slow down"), headers: { "retry-after-ms": "1" } };
    await using limited = await startOpenAIServer(() => first);
    await using invalid = await startOpenAIServer(({ index }) => (index === 0 ? first : { status: 400, body: errorBody("Bad") }));
    expect(isInfrastructureError(await failure(limited.baseUrl))).toBe(true);
    expect(isInfrastructureError(await failure(invalid.baseUrl, undefined, 1))).toBe(false);
    expect([limited.requests.length, invalid.requests.length]).toEqual([1, 2]);
  });

  it("that is not there is infrastructure", async () => {
    const server = await startOpenAIServer(() => "");
    await server.close();
    expect(isInfrastructureError(await failure(server.baseUrl))).toBe(true);
    expect(isInfrastructureError(await failure("http://no-such-host.invalid/v1"))).toBe(true);
  });

  it("that hangs until a timeout or an abort is infrastructure", async () => {
    await using server = await startOpenAIServer(() => ({ hang: true }));
    expect(isInfrastructureError(await failure(server.baseUrl, AbortSignal.timeout(30)))).toBe(true);
    expect(isInfrastructureError(await failure(server.baseUrl, AbortSignal.abort()))).toBe(true);
  });
});

describe("isInfrastructureError", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
  const circle = new Error("round");
  circle.cause = circle;

  it.each<{ name: string; error: unknown; expected: boolean }>([
    { name: "nothing", error: undefined, expected: false },
    { name: "a text", error: "ECONNREFUSED", expected: false },
    { name: "a bug", error: new TypeError("x is not a function"), expected: false },
    { name: "a circle of causes", error: circle, expected: false },
    { name: "a failed fetch", error: new TypeError("fetch failed", { cause: refused }), expected: true },
    {
      name: "a failed fetch wrapped twice",
      error: new Error("a", { cause: new Error("b", { cause: refused }) }),
      expected: true,
    },
    { name: "a rate limit of another client", error: Object.assign(new Error(""), { status: 429 }), expected: true },
    { name: "a server error in a response", error: Object.assign(new Error(""), { response: { status: 502 } }), expected: true },
    { name: "a page that a tool did not find", error: Object.assign(new Error("Not found"), { status: 404 }), expected: false },
    {
      name: "a model that another client did not find",
      error: Object.assign(new Error("Not found"), { status: 404, code: "model_not_found" }),
      expected: true,
    },
    { name: "a status that is no HTTP status", error: Object.assign(new Error(""), { status: 7 }), expected: false },
    { name: "a missing setting", error: new ConfigurationError("OPTO_MODEL"), expected: true },
    { name: "a missing package", error: new MissingPackageError("ai", "This"), expected: true },
    {
      name: "a judge that is no use",
      error: new InfrastructureError("?", { cause: new OutputParseError("?", "") }),
      expected: true,
    },
    { name: "an unusable reply", error: new OutputParseError("?", "text"), expected: false },
    { name: "a bad argument", error: new InvalidArgumentError("?"), expected: false },
    { name: "a bug in a guide", error: new GuideError("?", { cause: new TypeError("?") }), expected: false },
    { name: "a guide that met a rate limit", error: new GuideError("?", { cause: { status: 429 } }), expected: true },
    { name: "a program's failure", error: new ExecutionError(node("?"), new Error("?")), expected: false },
    { name: "a program cut off from the network", error: new ExecutionError(node("?"), refused), expected: true },
  ])("of $name is $expected", ({ error, expected }) => {
    expect(isInfrastructureError(error)).toBe(expected);
  });
});

describe("OptoError", () => {
  it("is known by its mark, also from another copy of the package", () => {
    const foreign = Object.assign(new Error("x"), { [Symbol.for("opto.error")]: true });
    expect([new GuideError("x"), foreign, new Error("x"), null].map((value) => OptoError.isInstance(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("is plain JSON with name, code and message", () => {
    expect(JSON.parse(JSON.stringify(new MissingPackageError("ai", "Calling a model")))).toEqual({
      name: "MissingPackageError",
      code: "missing-package",
      message: 'Calling a model needs the package "ai", which is not installed. Run: npm install ai',
    });
  });
});
