/**
 * A run whose agent calls the AI SDK in every way, for `scripts/test-ai-versions.ts`, which runs it on each version of `ai`.
 * `REPLAY` names a run to replay.
 *
 * @module
 */
import { createOpenAI } from "@ai-sdk/openai";
import { generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { bundle, generate, Module, parameter, type RunEvent, tracked, train } from "opto";
import { z } from "zod";

const { OPENAI_BASE_URL: baseURL = "", RUN_DIR: runDir = "", REPLAY: replay } = process.env;
const model = tracked(createOpenAI({ baseURL, apiKey: "test" }).chat("test-model"));
const named = tracked("openai/test-model");
const inputSchema = z.object({ about: z.string() });
const lookUp = tool({ description: "Looks up a rule", inputSchema, execute: async ({ about }) => `The rule about ${about}.` });
const loop = { tools: { lookUp }, stopWhen: stepCountIs(4) };
const known = bundle(({ about }: { about: string }) => `All about ${about}.`, { name: "known", description: "What is known" });

class EveryWay extends Module<string, string> {
  system = parameter("Answer the customer.", { description: "instructions to the model" });

  async forward(prompt: string): Promise<string> {
    const system = this.system.value;
    const whole = await generateText({ model, system, prompt, ...loop });
    let text = "";
    for await (const piece of streamText({ model: named, system, prompt: `${prompt} again`, ...loop }).textStream) text += piece;
    const schema = z.object({ answer: z.string() });
    const { object } = await generateObject({ model, schema, system, prompt: `${prompt} as data` });
    const tools = { known: tool({ inputSchema, execute: known as never }) };
    const own = await generate({ model, system: this.system, prompt: `${prompt} by opto`, tools });
    return [whole.text, text, object.answer, own.value].join(" | ");
  }
}

const calls: string[] = [];
const agent = new EveryWay();
const { usage, parameters } = await train({
  agent,
  trainDataset: ["Where?", "When?", "How?", "Who?"].map((input) => ({ input, info: "" })),
  guide: (_question, answer) => ({ score: answer.length / 1000, feedback: "Say more." }),
  optimizer: "OptoPrime",
  batchSize: 2,
  numEpochs: 1,
  seed: 7,
  numThreads: 16,
  verbose: false,
  run: {
    dir: runDir,
    ...(replay === undefined ? { id: "first" } : { id: "second", cache: "replay" as const, cacheFrom: replay }),
  },
  logger: {
    onEvent: (event: RunEvent) => {
      if (event.type === "model-call") calls.push(`${event.position} ${event.role} ${event.finishReason} ${event.outputTokens}`);
    },
  },
});
console.log(JSON.stringify({ usage, parameters, calls: calls.sort() }));
