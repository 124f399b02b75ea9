/**
 * A wrong set-up against a real server: found on the first calls, with the address and what to change, before money is spent.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { createOpenAI } from "@ai-sdk/openai";
import {
  ConfigurationError,
  evaluate,
  exactMatch,
  generate,
  MinibatchAlgorithm,
  type Module,
  model,
  OptoPrime,
  OptoPrimeMulti,
  parameter,
  range,
  train,
} from "opto";
import { callModel } from "opto/llm";
import { RecordingLogger, scriptedModel } from "opto/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ScriptedOptimizer, setting } from "./support/line-fitting.ts";
import { errorBody, type ServerReply, type ServerRequest, startOpenAIServer } from "./support/openai-server.ts";

afterEach(() => void vi.unstubAllEnvs());

/** An agent whose model the environment names, as it is named by most. */
function named(baseUrl: string, key = "sk-test"): Module<string, string> {
  vi.stubEnv("OPENAI_BASE_URL", baseUrl);
  vi.stubEnv("OPENAI_API_KEY", key);
  vi.stubEnv("OPTO_MODEL", "openai/m");
  return model({ p: parameter("Say it.") }, ({ p }, x: string) => generate({ system: p, prompt: x }));
}

/** The same with settings of its own. */
function withSettings(baseUrl: string, settings: object): Module<string, string> {
  const llm = createOpenAI({ baseURL: baseUrl, apiKey: "sk-test" }).chat("m");
  return model({ p: parameter("Say it.") }, ({ p }, x: string) => generate({ model: llm, system: p, prompt: x, ...settings }));
}

const xs = Array.from({ length: 60 }, (_, index) => `question ${index}`);
const infos = xs.map(() => "yes");
const dataset = xs.map((input) => ({ input, info: "yes" }));
const caught = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error("It ended well"),
    (error: Error) => error,
  );
const page: ServerReply = {
  status: 200,
  body: "<!DOCTYPE html><html><body>Log in</body></html>",
  headers: { "content-type": "text/html" },
};

describe("a server that will not have the calls", () => {
  it.each<[name: string, reply: ServerReply, message: RegExp]>([
    [
      "a wrong key",
      { status: 401, body: errorBody("Incorrect API key provided", "invalid_api_key") },
      /^The key for openai\/m is refused at http:\/\/127\.0\.0\.1:\d+\/v1 \(status 401: Incorrect API key provided\)\. Set OPENAI_API_KEY$/,
    ],
    [
      "a key that may not use the model",
      { status: 403, body: errorBody("You have no access") },
      /^Access to openai\/m is refused at http:\S+\/v1 \(status 403: You have no access\)\. Check what the key has access to \(OPENAI_API_KEY\)$/,
    ],
    [
      "an unknown model",
      { status: 404, body: errorBody("The model `m` does not exist", "model_not_found") },
      /^There is no model openai\/m at http:\S+\/v1 \(status 404: The model `m` does not exist\)\. Change OPTO_MODEL to a model that the provider has$/,
    ],
    [
      "an address without the protocol",
      { status: 404, body: "<html>Not found</html>" },
      /^http:\S+\/v1 does not accept model calls \(status 404: .*\)\. Start the server, or check OPENAI_BASE_URL, which usually ends in \/v1$/,
    ],
    ["a web page", page, /^http:\S+\/v1 answers with a web page instead of JSON \(Invalid JSON response\)\. .*OPENAI_BASE_URL/],
  ])("%s costs a handful of requests, and says what to change", async (_name, reply, message) => {
    await using server = await startOpenAIServer(() => reply);
    const error = await caught(evaluate(named(server.baseUrl), exactMatch(), xs, infos, { numThreads: 60 }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(message);
    expect(server.requests.length).toBeLessThanOrEqual(20);
  });

  it.each<[name: string, refusal: string, settings: object, message: RegExp]>([
    [
      "temperature",
      "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
      { temperature: 0.2 },
      /openai\/m does not support the setting `temperature` as sent at http:\S+\/v1 \(status 400: .*\)\. Remove or change `temperature` where the model is called/,
    ],
    [
      "max_tokens",
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      { maxOutputTokens: 5 },
      /the setting `maxOutputTokens`/,
    ],
    ["no system role", "System role not supported", {}, /the setting `system`.*Put the instructions into the prompt/],
    ["streaming only", "This model only support stream mode", {}, /the setting `streaming`.*not streamed/],
    ["an unknown parameter", "Unrecognized request argument supplied: mirostat", {}, /the setting `mirostat`/],
  ])("%s", async (_name, refusal, settings, message) => {
    await using server = await startOpenAIServer(() => ({ status: 400, body: errorBody(refusal) }));
    await using optimizerServer = await startOpenAIServer(() => "<unchanged/>");
    const agent = withSettings(server.baseUrl, settings);
    const llm = createOpenAI({ baseURL: optimizerServer.baseUrl, apiKey: "x" }).chat("o");
    const optimizer = new OptoPrime(agent, { model: llm });
    const run = train({ agent, trainDataset: dataset, guide: exactMatch(), optimizer, run: null, logger: [], numThreads: 60 });
    const error = await caught(run);
    expect(error).toMatchObject({ code: "configuration", message: expect.stringMatching(message) });
    expect(server.requests.length).toBeLessThanOrEqual(12);
    expect(optimizerServer.requests).toHaveLength(0);
  });

  it("with a key that cannot be sent gets no request, and the key is in no message", async () => {
    await using server = await startOpenAIServer(() => "yes");
    for (const key of ["sk-secret…key", "sk-secret\nkey"]) {
      const error = await caught(evaluate(named(server.baseUrl, key), exactMatch(), xs, infos));
      expect(error).toMatchObject({ code: "configuration" });
      expect(error.message).toMatch(
        /^The key for openai\/m cannot be sent at http:\S+: it contains .* Set OPENAI_API_KEY to the key alone/,
      );
      expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain("secret");
    }
    expect(server.requests).toHaveLength(0);
  });
});

describe("a server that is not there", () => {
  async function closedPort(): Promise<string> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return `http://127.0.0.1:${port}/v1`;
  }

  it("ends the run after a few attempts, and the message names the address and the variable", async () => {
    const baseUrl = await closedPort();
    const agent = named(baseUrl);
    const events = new RecordingLogger();
    const optimizer = setting(agent);
    const error = await caught(new MinibatchAlgorithm(agent, optimizer, { logger: events }).train(exactMatch(), dataset));
    expect(error).toMatchObject({ code: "configuration" });
    expect(error.message).toMatch(
      /^Nothing is listening at http:\/\/127\.0\.0\.1:\d+\/v1 \(.*ECONNREFUSED.*\)\. Start the server, or check OPENAI_BASE_URL/,
    );
    const attempts = events.events.flatMap((event) => (event.type === "model-retry" ? [event.attempt] : []));
    expect(Math.max(...attempts)).toBeLessThanOrEqual(2);
  });

  it.each([
    ["a port that fetch refuses", "http://127.0.0.1:1/v1", /^http:\/\/127\.0\.0\.1:1\/v1 cannot be reached/],
    ["a host that there is not", "http://opto.invalid/v1", /^The host of http:\/\/opto\.invalid\/v1 is not found/],
    ["no address", "foo/v1", /^foo\/v1 cannot be reached/],
  ])("%s", async (_name, baseUrl, message) => {
    const error = await caught(evaluate(named(baseUrl), exactMatch(), xs, infos));
    expect(error).toMatchObject({ code: "configuration", message: expect.stringMatching(message) });
  });

  it.each<[string, (baseURL: string) => Module<string, string>, RegExp]>([
    ["in the environment", (baseURL) => named(baseURL), /^OPENAI_BASE_URL contains a user name or a password/],
    [
      "of a provider",
      (baseURL) => withSettings(baseURL, {}),
      /^The address http:\/\/127\.0\.0\.1:9\/v1 contains a user name or a password, .* Remove it from the `baseURL` of its provider$/,
    ],
  ])("an address with a password, %s: the message, its cause and the events do not quote it", async (_name, agentAt, message) => {
    const agent = agentAt("http://user:s3cretPass99@127.0.0.1:9/v1");
    const events = new RecordingLogger();
    const error = await caught(new MinibatchAlgorithm(agent, setting(agent), { logger: events }).train(exactMatch(), dataset));
    expect(error).toMatchObject({ code: "configuration", message: expect.stringMatching(message) });
    expect(`${error.stack} ${inspect(error.cause)} ${JSON.stringify(events.events)}`).not.toContain("s3cret");
  });
});

describe("a model that has answered", () => {
  it("is believed longer: one refused key costs one example, several in a row end the run", async () => {
    const refused: ServerReply = { status: 401, body: errorBody("Incorrect API key provided", "invalid_api_key") };
    let expired = false;
    await using server = await startOpenAIServer(({ prompt }) => (expired || prompt === "question 7" ? refused : "yes"));
    const agent = named(server.baseUrl);
    let seen = 0;
    const guide = (_x: string, answer: string): boolean => {
      if (++seen === 70) expired = true;
      return answer === "yes";
    };
    const events = new RecordingLogger();
    const trainer = new MinibatchAlgorithm(agent, setting(agent), { numThreads: 2, logger: events });
    const error = await caught(trainer.train(guide, dataset, { batchSize: 20, rollouts: { overlapEvaluation: false } }));
    expect(error).toMatchObject({ code: "configuration", message: expect.stringMatching(/^The key for openai\/m is refused/) });
    const first = events.events.find((event) => event.type === "task-end");
    expect(first).toMatchObject({ scored: 59, unscored: 1, failed: 0 });
    expect(server.requests.length).toBeLessThan(90);
  });

  it("may refuse a setting that a candidate has chosen: that is the candidate's failure", async () => {
    const refusal = "Unsupported value: 'temperature' does not support 2 with this model.";
    await using server = await startOpenAIServer(({ body }) =>
      body?.temperature === 2 ? { status: 400, body: errorBody(refusal) } : "yes",
    );
    const llm = createOpenAI({ baseURL: server.baseUrl, apiKey: "x" }).chat("m");
    const agent = model({ t: parameter(1, { domain: range(0, 2) }) }, ({ t }, x: string) =>
      generate({ model: llm, prompt: x, temperature: t }),
    );
    const optimizer = new ScriptedOptimizer(agent, (position) => ({ t: position.startsWith("iteration/1/") ? 2 : 1 }));
    const trainer = new MinibatchAlgorithm(agent, optimizer);
    const result = await trainer.train(exactMatch(), dataset.slice(0, 4), {
      batchSize: 2,
      minScore: 0,
      rollouts: { overlapEvaluation: false },
    });
    expect(result.stopReason).toBe("completed");
    expect(result.trainScores).toEqual([1, 0]);
    expect(result.testScore).toBe(1);
  });
});

describe("rollouts that all fail alike", () => {
  async function trained(agent: Module<string, string>, options: object = {}): Promise<{ error: Error; asked: number }> {
    const llm = scriptedModel("<unchanged/>");
    const optimizer = new OptoPrime(agent, { model: llm });
    const parts = { agent, trainDataset: dataset.slice(0, 6), guide: exactMatch(), optimizer, run: null, logger: [] } as const;
    const error = await caught(train({ ...parts, batchSize: 6, ...options }));
    return { error, asked: llm.calls.length };
  }

  it("by an unexplained refusal of the provider end the run before the optimizer is paid", async () => {
    await using server = await startOpenAIServer(({ index }) => ({
      status: 400,
      body: errorBody(`Bad request (id req_${index})`),
    }));
    const { error, asked } = await trained(withSettings(server.baseUrl, {}));
    expect(error).toMatchObject({ code: "nothing-scored" });
    expect(error.message).toMatch(/every rollout failed in the same way: .*Bad request/);
    expect(asked).toBe(0);
  });

  it("by empty replies do not complete", async () => {
    await using server = await startOpenAIServer(() => " ");
    const { error } = await trained(withSettings(server.baseUrl, {}));
    expect(error).toMatchObject({ code: "nothing-scored" });
    expect(error.message).toMatch(/every rollout failed in the same way: .*Expected a reply from openai\/m, got an empty one/);
  });

  it.each<[string, () => Module<string, string>, RegExp]>([
    [
      "by a name that the program does not have",
      () =>
        model({ p: parameter("x") }, ({ p }, x: string) => {
          // @ts-expect-error as it happens
          return missing(p.value, x) as string;
        }),
      /every rollout failed in the same way: .*missing is not defined/,
    ],
    [
      "by an option that there is not",
      () => model({ p: parameter("x") }, ({ p }, x: string) => generate({ system: p, prompt: x, temprature: 1 } as object)),
      /every rollout failed in the same way: .*Unknown option `temprature`/,
    ],
  ])("%s end the run before the optimizer is paid", async (_name, agent, message) => {
    const { error, asked } = await trained(agent());
    expect(error).toMatchObject({ code: "nothing-scored", message: expect.stringMatching(message) });
    expect(asked).toBe(0);
  });

  it("by what an update may change go on, and the run that never scored anything does not complete", async () => {
    const stubborn = model({ p: parameter("x") }, ({ p }, _x: string): string => {
      throw new TypeError(`No category in ${p.value}`);
    });
    const { error, asked } = await trained(stubborn);
    expect(error).toMatchObject({ code: "nothing-scored" });
    expect(error.message).toBe(
      "Nothing could be scored in this run: every rollout failed in the same way: (TypeError) No category in x",
    );
    expect(asked).toBeGreaterThan(0);
  });

  it("by a start that is no more than a stub are learned from", async () => {
    const agent = model({ p: parameter("x") }, ({ p }, _x: string): string => {
      if (p.value === "x") throw new Error("not written yet");
      return p.value;
    });
    const llm = scriptedModel('<variable name="p">\nyes\n</variable>');
    const optimizer = new OptoPrime(agent, { model: llm });
    const parts = { agent, trainDataset: dataset.slice(0, 6), guide: exactMatch(), optimizer, run: null, logger: [] } as const;
    const { testScore } = await train({ ...parts, batchSize: 6 });
    expect(testScore).toBe(1);
  });
});

describe("the temperatures of a technique", () => {
  it("are left out where the model does not support them", async () => {
    const refusal =
      "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.";
    const isOther = ({ body }: ServerRequest): boolean => body?.temperature !== undefined && body.temperature !== 1;
    await using server = await startOpenAIServer((request) =>
      isOther(request) ? { status: 400, body: errorBody(refusal) } : '<variable name="q">\nBetter.\n</variable>',
    );
    const q = parameter("x", { name: "q" });
    const llm = createOpenAI({ baseURL: server.baseUrl, apiKey: "x" }).chat("m");
    const optimizer = new OptoPrimeMulti([q], { model: llm, numResponses: 6, selectionTechnique: "last" });
    optimizer.backward(q, { score: 0, feedback: "bad" });
    expect(await optimizer.propose()).toEqual({ q: "Better." });
  });

  it("but one that the user has set ends with what to change", async () => {
    const refusal = "Unsupported value: 'temperature' does not support 0.2 with this model.";
    await using server = await startOpenAIServer(() => ({ status: 400, body: errorBody(refusal) }));
    const q = parameter("x", { name: "q" });
    const llm = createOpenAI({ baseURL: server.baseUrl, apiKey: "x" }).chat("m");
    const optimizer = new OptoPrime([q], { model: llm, temperature: 0.2 });
    optimizer.backward(q, { score: 0, feedback: "bad" });
    await expect(optimizer.propose()).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining("Remove or change `temperature`"),
    });
  });
});

describe("a request that no waiting lets through", () => {
  it("is refused at once, and says so", async () => {
    const body = errorBody(
      "Request too large for m on tokens per min (TPM): Limit 30000, Requested 41222.",
      "rate_limit_exceeded",
    );
    await using server = await startOpenAIServer(() => ({ status: 429, body }));
    const llm = createOpenAI({ baseURL: server.baseUrl, apiKey: "x" }).chat("m");
    await expect(callModel({ model: llm, prompt: "long" })).rejects.toThrow("Request too large");
    expect(server.requests).toHaveLength(1);
  });
});
