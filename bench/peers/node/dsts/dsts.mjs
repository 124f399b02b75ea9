/**
 * dsts: its default adapter over the AI SDK, and its GEPA.
 *
 * @module
 */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { DefaultAdapter, optimize } from "@currentai/dsts";
import { MockLanguageModelV2 } from "ai/test";
import { instantAnswer, run, score, seedPrompt } from "../task.mjs";

const { url } = JSON.parse(process.argv[2]);
const instantModel = new MockLanguageModelV2({
  doGenerate: async ({ prompt }) => ({
    content: [{ type: "text", text: instantAnswer(prompt.at(-1).content[0].text) }],
    finishReason: "stop",
    usage: { inputTokens: 10, outputTokens: 10, totalTokens: 20 },
    warnings: [],
  }),
});
const http = createOpenAICompatible({ name: "peer", baseURL: `${url}/v1`, apiKey: "none" });

// dsts gives the instructions as a message, of which the AI SDK warns at every call.
globalThis.AI_SDK_LOG_WARNINGS = false;
// dsts takes a model by its name only, which the AI SDK looks up here.
globalThis.AI_SDK_DEFAULT_PROVIDER = {
  languageModel: (name) => (name === "instant" ? instantModel : http(name)),
};

function tasks(examples) {
  return examples.map(({ question, expected }) => ({
    input: question,
    expectedOutput: expected,
    scorer: (output) => score(output, expected),
  }));
}

function settings(model, width) {
  return { model, maxConcurrency: width, maxRetries: 0, costEstimator: () => 0 };
}

await run({
  async evaluate(examples, width, mode) {
    const adapter = new DefaultAdapter(settings(mode === "model" ? "instant" : "test-model", width));
    const { scores } = await adapter.evaluate(tasks(examples), { system: seedPrompt });
    // The mock keeps what it was asked, for tests to read; a model does not.
    instantModel.doGenerateCalls.length = 0;
    if (scores.length !== examples.length) throw new Error(`Expected ${examples.length} scores, got ${scores.length}`);
  },
  async optimize({ train, validate, width, proposals }) {
    const { bestScore } = await optimize({
      seedCandidate: { system: seedPrompt },
      trainset: tasks(train),
      valset: tasks(validate),
      taskLM: settings("test-model", width),
      reflectionLM: { model: "test-model", maxRetries: 0 },
      reflectionMinibatchSize: train.length,
      maxIterations: proposals,
    });
    return bestScore;
  },
});
