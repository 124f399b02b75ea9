// Agents of real frameworks as modules: with each the score rises, candidates do not mix, and no call escapes the budget.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { evaluate, withValues } from "opto";
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

for (const [name, { makeAgent, makeModule }] of Object.entries(frameworks)) {
  describe(name, () => {
    it("has its texts as parameters", async () => {
      const models = await startModels();
      try {
        assert.deepEqual(makeModule(models).candidate(), starting);
        assert.deepEqual(await agentTexts(makeAgent(models)), starting);
        assert.equal(models.server.requests.length, 0);
      } finally {
        await models.server.close();
      }
    });

    it("is trained, every request is counted, and a replay makes none", async () => {
      const models = await startModels();
      const dir = mkdtempSync(join(tmpdir(), "opto-agents-"));
      try {
        const first = await improve(makeModule(models), models, { run: { dir, id: "first" } });
        assert.equal(first.before, 0);
        assert.equal(first.after, 1);
        assert.deepEqual(first.values, { ...starting, instructions: "Look up the stock first." });
        const asked = models.server.requests.length;
        assert.equal(first.result.usage.requests, asked);
        const replay = { dir, id: "again", cacheFrom: join(dir, "first"), cache: "replay" };
        const again = await improve(makeModule(models), models, { run: replay });
        assert.equal(models.server.requests.length, asked);
        assert.deepEqual([again.after, again.values], [first.after, first.values]);
      } finally {
        await models.server.close();
        rmSync(dir, { recursive: true, force: true });
      }
    });

    it("keeps the texts of 200 interleaved rollouts of two candidates apart", async () => {
      const models = await startModels();
      try {
        const agent = makeModule(models);
        const candidates = ["A", "B"].map((who) => ({
          instructions: `You are ${who}.`,
          "tools.stock.description": `Stock of ${who}`,
        }));
        const ask = async (index) => (await agent.call(`Echo ${index}`)).value;
        const answers = await Promise.all(
          Array.from({ length: 200 }, (_, index) => withValues(agent, candidates[index % 2], () => ask(index))),
        );
        answers.forEach((answer, index) => {
          const who = index % 2 === 0 ? "A" : "B";
          assert.equal(answer, `You are ${who}. | Stock of ${who}`);
        });
        assert.equal(await ask(200), `${instructions} | ${description}`);
      } finally {
        await models.server.close();
      }
    });

    it("waits for a rate limit, and leaves an outage unscored", async () => {
      const limited = await startModels({ failures: 2 });
      const broken = await startModels({ failures: Number.POSITIVE_INFINITY, status: 503 });
      try {
        const guide = (_question, output) => (output === "I do not know." ? 1 : 0);
        const { mean } = await evaluate(makeModule(limited), guide, questions);
        assert.equal(mean, 1);
        await assert.rejects(evaluate(makeModule(broken), guide, questions, { signal: AbortSignal.timeout(3_000) }), {
          name: /TimeoutError|InfrastructureError/,
        });
      } finally {
        await limited.server.close();
        await broken.server.close();
      }
    });
  });
}
