/**
 * Datasets: lists of examples, each an input with what the guide should know about it; and the examples that several of them share.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { describeValue, isPlainObject, textOf } from "./json.ts";

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

/** Where an example is. */
export interface ExamplePlace {
  /** The name of the dataset. */
  readonly dataset: string;
  readonly index: number;
}

/** An input that two datasets share. */
export interface SharedExample {
  readonly first: ExamplePlace;
  readonly second: ExamplePlace;
  /** Whether the inputs are the same, or are texts that only differ in case, punctuation, accents composed differently, and whitespace. */
  readonly kind: "exact" | "near";
}

/**
 * The inputs of each dataset that an earlier one has, too: exactly, or nearly (texts that are the same in lower case without punctuation and whitespace, as
 * far as these do not change what numbers and formulas say). The infos do not count. Within one dataset examples may repeat.
 *
 * @param datasets by name, in the order in which they are compared; a dataset that is another one's own list is not compared with it
 * @throws InvalidArgumentError for what is not a dataset
 * @example
 * const shared = sharedExamples({ train, test });
 * if (shared.length > 0) console.warn(`${shared.length} test examples are in the training data`, shared[0]);
 */
export function sharedExamples(datasets: Readonly<Record<string, DatasetLike<unknown, unknown>>>): readonly SharedExample[] {
  const seen: { readonly of: object; readonly exact: Map<string, ExamplePlace>; readonly near: Map<string, ExamplePlace> }[] = [];
  const shared: SharedExample[] = [];
  for (const [name, like] of Object.entries(datasets)) {
    const own = { of: like, exact: new Map<string, ExamplePlace>(), near: new Map<string, ExamplePlace>() };
    const others = seen.filter(({ of }) => of !== like);
    for (const [index, { input }] of toDataset(like, name).entries()) {
      const text = textOf(input);
      // Of data every character counts.
      const plain = typeof input === "string" ? nearText(input) : "";
      const second = { dataset: name, index };
      const exact = others.map((other) => other.exact.get(text)).find((place) => place !== undefined);
      const near = plain === "" ? undefined : others.map((other) => other.near.get(plain)).find((place) => place !== undefined);
      if (exact !== undefined) shared.push({ first: exact, second, kind: "exact" });
      else if (near !== undefined) shared.push({ first: near, second, kind: "near" });
      if (!own.exact.has(text)) own.exact.set(text, second);
      if (!own.near.has(plain)) own.near.set(plain, second);
    }
    seen.push(own);
  }
  return shared;
}

/** A sentence about shared examples; `undefined` where there are none. */
export function describeShared(shared: readonly SharedExample[]): string | undefined {
  const [one] = shared;
  if (one === undefined) return undefined;
  const { first, second, kind } = one;
  const same = kind === "exact" ? "the same as" : "nearly the same as";
  const others = shared.length === 1 ? "" : `, and ${shared.length - 1} more are shared in this way`;
  return `Example ${second.index} of \`${second.dataset}\` is ${same} example ${first.index} of \`${first.dataset}\`${others}. Scores on shared examples say nothing about new ones; split by group, or remove them`;
}

/** What is left of a text when case, punctuation and whitespace do not count; of one without letters and digits the characters. */
function nearText(text: string): string {
  const plain = text.normalize("NFKC").toLowerCase();
  const left = plain.replace(punctuation, (run: string, at: number) => meantBy(run, plain[at - 1], plain[at + run.length]));
  return left || plain.replace(/\s+/g, "");
}

/** Symbols, such as those of formulas, are none; a backtick is a quotation mark. */
const punctuation = /(?:[^\p{L}\p{N}\p{M}\p{S}]|`)+/gu;

/** What of punctuation and whitespace belongs to a number or a formula: what separates digits, signs, decimal points, percent, `a*b`. */
function meantBy(run: string, before = "", after = ""): string {
  const marks = run.replace(/\s+/g, "");
  const isWord = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);
  const isDigit = (character: string): boolean => /\p{N}/u.test(character);
  if (isDigit(before) && isDigit(after)) return marks || " ";
  if (/^[*/]$/.test(marks) && isWord(before) && isWord(after)) return marks;
  if (isDigit(before) && marks.startsWith("%")) return "%";
  if (!isDigit(after)) return "";
  const dash = /[-\u2010-\u2015]\s*$/.exec(run);
  // A hyphen belongs to its word: GPT-4.
  if (dash !== null) return dash.index === 0 && isWord(before) ? "" : "-";
  return run.endsWith(".") ? "." : "";
}
