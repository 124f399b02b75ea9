/**
 * `Tensor`: scores of many prompts on many examples, some times each, with which prompt was proposed from which.
 *
 * Searches are run over it in milliseconds: a proposal is a child on record, and a rollout is a look-up.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import type { Candidate } from "opto";

/** One prompt. */
export interface TensorPrompt {
  /** The prompt that it was proposed from; `null` for one that a person wrote. */
  readonly parent: number | null;
  /** Its slots; missing in a simulated tensor. */
  readonly values?: Candidate | undefined;
}

/** How a tensor came to be. */
export interface TensorOrigin {
  readonly task: string;
  readonly taskModel: string;
  readonly optimizerModel: string;
  /** Whether no model was asked for it. */
  readonly isSimulated: boolean;
}

/** Scores of prompts × examples × samples, all from 0 to 1. The first prompt is the start. */
export interface Tensor {
  readonly origin: TensorOrigin;
  readonly prompts: readonly TensorPrompt[];
  readonly numExamples: number;
  readonly numSamples: number;
  score(prompt: number, example: number, sample: number): number;
}

/** A tensor as its file has it. */
interface TensorFile {
  readonly origin: TensorOrigin;
  readonly numExamples: number;
  readonly numSamples: number;
  readonly prompts: readonly TensorPrompt[];
  /** For each prompt a digit for every example and sample: the score in ninths. */
  readonly scores: readonly string[];
}

/** A tensor of digits, the examples of a prompt one after the other, each with its samples. */
export function tensorOf({ origin, numExamples, numSamples, prompts, scores }: TensorFile): Tensor {
  for (const [at, digits] of scores.entries()) {
    if (!/^\d*$/.test(digits) || digits.length !== numExamples * numSamples) {
      throw new Error(
        `Expected prompt ${at} of the tensor to have ${numExamples * numSamples} digits, got ${digits.length} characters`,
      );
    }
  }
  if (scores.length !== prompts.length) throw new Error(`Expected scores of ${prompts.length} prompts, got ${scores.length}`);
  const score = (prompt: number, example: number, sample: number): number => {
    return Number(scores[prompt]?.[example * numSamples + sample]) / 9;
  };
  return { origin, prompts, numExamples, numSamples, score };
}

/** A score as a digit. */
export function digitOf(score: number): string {
  return String(Math.round(Math.min(1, Math.max(0, score)) * 9));
}

/** @throws Error when the file is missing or damaged */
export async function readTensor(path: string): Promise<Tensor> {
  return tensorOf(JSON.parse(await readFile(path, "utf8")) as TensorFile);
}

export async function writeTensor(path: string, tensor: Tensor): Promise<void> {
  const { origin, numExamples, numSamples, prompts, score } = tensor;
  const scores = prompts.map((_, prompt) => {
    const cells = Array.from({ length: numExamples * numSamples }, (_, at) => at);
    return cells.map((at) => digitOf(score(prompt, Math.floor(at / numSamples), at % numSamples))).join("");
  });
  const file: TensorFile = { origin, numExamples, numSamples, prompts, scores };
  await writeFile(path, `${JSON.stringify(file)}\n`);
}
