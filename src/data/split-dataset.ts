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
  /**
   * What must stay together, such as the document that a question is on: all examples of a group are in one part. The sizes of the parts, and their
   * shares of each kind, are then as close to the fractions as the groups allow.
   * @default each example is a group
   */
  readonly groupBy?: (example: Example<X, Info>) => string | number | boolean | null;
}

/**
 * Divides the examples at random, by seed: every example goes to exactly one part, and each part keeps the order of the dataset.
 *
 * The sizes are the fractions of the whole, rounded so that they add up (largest remainder, the earlier part first);
 * they do not depend on the seed or on `stratifyBy`. Groups are kept whole, so `groupBy` only comes close to them.
 *
 * @param fractions - by name, or as a list; each above 0, together 1
 * @returns the parts, by the same names or in the same order
 * @throws InvalidArgumentError when the fractions do not add up to 1, or leave a part without an example, or there are fewer groups than parts.
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
  const functions = { stratifyBy: functionLike("(example) => kind"), groupBy: functionLike("(example) => group") };
  checkTable(options, { seed: seedRule, ...functions }, "splitDataset");
  const { seed = 0, stratifyBy = () => null, groupBy } = options;
  const examples = toDataset(dataset);
  const names = Object.keys(fractions);
  const sizes = partSizes(examples.length, names, Object.values(fractions));

  const random = new Random(seed, "split");
  const kinds = strata(examples, stratifyBy);
  const parts =
    groupBy === undefined
      ? dealExamples(kinds, sizes, random)
      : dealGroups(
          strata(examples, groupBy).map(([, indices]) => indices),
          { kinds, sizes, names, random },
        );

  const datasets = parts.map((indices) => indices.sort((a, b) => a - b).map((index) => examples[index] as Example<X, Info>));
  const result = Array.isArray(fractions) ? datasets : Object.fromEntries(names.map((name, part) => [name, datasets[part]]));
  return result as { -readonly [Part in keyof Fractions]: Dataset<X, Info> };
}

function dealExamples(kinds: Strata, sizes: readonly number[], random: Random): number[][] {
  const parts: number[][] = sizes.map(() => []);
  const order = kinds.flatMap(([kind, indices]) => random.fork(kind).shuffle(indices));
  for (const [position, index] of order.entries()) neediest(parts, sizes, position + 1, order.length).push(index);
  return parts;
}

interface GroupDealing {
  readonly kinds: Strata;
  readonly sizes: readonly number[];
  readonly names: readonly string[];
  readonly random: Random;
}

/** Large groups first, each to the part that lacks most of what is in it. */
function dealGroups(groups: readonly (readonly number[])[], { kinds, sizes, names, random }: GroupDealing): number[][] {
  if (groups.length < sizes.length) {
    throw new InvalidArgumentError(
      `Expected at least as many groups as parts, got ${groups.length} groups for ${names.join(", ")}`,
    );
  }
  const total = sizes.reduce((left, right) => left + right, 0);
  const kindOf = new Map(kinds.flatMap(([, indices], kind) => indices.map((index) => [index, kind] as const)));
  // By part and kind: how many are still wanted.
  const lacks = sizes.map((size) => kinds.map(([, indices]) => (size * indices.length) / total));
  const parts: number[][] = sizes.map(() => []);
  const order = random.shuffle(groups).sort((a, b) => b.length - a.length);
  for (const [position, group] of order.entries()) {
    const empty = parts.filter(({ length }) => length === 0).length;
    // What is left is just enough for each part to have something.
    const isReserved = order.length - position <= empty;
    let best = 0;
    let most = -Infinity;
    for (const [part, { length }] of parts.entries()) {
      if (isReserved && length > 0) continue;
      const own = lacks[part] as number[];
      const need = group.reduce((sum, index) => sum + (own[kindOf.get(index) as number] as number), 0) / group.length;
      // Of equals the one that is the furthest from its size, as a share of it.
      const share = 1 - length / (sizes[part] as number);
      if (need + share * 1e-6 > most) [best, most] = [part, need + share * 1e-6];
    }
    for (const index of group) {
      (parts[best] as number[]).push(index);
      (lacks[best] as number[])[kindOf.get(index) as number]! -= 1;
    }
  }
  return parts;
}

function partSizes(total: number, names: readonly string[], fractions: readonly number[]): number[] {
  const sum = fractions.reduce((left, right) => left + right, 0);
  if (!fractions.every((fraction) => fraction > 0) || !(Math.abs(sum - 1) < 1e-9)) {
    throw new InvalidArgumentError(
      `Expected fractions above 0 that add up to 1, got ${describeValue(fractions)}, which add up to ${sum}`,
    );
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

/** Examples by kind. */
type Strata = readonly (readonly [kind: string, indices: readonly number[]])[];

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
