/**
 * The same run with an agent that calls the AI SDK itself, by a tracked model: a loop with a tool, whole or as a stream.
 *
 * @module
 */
import { generateText, stepCountIs, streamText, tool } from "ai";
import { LLMJudge, Module, OptoPrime, parameter, tracked, train } from "opto";
import { z } from "zod";

const { streams = false, ...options } = JSON.parse(process.argv[2] ?? "{}") as Record<string, never> & { streams?: boolean };
const model = tracked("openai/test-model");

class Support extends Module<string, string> {
  prompt = parameter("Answer the customer.", { description: "instructions to the model" });
  tone = parameter("neutral", { description: "how the answer sounds" });

  async forward(question: string): Promise<string> {
    const lookUp = tool({
      description: "Looks up the rules of the shop",
      inputSchema: z.object({ about: z.string() }),
      execute: async ({ about }) => `The rule about ${about}: ask.`,
    });
    const prompt = `${this.tone.value}: ${question}`;
    const request = { model, system: this.prompt.value, prompt, tools: { lookUp }, stopWhen: stepCountIs(4) };
    if (!streams) return (await generateText(request)).text;
    let text = "";
    for await (const piece of streamText(request).textStream) text += piece;
    return text;
  }
}

const agent = new Support();
const questions = [
  "Where is my order?",
  "Can I return it?",
  "Is it waterproof?",
  "Do you ship abroad?",
  "My code fails.",
  "Hello!",
];
// Prunes nothing, so that the number of calls does not depend on timing.
const judge = new LLMJudge({ model, criteria: "Is the answer helpful?" });
const result = await train({
  agent,
  trainDataset: questions.map((input) => ({ input, info: `an answer to: ${input}` })),
  guide: Object.assign(judge, { scoreRange: undefined }),
  optimizer: new OptoPrime(agent, { model, memorySize: 3 }),
  algorithm: "BasicSearchAlgorithm",
  numProposals: 3,
  batchSize: 2,
  numEpochs: 1,
  seed: 7,
  numThreads: 16,
  verbose: false,
  ...options,
});
console.log(JSON.stringify(result));
