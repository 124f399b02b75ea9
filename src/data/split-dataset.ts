/**
 * Splitting a dataset into parts, such as train, validation and test.
 *
 * @module
 */
import { InvalidArgumentError } from "../errors.ts";
import { type Dataset, type DatasetLike, type Example, toDataset } from "./dataset.ts";
import { describeValue } from "./json.ts";
import { functionLike } from "./option-table.ts";
import { checkTable } from "./options.ts";
import { Random, type Seed, seedRule } from "./random.ts";

/** Options of `splitDataset`. */
export interface SplitDatasetOptions<X, Info> {
  /**
   * Decides which examples go where.
   * @default 0
   */
  readonly seed?: Seed;
  /**
   * The kind of an example, such as its label. Every part then gets its share of every kind, to within two examples.
   * @default all examples are of one kind
   */
  readonly stratifyBy?: (example: Example<X, Info>) => string | number | boolean | null;
}

/**
 * Deals the examples out by seed: every example goes to exactly one part, and a part keeps the order of the dataset.
 *
 * The sizes are the fractions of the whole, rounded so that they add up (largest remainder, the earlier part first);
 * they do not depend on the seed or on `stratifyBy`.
 *
 * @param fractions - by name, or as a list; each above 0, together 1
 * @returns the parts, by the same names or in the same order
 * @throws InvalidArgumentError when the fractions do not add up to 1, or leave a part without an example.
 *
 * @example
 * ```ts
 * const { train, test } = splitDataset(mails, { train: 0.8, test: 0.2 }, { seed: 7, stratifyBy: (mail) => mail.info });
 * ```
 */
export function splitDataset<X, Info, const Fractions extends Readonly<Record<string, number>> | readonly number[]>(
  dataset: DatasetLike<X, Info>,
  fractions: Fractions,
  options: SplitDatasetOptions<X, Info> = {},
): { -readonly [Part in keyof Fractions]: Dataset<X, Info> } {
  checkTable(options, { seed: seedRule, stratifyBy: functionLike("(example) => kind") }, "splitDataset");
  const { seed = 0, stratifyBy = () => null } = options;
  const examples = toDataset(dataset);
  const names = Object.keys(fractions);
  const sizes = partSizes(examples.length, names, Object.values(fractions));

  const random = new Random(seed, "split");
  const order = strata(examples, stratifyBy).flatMap(([kind, indices]) => random.fork(kind).shuffle(indices));
  const parts: number[][] = sizes.map(() => []);
  for (const [position, index] of order.entries()) {
    neediest(parts, sizes, position + 1, examples.length).push(index);
  }

  const datasets = parts.map((indices) => indices.sort((a, b) => a - b).map((index) => examples[index] as Example<X, Info>));
  const result = Array.isArray(fractions) ? datasets : Object.fromEntries(names.map((name, part) => [name, datasets[part]]));
  return result as { -readonly [Part in keyof Fractions]: Dataset<X, Info> };
}

function partSizes(total: number, names: readonly string[], fractions: readonly number[]): number[] {
  const sum = fractions.reduce((left, right) => left + right, 0);
  if (!fractions.every((fraction) => fraction > 0) || !(Math.abs(sum - 1) < 1e-9)) {
    throw new InvalidArgumentError(`Expected fractions above 0 with the sum 1, got ${describeValue(fractions)} with ${sum}`);
  }
  const sizes = fractions.map((fraction) => Math.floor(fraction * total));
  const remainders = fractions.map((fraction, part) => fraction * total - sizes[part]!);
  const missing = total - sizes.reduce((left, right) => left + right, 0);
  const largestFirst = remainders.map((_, part) => part).sort((a, b) => remainders[b]! - remainders[a]!);
  for (const part of largestFirst.slice(0, missing)) sizes[part]! += 1;

  const empty = sizes.indexOf(0);
  if (empty === -1) return sizes;
  throw new InvalidArgumentError(
    `Expected every part to get at least one example, but ${fractions[empty]} of ${total} examples leaves \`${names[empty]}\` empty`,
  );
}

/** The indices of the examples of each kind, kinds in order of first appearance. */
function strata<X, Info>(
  examples: Dataset<X, Info>,
  stratifyBy: (example: Example<X, Info>) => string | number | boolean | null,
): [kind: string, indices: number[]][] {
  const byKind = new Map<string, number[]>();
  for (const [index, example] of examples.entries()) {
    const kind = JSON.stringify(stratifyBy(example));
    const indices = byKind.get(kind);
    if (indices === undefined) byKind.set(kind, [index]);
    else indices.push(index);
  }
  return [...byKind];
}

/**
 * The part furthest behind its share once `dealt` of `total` examples are out. Dealing one kind after another this way
 * keeps every part near its share at every moment, hence within each kind, and ends exactly at the sizes.
 */
function neediest(parts: number[][], sizes: readonly number[], dealt: number, total: number): number[] {
  let best = 0;
  let most = -Infinity;
  for (const [part, { length }] of parts.entries()) {
    // In whole numbers, so that rounding cannot overfill a part.
    const need = sizes[part]! * dealt - length * total;
    if (need > most) [best, most] = [part, need];
  }
  return parts[best]!;
}
