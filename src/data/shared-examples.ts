/**
 * `sharedExamples`: examples that are in more than one dataset, so that a score on one of them tells nothing about the other.
 *
 * @module
 */
import { type DatasetLike, toDataset } from "./dataset.ts";
import { textOf } from "./json.ts";

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
  /** Whether the inputs are the same, or only differ in case, punctuation, accents composed differently, and whitespace. */
  readonly kind: "exact" | "near";
}

/**
 * The inputs of each dataset that an earlier one has, too: exactly, or nearly (their texts in lower case without punctuation and whitespace are the same).
 * The infos do not count. Within one dataset examples may repeat.
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
      const plain = nearText(text);
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
  return plain.replace(/[^\p{L}\p{N}\p{M}]+/gu, "") || plain.replace(/\s+/g, "");
}
