/**
 * Makes the tensor of level 1 with models of yours: `npx tsx bench/learn/make-tensor.ts -- --task snips [options]`.
 *
 * 200 prompts on 300 examples with 3 samples are 180,000 calls: hours on a small machine. The same command resumes.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { ModelLike } from "opto";
import { defaultCache } from "./data/package-files.ts";
import { patientFetch } from "./proxy/patient-fetch.ts";
import { tasks } from "./tasks/index.ts";
import { labelGrammar } from "./tasks/label-guide.ts";
import { buildTensor } from "./tensor/build-tensor.ts";
import { writeTensor } from "./tensor/tensor.ts";

const { values: flags } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    task: { type: "string", default: "snips" },
    prompts: { type: "string", default: "200" },
    examples: { type: "string", default: "300" },
    samples: { type: "string", default: "3" },
    temperature: { type: "string", default: "0.7" },
    seed: { type: "string", default: "0" },
    "base-url": { type: "string", default: "http://127.0.0.1:8093/v1" },
    "task-model": { type: "string", default: "default" },
    "optimizer-base-url": { type: "string" },
    "optimizer-model": { type: "string" },
    "optimizer-max-tokens": { type: "string" },
    "optimizer-context": { type: "string" },
    grammar: { type: "boolean", default: false },
    cache: { type: "string", default: defaultCache },
    out: { type: "string", default: fileURLToPath(new URL("tensor/tensor.json", import.meta.url)) },
  },
});
const task = tasks.get(flags.task);
if (task?.demonstrations === undefined) throw new Error(`Expected --task to be one with a single call, got ${flags.task}`);
const names = { task: flags["task-model"], optimizer: flags["optimizer-model"] ?? flags["task-model"] };
const modelAt = (baseURL: string, name: string, settings: object = {}): ModelLike => {
  const transformRequestBody = (body: object): object => ({ ...body, ...settings });
  const apiKey = process.env.OPENAI_API_KEY ?? "none";
  return createOpenAICompatible({ name: "tensor", baseURL, apiKey, fetch: patientFetch, transformRequestBody })(
    name,
  ) as ModelLike;
};
const grammar = flags.grammar && task.answers !== undefined ? { grammar: labelGrammar(task.answers) } : {};
const limitOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

const tensor = await buildTensor({
  task,
  names,
  rows: await task.load(flags.cache),
  taskModel: modelAt(flags["base-url"], names.task, grammar),
  optimizerModel: modelAt(flags["optimizer-base-url"] ?? flags["base-url"], names.optimizer),
  limits: { context: limitOf(flags["optimizer-context"]), maxOutputTokens: limitOf(flags["optimizer-max-tokens"]) },
  numPrompts: Number(flags.prompts),
  numExamples: Number(flags.examples),
  numSamples: Number(flags.samples),
  temperature: Number(flags.temperature),
  seed: Number(flags.seed),
  folder: join(flags.cache, "tensor", `${task.id}-${names.task.replaceAll(/[^\w.-]+/g, "-")}`),
  progress: console.log,
});
await writeTensor(flags.out, tensor);
console.log(`Wrote ${flags.out}`);
