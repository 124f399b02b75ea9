// Scorers of real libraries as guides: with each the score rises, the prompt goes back to its file, and an outage of a judge is no score.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { evaluate, fromScorer, model as moduleOf, openAIClient, parameter } from "opto";
import { capitals, improve, startModels } from "./answerer.mjs";

process.env.PROMPTFOO_DISABLE_TELEMETRY = "1";
process.env.PROMPTFOO_CACHE_ENABLED = "false";
process.env.PROMPTFOO_REQUEST_BACKOFF_MS = "1";
process.env.PROMPTFOO_CONFIG_DIR = new URL("node_modules/.promptfoo", import.meta.url).pathname;
process.env.LANGSMITH_TRACING = "false";

/** Each makes a guide for a judge; its scores rise to 1 when answers are short. */
const judged = {
  "autoevals: Factuality": async (client) => {
    const { Factuality } = await import("autoevals");
    return fromScorer((example) => Factuality({ ...example, client, model: "judge" }));
  },
  "autoevals: Factuality by the interface of responses": async (client) => {
    const { Factuality } = await import("autoevals");
    return fromScorer((example) => Factuality({ ...example, client, model: "gpt-5-mini" }));
  },
  "autoevals 0.0.132: Factuality": async (client) => {
    const { Factuality } = await import("autoevals-node20");
    return fromScorer((example) => Factuality({ ...example, client, model: "judge" }));
  },
  "openevals: createLLMAsJudge": async (client) => {
    const { CORRECTNESS_PROMPT, createLLMAsJudge } = await import("openevals");
    return fromScorer(createLLMAsJudge({ prompt: CORRECTNESS_PROMPT, judge: client, model: "judge" }));
  },
  "agentevals: createTrajectoryLLMAsJudge": async (client) => {
    const { createTrajectoryLLMAsJudge } = await import("agentevals");
    const judge = createTrajectoryLLMAsJudge({ judge: client, model: "judge" });
    return fromScorer(judge, ({ input, output }) => ({
      outputs: [
        { role: "user", content: input },
        { role: "assistant", content: output },
      ],
    }));
  },
  "promptfoo: llm-rubric": async (_client, model) => fromScorer([{ type: "llm-rubric", value: "is short" }], { model }),
  "promptfoo: model-graded-closedqa": async (_client, model) =>
    fromScorer([{ type: "model-graded-closedqa", value: "is short" }], { model }),
  "promptfoo: factuality": async (_client, model) => fromScorer([{ type: "factuality", value: "{{expected}}" }], { model }),
  "vitest-evals: FactualityJudge": async (client) => {
    const { createJudgeHarness, FactualityJudge } = await import("vitest-evals/judges");
    const judgeHarness = createJudgeHarness({
      name: "opto",
      run: async ({ system, prompt }, { signal }) => {
        const messages = [...(system ? [{ role: "system", content: system }] : []), { role: "user", content: prompt }];
        const reply = await client.chat.completions.create({ messages, response_format: { type: "json_object" } }, { signal });
        return JSON.parse(reply.choices[0].message.content);
      },
    });
    return fromScorer(FactualityJudge({ judgeHarness }));
  },
};

/** The same without a model. */
const computed = {
  "autoevals: Levenshtein": async () => fromScorer((await import("autoevals")).Levenshtein),
  "autoevals 0.0.132: Levenshtein": async () => fromScorer((await import("autoevals-node20")).Levenshtein),
  "openevals: exactMatch": async () => fromScorer((await import("openevals")).exactMatch),
  "openevals: Levenshtein": async () => fromScorer((await import("openevals")).levenshteinDistance),
  "langfuse: createEvaluatorFromAutoevals": async () => {
    const { createEvaluatorFromAutoevals } = await import("@langfuse/client");
    return fromScorer(createEvaluatorFromAutoevals((await import("autoevals")).Levenshtein));
  },
  "evalite: exactMatch": async () => {
    const { exactMatch } = await import("evalite/scorers");
    return fromScorer(exactMatch, ({ output, expected }) => ({ actual: output, expected }));
  },
  "evalite: an object with a scorer": async () =>
    fromScorer({
      name: "Same",
      scorer: ({ output, expected }) => ({ score: output === expected ? 1 : 0, metadata: { expected } }),
    }),
  "vitest-evals: StructuredOutputJudge": async () => {
    const { StructuredOutputJudge } = await import("vitest-evals/judges");
    return fromScorer(StructuredOutputJudge(), ({ output, expected }) => ({
      output: { name: output },
      expected: { name: expected },
    }));
  },
  "vitest-evals: an object with assess": async () =>
    fromScorer({
      name: "Same",
      assess: ({ output, expected }) => ({ score: Number(output === expected), metadata: { rationale: `Expected ${expected}` } }),
    }),
  "promptfoo: equals and javascript": async () =>
    fromScorer([
      { type: "equals", value: "{{expected}}" },
      { type: "javascript", value: "output.length < 20", metric: "short" },
    ]),
  "mastra: createScorer": async () => {
    const { createScorer } = await import("@mastra/core/evals");
    const scorer = createScorer({ id: "same", description: "Whether the answer is the expected one" })
      .generateScore(({ run }) => Number(run.output === run.groundTruth))
      .generateReason(({ run, score }) => `Expected ${run.groundTruth}: ${score}`);
    return fromScorer(scorer);
  },
  "mastra: createContentSimilarityScorer": async () => {
    const { createContentSimilarityScorer } = await import("@mastra/evals/scorers/prebuilt");
    return fromScorer(createContentSimilarityScorer(), ({ output, expected }) => ({ input: expected, output }));
  },
  "braintrust: a scorer of several": async () => {
    const { Levenshtein } = await import("autoevals");
    return fromScorer(async (example) => [
      await Levenshtein(example),
      null,
      { name: "short", score: Number(example.output.length < 20) },
    ]);
  },
};

describe("with each scorer the score rises, and the prompt is written back", () => {
  let models;
  before(async () => {
    models = await startModels();
  });
  after(() => models.server.close());

  for (const [name, make] of Object.entries({ ...judged, ...computed })) {
    it(name, async () => {
      const model = models.model("judge");
      const { before: first, after: last, file, result } = await improve(models, await make(openAIClient({ model }), model));
      assert.ok(first < last, `${first} < ${last}`);
      assert.equal(last, 1);
      assert.equal(file, "---\nowner: support\n---\nReply with the name only.\n");
      assert.equal(result.unscored, 0);
    });
  }

  it("autoevals: EmbeddingSimilarity", async () => {
    const { EmbeddingSimilarity } = await import("autoevals");
    const client = openAIClient({ model: models.model("judge"), embeddingModel: models.embedding });
    const { before: first, after: last } = await improve(
      models,
      fromScorer((example) => EmbeddingSimilarity({ ...example, client })),
    );
    assert.ok(first < last && last > 0.999, `${first} < ${last}`);
  });
});

describe("a rate limit of a judge is waited for, and never a score", () => {
  for (const [name, make] of Object.entries(judged)) {
    it(name, async () => {
      const models = await startModels({ failures: 2 });
      try {
        const model = models.model("judge");
        const guide = await make(openAIClient({ model }), model);
        const agent = moduleOf({ answer: parameter("Lima") }, ({ answer }) => answer.value);
        const { mean, scores } = await evaluate(agent, guide, [capitals[0]]);
        assert.deepEqual([mean, ...scores], [1, 1]);
        assert.equal(models.judged(), 3);
      } finally {
        await models.server.close();
      }
    });
  }
});

describe("an outage of a judge leaves the example unscored", () => {
  for (const [name, make] of Object.entries(judged)) {
    it(name, async () => {
      const models = await startModels({ failures: 1_000, status: 503 });
      try {
        const model = models.model("judge");
        const guide = await make(openAIClient({ model, maxRetries: 1 }), model);
        const calls = { retry: { initialDelayMs: 1, maxDelayMs: 2, maxRetries: 1 } };
        const { result, before: first } = await improve(models, guide, { calls }).catch((error) => ({ result: error }));
        assert.equal(first, undefined);
        assert.match(result.name, /^(?:InfrastructureError|NothingScoredError)$/);
      } finally {
        await models.server.close();
      }
    });
  }
});

describe("a judge of promptfoo's own that is limited leaves the example unscored", () => {
  for (const type of ["llm-rubric", "model-graded-closedqa", "factuality"]) {
    it(type, async () => {
      const models = await startModels({ failures: 1_000 });
      try {
        const provider = { id: "openai:chat:judge", config: { apiBaseUrl: models.server.baseUrl, apiKey: "unused" } };
        const guide = fromScorer([{ type, value: "is short", provider }]);
        const { result } = await improve(models, guide).catch((error) => ({ result: error }));
        assert.match(result.name, /^(?:InfrastructureError|NothingScoredError)$/);
      } finally {
        await models.server.close();
      }
    });
  }
});

describe("the calls of a judge are the run's", () => {
  for (const [name, make] of Object.entries(judged)) {
    it(name, async () => {
      const models = await startModels();
      try {
        const model = models.model("judge");
        const guide = await make(openAIClient({ model }), model);
        const { result } = await improve(models, guide);
        const line = result.usage.byRole.judge;
        assert.equal(line.calls, models.judged());
        const stopped = await improve(models, guide, { budget: { calls: 3 } });
        assert.equal(stopped.result.stopReason, "budget");
        assert.equal(stopped.result.usage.calls, 3);
      } finally {
        await models.server.close();
      }
    });
  }
});
