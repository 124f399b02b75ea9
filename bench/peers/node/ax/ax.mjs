/**
 * ax: its generator, in a pool written here because its own evaluation is serial, and AxGEPA.
 *
 * @module
 */
import { AxGEPA, AxMockAIService, ai, ax } from "@ax-llm/ax";
import { inPool, instantAnswer, run, score, seedPrompt } from "../task.mjs";

const { url } = JSON.parse(process.argv[2]);
const httpModel = ai({
  name: "openai",
  apiKey: "none",
  apiURL: `${url}/v1`,
  config: { model: "test-model", stream: false },
  options: { retry: { maxRetries: 0 } },
});
const instantModel = new AxMockAIService({
  features: { functions: false, streaming: false },
  chatResponse: async ({ chatPrompt }) => ({
    results: [{ index: 0, content: `Answer: ${instantAnswer(JSON.stringify(chatPrompt.at(-1).content))}`, finishReason: "stop" }],
    modelUsage: { ai: "mock", model: "mock", tokens: { promptTokens: 10, completionTokens: 10, totalTokens: 20 } },
  }),
});

function newProgram() {
  const program = ax("question:string -> answer:string");
  program.setInstruction(seedPrompt);
  return program;
}

await run({
  async evaluate(examples, width, mode) {
    const program = newProgram();
    const model = mode === "model" ? instantModel : httpModel;
    const scores = await inPool(examples, width, async ({ question, expected }) => {
      const { answer } = await program.forward(model, { question }, { maxRetries: 0 });
      return score(answer, expected);
    });
    return scores.reduce((sum, value) => sum + value, 0) / scores.length;
  },
  async optimize({ train, validate, proposals }) {
    const program = newProgram();
    const optimizer = new AxGEPA({
      studentAI: httpModel,
      numTrials: proposals,
      minibatchSize: train.length,
      paretoSetSize: validate.length,
      earlyStoppingTrials: proposals + 1,
      mergeMax: 0,
      sampleCount: 1,
      seed: 1,
    });
    const { bestScore } = await optimizer.compile(
      program,
      train,
      ({ prediction, example }) => score(prediction?.answer, example.expected),
      { validationExamples: validate, maxMetricCalls: 10_000, bootstrap: false },
    );
    return bestScore;
  },
});
