/**
 * Datasets: lists of examples, each an input with what the guide should know about it.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue, isPlainObject } from "./json.ts";

/** One example: what the agent receives, and what only the guide receives (a reference answer, or anything else). */
export interface Example<X, Info> {
  readonly input: X;
  readonly info: Info;
}

/** Examples in a fixed order; an example is known by its index. */
export type Dataset<X, Info> = readonly Example<X, Info>[];

/** What every function that wants a dataset accepts: examples, or inputs and infos side by side. */
export type DatasetLike<X, Info> = Dataset<X, Info> | { readonly inputs: readonly X[]; readonly infos: readonly Info[] };

/**
 * Turns either form of a dataset into examples.
 *
 * @param name - what to call it in messages, such as `trainDataset`
 * @throws InvalidArgumentError when it is empty, its two lists differ in length, or an element is not an example.
 *
 * @example
 * ```ts
 * toDataset({ inputs: ["2+2", "3+3"], infos: [4, 6] });
 * // [{ input: "2+2", info: 4 }, { input: "3+3", info: 6 }]
 * ```
 */
export function toDataset<X, Info>(like: DatasetLike<X, Info>, name = "dataset"): Dataset<X, Info> {
  const dataset: Dataset<X, Info> = Array.isArray(like) ? checkExamples(like as Dataset<X, Info>, name) : pairUp(like, name);
  if (dataset.length > 0) return dataset;
  throw new InvalidArgumentError(`Expected \`${name}\` to have at least one example, got ${describeValue(like)}`);
}

function checkExamples<X, Info>(examples: Dataset<X, Info>, name: string): Dataset<X, Info> {
  // Counted by hand, because `forEach` and its kin skip the holes of a sparse array.
  for (let index = 0; index < examples.length; index += 1) {
    const example: unknown = examples[index];
    const lacks =
      typeof example === "object" && example !== null ? ["input", "info"].filter((key) => !(key in example)) : undefined;
    if (lacks?.length === 0) continue;
    throw new InvalidArgumentError(
      `Expected \`${name}[${index}]\` to be { input, info }, got ${describeValue(example)}${lacks ? ` without \`${lacks.join("` and `")}\`` : ""}${lacks?.includes("info") ? "; `info: null` where nothing is known about the input" : ""}`,
    );
  }
  return examples;
}

function pairUp<X, Info>(like: unknown, name: string): Dataset<X, Info> {
  if (!isPlainObject(like) || !Array.isArray(like.inputs) || !Array.isArray(like.infos)) {
    throw new InvalidArgumentError(
      `Expected \`${name}\` to be a list of { input, info }, or { inputs, infos } with two lists, got ${describeValue(like)}`,
    );
  }
  const { inputs, infos } = like as { inputs: readonly X[]; infos: readonly Info[] };
  if (inputs.length !== infos.length) {
    throw new InvalidArgumentError(
      `Expected \`${name}\` to have as many infos as inputs, got ${inputs.length} inputs and ${infos.length} infos`,
    );
  }
  return inputs.map((input, index) => ({ input, info: infos[index] as Info }));
}
