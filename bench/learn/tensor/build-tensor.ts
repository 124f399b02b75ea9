/**
 * Makes a tensor: proposes prompts from prompts, then scores all of them. Everything done is on record, so an interrupted build resumes.
 *
 * @module
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { batchify, type Candidate, evaluate, type ModelLike, OptoPrime, standardOptimizationStep } from "opto";
import { Random } from "opto/data";
import { toGuide } from "opto/guides";
import { startOf } from "../fixed-values.ts";
import type { AnyTask, Row } from "../tasks/task.ts";
import { type ReplyLimits, tokenLimits } from "../token-limits.ts";
import { digitOf, type Tensor, type TensorPrompt, tensorOf } from "./tensor.ts";

/** What is built. */
export interface BuildOptions {
  readonly task: AnyTask;
  readonly rows: readonly Row[];
  readonly taskModel: ModelLike;
  readonly optimizerModel: ModelLike;
  /** The names of the models, for the record. */
  readonly names: { readonly task: string; readonly optimizer: string };
  /** Of the optimizer model, in tokens. @default none */
  readonly limits?: ReplyLimits | undefined;
  readonly numPrompts: number;
  readonly numExamples: number;
  readonly numSamples: number;
  /** Of the answers. Samples of an example differ only above 0. */
  readonly temperature: number;
  /** The folder of the record. */
  readonly folder: string;
  readonly seed: number;
  /** Is shown what was done. */
  readonly progress: (line: string) => void;
}

/** Examples whose feedback a proposal rests on. */
const batchSize = 4;
/** Attempts to get a new prompt from one parent. */
const mostAttempts = 5;

/** Proposes, scores, and packs. */
export async function buildTensor(options: BuildOptions): Promise<Tensor> {
  mkdirSync(options.folder, { recursive: true });
  const random = new Random(options.seed, "tensor");
  const rows = random.shuffle(options.rows).slice(0, options.numExamples + 10 * batchSize);
  const [scored, shown] = [rows.slice(0, options.numExamples), rows.slice(options.numExamples)];
  const prompts = await proposedPrompts(options, shown.length >= batchSize ? shown : scored, random.fork("proposals"));
  const scores = await scoredPrompts(options, prompts, scored);
  const { task, optimizer } = options.names;
  const origin = { task: options.task.id, taskModel: task, optimizerModel: optimizer, isSimulated: false };
  return tensorOf({ origin, prompts, scores, numExamples: scored.length, numSamples: options.numSamples });
}

/** The start, what a person wrote, and then a child of any earlier prompt after the other. */
async function proposedPrompts(options: BuildOptions, shown: readonly Row[], random: Random): Promise<TensorPrompt[]> {
  const { task, numPrompts, folder, progress } = options;
  const file = join(folder, "prompts.jsonl");
  const prompts = readLines<TensorPrompt>(file);
  const add = (prompt: TensorPrompt): void => {
    appendFileSync(file, `${JSON.stringify(prompt)}\n`);
    prompts.push(prompt);
  };
  const start = startOf(task);
  if (prompts.length === 0) add({ parent: null, values: start });
  if (prompts.length === 1 && task.handWritten !== undefined) add({ parent: 0, values: { ...start, ...task.handWritten } });
  for (let number = prompts.length; number < numPrompts; number++) {
    for (let attempt = 0; ; attempt++) {
      const own = random.fork(`${number}/${attempt}`);
      const parent = own.integer(0, prompts.length - 1);
      const values = await proposalFrom(options, prompts[parent]?.values ?? start, own.sample(shown, batchSize));
      const isNew = !prompts.some((other) => JSON.stringify(other.values) === JSON.stringify(values));
      // A weak model may have nothing new to say: the same prompt again is then one that was proposed.
      if (!isNew && attempt + 1 < mostAttempts) continue;
      add({ parent, values });
      break;
    }
    progress(`prompt ${number + 1} of ${numPrompts}`);
  }
  return prompts.slice(0, numPrompts);
}

async function proposalFrom(options: BuildOptions, values: Candidate, rows: readonly Row[]): Promise<Candidate> {
  const { task, taskModel, optimizerModel } = options;
  const agent = task.agent({ model: taskModel, trainsDemonstrations: false });
  agent.apply(values);
  const optimizer = new OptoPrime(agent, { model: optimizerModel, ...tokenLimits(options.limits) });
  const guide = toGuide(task.guide);
  const outputs = await Promise.all(rows.map(({ input, info }) => standardOptimizationStep(agent, input, guide, info)));
  optimizer.zeroFeedback();
  optimizer.backward(
    batchify(...outputs.map(({ target }) => target)),
    outputs.map(({ feedback }, at) => `ID [${at}]: ${feedback}`).join("\n"),
  );
  return { ...values, ...(await optimizer.step({ bypassing: true })) };
}

/** The digits of each prompt. A prompt is on record once all its examples have been scored. */
async function scoredPrompts(options: BuildOptions, prompts: readonly TensorPrompt[], rows: readonly Row[]): Promise<string[]> {
  const { task, taskModel, numSamples, temperature, folder, progress } = options;
  const file = join(folder, "scores.jsonl");
  const digits = readLines<string>(file);
  const [xs, infos] = [rows.map(({ input }) => input), rows.map(({ info }) => info)];
  for (const { values = {} } of prompts.slice(digits.length)) {
    const samples: (readonly (number | null)[])[] = [];
    for (let seed = 0; seed < numSamples; seed++) {
      const agent = task.agent({ model: taskModel, trainsDemonstrations: false, sampling: { temperature, seed } });
      agent.apply(values);
      const { scores, unscored } = await evaluate(agent, task.guide, xs, infos, { numThreads: 1 });
      if (unscored > 0) throw new Error(`The model has not answered on ${unscored} examples. Run the same command again`);
      samples.push(scores);
    }
    const own = rows.map((_, at) => samples.map((scores) => digitOf(scores[at] ?? 0)).join("")).join("");
    appendFileSync(file, `${JSON.stringify(own)}\n`);
    digits.push(own);
    progress(`scored ${digits.length} of ${prompts.length} prompts`);
  }
  return digits.slice(0, prompts.length);
}

function readLines<Line>(file: string): Line[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Line);
}
