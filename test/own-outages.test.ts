/**
 * Outages of the user's own clients, in the agent, its tools and the guide: the example stays unscored; `isInfrastructure` adds to what is known.
 *
 * @module
 */
import { evaluate, type InfrastructureRule, MinibatchAlgorithm, model, parameter, train } from "opto";
import { describe, expect, it } from "vitest";
import { setting } from "./support/line-fitting.ts";
import { startOpenAIServer } from "./support/openai-server.ts";

class QueueFull extends Error {}

const isQueueFull: InfrastructureRule = (error) => error instanceof QueueFull;
const xs = [1, 2, 3];

function failingAt(place: "agent" | "guide", make: () => unknown) {
  const agent = model({ a: parameter(1) }, ({ a }, x: number) => {
    if (place === "agent" && x === 2) throw make();
    return a.value * x;
  });
  const guide = (x: number): number => {
    if (place === "guide" && x === 2) throw make();
    return 1;
  };
  return { agent, guide };
}

const wrapped = (): Error => new Error("The lookup failed", { cause: new QueueFull("full") });

describe.each(["agent", "guide"] as const)("an outage in the %s", (place) => {
  it("of a known client leaves the example unscored", async () => {
    const aws = (): Error => Object.assign(new Error("Slow down"), { $retryable: {}, $metadata: { httpStatusCode: 429 } });
    const { agent, guide } = failingAt(place, aws);
    expect(await evaluate(agent, guide, xs, xs)).toMatchObject({ mean: 1, failed: 0, unscored: 1 });
  });

  it("of one that the user describes leaves it unscored, also as a cause", async () => {
    const { agent, guide } = failingAt(place, wrapped);
    const evaluation = await evaluate(agent, guide, xs, xs, { rollouts: { isInfrastructure: isQueueFull } });
    expect(evaluation).toMatchObject({ mean: 1, failed: 0, unscored: 1 });
  });

  it("is described to train and to the trainers as well", async () => {
    const { agent, guide } = failingAt(place, wrapped);
    const trainDataset = xs.map((input) => ({ input, info: 0 }));
    const options = { rollouts: { isInfrastructure: isQueueFull }, batchSize: 3 } as const;
    const one = await train({ agent, trainDataset, guide, optimizer: setting(agent), run: null, logger: [], ...options });
    expect(one).toMatchObject({ testScore: 1, unscored: 1 });
    const trainer = new MinibatchAlgorithm(agent, setting(agent));
    expect(await trainer.train(guide, trainDataset, options)).toMatchObject({ testScore: 1, unscored: 1 });
    expect(await trainer.evaluate(agent, guide, xs, xs, { rollouts: { isInfrastructure: isQueueFull } })).toBe(1);
  });
});

describe("isInfrastructure", () => {
  it("ends with its evaluation: the next one knows nothing of it", async () => {
    const { agent, guide } = failingAt("agent", wrapped);
    await evaluate(agent, guide, xs, xs, { rollouts: { isInfrastructure: isQueueFull } });
    expect(await evaluate(agent, guide, xs, xs)).toMatchObject({ failed: 1, unscored: 0 });
  });

  it.each<[string, InfrastructureRule]>([
    ["says false", () => false],
    [
      "throws",
      () => {
        throw new Error("mine");
      },
    ],
    ["is asynchronous, and so says nothing", (async () => true) as unknown as InfrastructureRule],
  ])("that %s leaves the rule of opto", async (_name, isInfrastructure) => {
    const { agent, guide } = failingAt("agent", () => new Error("bug"));
    expect(await evaluate(agent, guide, xs, xs, { rollouts: { isInfrastructure } })).toMatchObject({ failed: 1, unscored: 0 });
    const reset = failingAt("agent", () => Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    expect(await evaluate(reset.agent, reset.guide, xs, xs, { rollouts: { isInfrastructure } })).toMatchObject({
      failed: 0,
      unscored: 1,
    });
  });

  it.each([[true], ["ECONNRESET"], [null]])("of %j is refused", async (wrong) => {
    const { agent, guide } = failingAt("agent", wrapped);
    const isInfrastructure = wrong as unknown as InfrastructureRule;
    const message = "Expected `rollouts.isInfrastructure` to be a function (error) => boolean, got";
    await expect(evaluate(agent, guide, xs, xs, { rollouts: { isInfrastructure } })).rejects.toThrow(message);
    const trainDataset = [{ input: 1, info: 0 }];
    await expect(
      train({ agent, trainDataset, guide, optimizer: setting(agent), run: null, logger: [], rollouts: { isInfrastructure } }),
    ).rejects.toThrow(message);
  });
});

describe("every rollout unscored", () => {
  const failing = (fields: object): ReturnType<typeof failingAt> => ({
    guide: () => 1,
    agent: model({ a: parameter(1) }, ({ a }, x: number): number => {
      throw Object.assign(new Error(`No ${a.value * x}`), fields);
    }),
  });

  it("by one and the same wrong set-up of an own client is said to be that", async () => {
    const { agent, guide } = failing({ status: 401 });
    const work = evaluate(agent, guide, xs, xs);
    await expect(work).rejects.toMatchObject({ code: "configuration" });
    await expect(work).rejects.toThrow(
      /every rollout failed in the same way: Error: No 1\. Check the key, the address, and the model of the call/,
    );
  });

  it.each<[name: string, status: number, body: string, message: RegExp]>([
    ["a wrong key", 401, "no", /after 5 rollouts: every rollout failed in the same way: Error: HTTP 401: no\. Check the key/],
    ["an unknown model", 404, "The model `m` does not exist", /after 5 rollouts: .*The model `m` does not exist/],
    ["a key that may not do it", 403, "no", /after 5 rollouts: .*HTTP 403/],
  ])("by %s of an own client ends it within the first few examples, at any width", async (_name, status, body, message) => {
    await using server = await startOpenAIServer(() => ({ status, body }));
    const agent = model({ a: parameter(1) }, async (_parts, x: number) => {
      const response = await fetch(`${server.baseUrl}/chat/completions`, { method: "POST", body: JSON.stringify({ x }) });
      throw Object.assign(new Error(`HTTP ${status}: ${await response.text()}`), { status });
    });
    const many = Array.from({ length: 500 }, (_, index) => index);
    for (const numThreads of [1, 8]) {
      const before = server.requests.length;
      const work = evaluate(agent, () => 1, many, many, { numThreads });
      await expect(work).rejects.toMatchObject({ code: "configuration", message: expect.stringMatching(message) });
      expect(server.requests.length - before).toBeLessThan(5 + 8 * numThreads);
    }
  });

  it("by a closed port of an own client names the port", async () => {
    const agent = model({ a: parameter(1) }, async () => (await fetch("http://127.0.0.1:4/")).text());
    const work = evaluate(agent, () => 1, xs.concat(xs, xs), xs.concat(xs, xs), { numThreads: 1 });
    await expect(work).rejects.toThrow(
      /every rollout failed in the same way: TypeError: fetch failed \(connect ECONNREFUSED 127\.0\.0\.1:4\)/,
    );
  });

  it("where the first few are, and others are not by a set-up, goes to the end", async () => {
    const agent = model({ a: parameter(1) }, (_parts, x: number): number => {
      if (x < 4) throw Object.assign(new Error("HTTP 401"), { status: 401 });
      return x;
    });
    const ten = Array.from({ length: 10 }, (_, index) => index);
    const { unscored, mean } = await evaluate(agent, () => 1, ten, ten);
    expect({ unscored, mean }).toEqual({ unscored: 4, mean: 1 });
  });

  it("by an outage is an outage", async () => {
    const { agent, guide } = failing({ status: 503 });
    await expect(evaluate(agent, guide, xs, xs)).rejects.toMatchObject({ code: "infrastructure" });
  });
});
