// Agents of real frameworks as modules: with each the score rises, the prompt goes back to its file, candidates do not mix, and no call escapes the budget.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { evaluate, fromAgent, isInfrastructureError, promptFile, withValues } from "opto";
import { agentTexts } from "opto/adapters";
import * as aiSdk from "./ai-sdk.mjs";
import * as langchain from "./langchain.mjs";
import * as langgraph from "./langgraph.mjs";
import * as mastra from "./mastra.mjs";
import { description, improve, instructions, questions, startModels } from "./models.mjs";
import * as openaiAgents from "./openai-agents.mjs";
import { otherVersions } from "./other-versions.mjs";

const frameworks = {
  "AI SDK: ToolLoopAgent": aiSdk,
  "OpenAI Agents SDK": openaiAgents,
  Mastra: mastra,
  "LangChain: createAgent": langchain,
  "LangGraph: createReactAgent": langgraph,
  ...otherVersions,
};

const starting = { instructions, "tools.stock.description": description };

// One for all: the OpenAI Agents SDK keeps the client that it was first given.
let models;
before(async () => {
  models = await startModels();
});
after(() => models.server.close());

const echoes = Array.from({ length: 100 }, (_, index) => ({ input: `Echo ${index}`, info: null }));

for (const [name, { makeAgent, makeModule }] of Object.entries(frameworks)) {
  describe(name, () => {
    before(() => models.fail(0));

    it("has its texts as parameters, also by a dry call", async () => {
      const asked = models.server.requests.length;
      assert.deepEqual(makeModule(models).candidate(), starting);
      assert.deepEqual(await agentTexts(makeAgent(models)), starting);
      assert.equal(models.server.requests.length, asked);
    });

    it("is trained, its prompt is written back, every request is counted, and a replay makes none", async () => {
      const dir = mkdtempSync(join(tmpdir(), "opto-agents-"));
      try {
        const earlier = models.server.requests.length;
        const path = join(dir, "support.md");
        /** The instructions in a file, which has more than these. */
        const inFile = () => {
          writeFileSync(path, `---\nowner: support\n---\n${instructions}\n`);
          return { texts: { instructions: promptFile(path) } };
        };
        const first = await improve(makeModule(models, inFile()), models, { run: { dir, id: "first" } });
        assert.equal(readFileSync(path, "utf8"), "---\nowner: support\n---\nLook up the stock first.\n");
        assert.equal(first.before, 0);
        assert.equal(first.after, 1);
        assert.deepEqual(first.values, { ...starting, instructions: "Look up the stock first." });
        const asked = models.server.requests.length;
        assert.equal(first.result.usage.requests, asked - earlier);
        const replay = { dir, id: "again", cacheFrom: join(dir, "first"), cache: "replay" };
        const again = await improve(makeModule(models, inFile()), models, { run: replay });
        assert.equal(models.server.requests.length, asked);
        assert.deepEqual([again.after, again.values], [first.after, first.values]);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    });

    it("stops at the budget", async () => {
      const asked = models.server.requests.length;
      const { result } = await improve(makeModule(models), models, { budget: { calls: 7 } });
      assert.equal(result.stopReason, "budget");
      assert.ok(models.server.requests.length - asked <= 7);
    });

    it("keeps the texts of 200 interleaved rollouts of two candidates apart", async () => {
      const agent = makeModule(models);
      const candidates = ["A", "B"].map((who) => ({
        instructions: `You are ${who}.`,
        "tools.stock.description": `Stock of ${who}`,
      }));
      const both = candidates.map((candidate, index) => {
        const expected = `You are ${"AB"[index]}. | Stock of ${"AB"[index]}`;
        return withValues(agent, candidate, () =>
          evaluate(agent, (_question, answer) => answer === expected, echoes, { numThreads: 16 }),
        );
      });
      assert.deepEqual(
        (await Promise.all(both)).map(({ mean }) => mean),
        [1, 1],
      );
      assert.equal((await agent.call("Echo")).value, `${instructions} | ${description}`);
    });

    it("waits for a rate limit, and leaves an outage unscored", async () => {
      const guide = (_question, output) => (output === "I do not know." ? 1 : 0);
      models.fail(2, 429);
      const { mean } = await evaluate(makeModule(models), guide, questions);
      assert.equal(mean, 1);
      models.fail(Number.POSITIVE_INFINITY, 503);
      const outage = { calls: { retry: { maxRetries: 0 } } };
      await assert.rejects(improve(makeModule(models), models, outage), (error) => isInfrastructureError(error));
    });
  });
}

describe("what cannot be read from settings", () => {
  before(() => models.fail(0));

  const bob = "You are Bob.";
  const composed = () => `${bob} Today is Friday.`;
  const refusal = { code: "configuration", message: /composed when it is called.*texts: \{ instructions: "…" \}/ };

  it("OpenAI Agents SDK: a function for instructions, a model object, a call of one's own", async () => {
    const { Agent, OpenAIChatCompletionsModel, run } = await import("@openai/agents");
    const { default: OpenAI } = await import("openai");
    const client = new OpenAI({ baseURL: models.baseURL, apiKey: "unused", maxRetries: 0 });
    const original = new Agent({ name: "bob", instructions: composed, model: new OpenAIChatCompletionsModel(client, "agent") });
    assert.throws(() => fromAgent(original), refusal);
    const texts = { instructions: bob };
    const agent = fromAgent(original, { texts });
    const own = fromAgent(original, {
      texts,
      call: (copy, input, { signal }) => run(copy, input, { signal, context: { user: 1 } }),
      output: ({ finalOutput, newItems }) => `${finalOutput} (${newItems.length})`,
    });
    const candidate = { instructions: "You are Eve." };
    const answers = [agent, own].map((one) => withValues(one, candidate, async () => (await one.call("Echo")).value));
    assert.deepEqual(await Promise.all(answers), [
      "You are Eve. Today is Friday. | undefined",
      "You are Eve. Today is Friday. | undefined (1)",
    ]);
    await assert.rejects(fromAgent(original, { texts, model: models.optimizer }).call("Echo"), /aisdk\(/);
  });

  it("OpenAI Agents SDK: a handoff is counted, and keeps its own texts", async () => {
    const { makeAgent } = openaiAgents;
    const { Agent } = await import("@openai/agents");
    const triage = new Agent({
      name: "triage",
      model: "agent",
      instructions: "Look up who helps.",
      handoffs: [makeAgent(models)],
    });
    const asked = models.server.requests.length;
    const agent = fromAgent(triage);
    const { result } = await improve(agent, models);
    assert.equal(result.usage.requests, models.server.requests.length - asked);
    assert.equal(
      models.server.requests.some(({ system }) => system === instructions),
      true,
    );
  });

  it("Mastra: a function for instructions", async () => {
    const { Agent } = await import("@mastra/core/agent");
    const { createOpenAI } = await import("@ai-sdk/openai");
    const model = () => createOpenAI({ baseURL: models.baseURL, apiKey: "unused" }).chat("agent");
    const original = new Agent({ id: "bob", name: "bob", instructions: composed, model });
    assert.throws(() => fromAgent(original), refusal);
    const agent = fromAgent(original, { texts: { instructions: bob } });
    const { value } = await withValues(agent, { instructions: "You are Eve." }, () => agent.call("Echo"));
    assert.equal(value, "You are Eve. Today is Friday. | undefined");
  });

  it("LangGraph: a model that opto does not see, and a text that is not sent", async () => {
    const { createReactAgent } = await import("@langchain/langgraph/prebuilt");
    const { ChatOpenAI } = await import("@langchain/openai");
    const llm = new ChatOpenAI({ model: "agent", apiKey: "unused", maxRetries: 0, configuration: { baseURL: models.baseURL } });
    const graph = createReactAgent({ llm, prompt: bob, tools: [] });
    const agent = fromAgent(graph, { texts: { instructions: bob } });
    await assert.rejects(agent.call("Echo"), { code: "configuration", message: /trackedChatModel\(model\)/ });
    const wrong = fromAgent(langgraph.makeAgent(models), { texts: { instructions: "You are Alice." } });
    await assert.rejects(wrong.call("Echo"), {
      code: "configuration",
      message: /Expected "You are Alice.", got "Answer the customer."/,
    });
  });
});
