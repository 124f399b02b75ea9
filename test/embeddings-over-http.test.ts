/**
 * Embeddings of a guide over a real socket: counted, recorded, waited for, and bounded by the budget like every other call.
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOpenAI } from "@ai-sdk/openai";
import { evaluate, generate, model, type Optimizer, OptoPrime, parameter, semanticSimilarity, train } from "opto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenAIServer, type ServerReply, type ServerRequest, startOpenAIServer } from "./support/openai-server.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "opto-embeddings-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const isEmbedding = ({ path }: ServerRequest): boolean => path === "/v1/embeddings";

/** Letters as vectors; the agent answers as its prompt says, and the optimizer asks for the name only. */
function answer(request: ServerRequest): ServerReply {
  if (isEmbedding(request)) {
    const texts = [request.body?.input].flat() as string[];
    const vector = (text: string): number[] => [..."abcdefghijklmnopqrstuvwxyz"].map((letter) => text.split(letter).length - 1);
    return { embeddings: texts.map(vector), tokens: 2 * texts.length };
  }
  if (request.body?.model === "optimizer") {
    return '<reasoning>\nShorter.\n</reasoning>\n<variable name="prompt">\nThe name only.\n</variable>';
  }
  return request.system.includes("name only") ? "lima" : "the capital of peru is lima";
}

const providerOf = (server: OpenAIServer) => createOpenAI({ baseURL: server.baseUrl, apiKey: "unused" });

async function trainOn(server: OpenAIServer, options: object) {
  const provider = providerOf(server);
  const agent = model({ prompt: parameter("Answer.") }, ({ prompt }, question: string) =>
    generate({ model: provider.chat("agent"), system: prompt, prompt: question }),
  );
  const optimizer: Optimizer = new OptoPrime(agent, { model: provider.chat("optimizer") });
  const guide = semanticSimilarity({ model: provider.textEmbeddingModel("small") });
  const trainDataset = ["a", "b", "c", "d"].map((input) => ({ input, info: "lima" }));
  return train({ agent, guide, optimizer, trainDataset, algorithm: "MinibatchAlgorithm", batchSize: 2, logger: [], ...options });
}

describe("semanticSimilarity in a run", () => {
  it("is counted as the server counts", async () => {
    await using server = await startOpenAIServer(answer);
    const { usage, best } = await trainOn(server, { run: null });
    const asked = server.requests.filter((request) => isEmbedding(request));
    expect(best.score).toBeCloseTo(1, 6);
    expect(usage.calls).toBe(server.requests.length);
    expect(asked.length).toBeGreaterThan(0);
    expect(usage.byRole.judge).toMatchObject({ calls: asked.length, inputTokens: 4 * asked.length, outputTokens: 0 });
  });

  it.each([1, 16])("pays nothing twice after a budget, with %i slots", async (numThreads) => {
    await using whole = await startOpenAIServer(answer);
    const expected = await trainOn(whole, { run: null, numThreads });
    await using server = await startOpenAIServer(answer);
    const options = { run: { dir: folder, id: "night" }, numThreads };
    const first = await trainOn(server, { ...options, budget: { calls: 7 } });
    expect(first.stopReason).toBe("budget");
    expect(server.requests).toHaveLength(7);
    const { best, usage } = await trainOn(server, options);
    expect(best).toEqual(expected.best);
    expect(usage.calls).toBe(server.requests.length);
    expect(server.requests).toHaveLength(whole.requests.length);
  });

  it("waits for limits, and leaves unscored what an outage keeps from it", async () => {
    let left = 2;
    await using server = await startOpenAIServer((request) => {
      if (isEmbedding(request) && left-- > 0) return { status: 429, headers: { "retry-after": "0" } };
      return answer(request);
    });
    const guide = semanticSimilarity({ model: providerOf(server).textEmbeddingModel("small") });
    const agent = model({ text: parameter("limo") }, ({ text }) => text.value);
    const { scores } = await evaluate(agent, guide, [{ input: "a", info: "lima" }]);
    expect(scores[0]).toBeGreaterThan(0.5);
    expect(server.requests).toHaveLength(3);
    await using down = await startOpenAIServer(() => ({ status: 503 }));
    const silent = semanticSimilarity({ model: providerOf(down).textEmbeddingModel("small"), maxRetries: 0 });
    await expect(evaluate(agent, silent, [{ input: "a", info: "lima" }])).rejects.toThrow(/none of 1 rollouts could be scored/);
  });

  it("takes the name of a model", async () => {
    await using server = await startOpenAIServer(answer);
    process.env.OPENAI_BASE_URL = server.baseUrl;
    try {
      const guide = semanticSimilarity({ model: "openai/small" });
      expect(await guide.metric("?", "amil", "lima")).toBeCloseTo(1, 6);
      expect(server.requests[0]?.body).toMatchObject({ model: "small", input: ["amil", "lima"] });
    } finally {
      process.env.OPENAI_BASE_URL = "";
    }
  });
});
