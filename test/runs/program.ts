/**
 * A training run for tests that disturb it: an agent with a judge, learning by OptoPrime from a server that speaks the OpenAI
 * protocol. The options of `train` come as JSON in the first argument; the result is the last line that is printed.
 *
 * @module
 */
import { type AlgorithmName, ConsoleLogger, generate, LLMJudge, Module, type Node, OptoPrime, parameter, train } from "opto";

class Support extends Module<string, string> {
  prompt = parameter("Answer the customer.", { description: "instructions to the model" });
  tone = parameter("neutral", { description: "how the answer sounds" });

  forward(question: string): Promise<Node<string>> {
    return generate({ model: "openai/test-model", system: this.prompt, prompt: `${this.tone.value}: ${question}` });
  }
}

const {
  numThreads = 8,
  algorithm = "BasicSearchAlgorithm",
  prunes = true,
  ...options
} = JSON.parse(process.argv[2] ?? "{}") as Record<string, never> & {
  numThreads?: number;
  /** Without, every candidate is validated in full, so that the number of calls does not depend on timing. */
  prunes?: boolean;
  algorithm?: AlgorithmName;
};
const agent = new Support();
const questions = [
  "Where is my order?",
  "Can I return it?",
  "Is it waterproof?",
  "Do you ship abroad?",
  "My code fails.",
  "Hello!",
];
const judge = new LLMJudge({ model: "openai/test-model", criteria: "Is the answer helpful?" });
const guide = prunes ? judge : Object.assign(judge, { scoreRange: undefined });
const result = await train({
  agent,
  trainDataset: questions.map((input) => ({ input, info: `an answer to: ${input}` })),
  guide,
  optimizer: new OptoPrime(agent, { model: "openai/test-model", memorySize: 3 }),
  algorithm,
  ...(algorithm === "BasicSearchAlgorithm" ? { numProposals: 3 } : {}),
  batchSize: 2,
  numEpochs: 2,
  seed: 7,
  numThreads,
  logger: new ConsoleLogger({ parameters: "none", progress: false }),
  ...options,
});
console.log(JSON.stringify(result));
// As the command line does.
if (result.stopReason === "interrupted") process.exitCode = 130;
