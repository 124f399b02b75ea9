/**
 * Trains the prompt of an LLM agent with OptoPrime against any OpenAI-compatible server:
 *
 *   OPENAI_BASE_URL=http://localhost:11434/v1 OPTO_MODEL=openai/llama3.2 npx tsx examples/prompt-training/train.ts
 *
 * or against a provider: set OPTO_MODEL and its key. `offline.ts` runs the same with a stand-in for the server.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { ConsoleLogger, MinibatchAlgorithm, OptoPrime } from "opto";
import { judge, Triage, tickets } from "./triage.ts";

const { values } = parseArgs({ options: { out: { type: "string", default: "runs/prompt-training/agent.json" } } });
const agent = new Triage();
const before = agent.prompt.value;
const trainer = new MinibatchAlgorithm(agent, new OptoPrime(agent, { memorySize: 3 }), {
  logger: new ConsoleLogger(),
  numThreads: 4,
});
const first = await trainer.evaluate(
  agent,
  judge,
  tickets.map(({ input }) => input),
  tickets.map(({ info }) => info),
);
const { testScore } = await trainer.train(judge, tickets, { batchSize: 3, numEpochs: 2, ensureImprovement: true });

console.log(`\nScore: ${first} -> ${testScore}`);
console.log(`- ${before}\n+ ${agent.prompt.value}`);
await agent.save(values.out);
console.log(`Saved in ${values.out}. A program loads it so: await new Triage().load(${JSON.stringify(values.out)})`);
if ((testScore ?? 0) <= (first ?? 0)) process.exitCode = 1;
