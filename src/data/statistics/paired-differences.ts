/**
 * `pairedDifferences`: how much better one candidate is than another, example by example.
 *
 * @module
 */
import { InvalidArgumentError } from "../../errors.ts";
import { describeValue } from "../json.ts";

/** The scores of one candidate by example: a finite score, those of several samples, or `null` where there is none. */
export type ScoresByExample = readonly (number | readonly number[] | null)[];

/** What examples belong together, by example: the same customer, document, or conversation. Examples of a group are no independent evidence. */
export type ExampleGroups = readonly (string | number)[];

/** The difference of one example, more than 0 where the second candidate is better. */
export interface PairedDifference {
  /** Its place in the lists. */
  readonly example: number;
  readonly difference: number;
  /** What it belongs to; examples without groups are on their own. */
  readonly group: string | number;
}

/** Scores that differ by less than this share of the largest score are equal: sums in another order differ in their last digits. */
const roundingShare = 1e-12;

/**
 * The differences of the examples that both candidates have a score for. Several samples of an example are averaged first: they say more of
 * that example, and nothing of others.
 *
 * @throws InvalidArgumentError when the lists differ in length, or have what is no score
 */
export function pairedDifferences(before: ScoresByExample, after: ScoresByExample, groups?: ExampleGroups): PairedDifference[] {
  for (const [what, { length }] of Object.entries({ scores: after, groups: groups ?? before })) {
    if (length === before.length) continue;
    throw new InvalidArgumentError(`Expected ${what} of the same ${before.length} examples, got ${length}`);
  }
  const [from, to] = [before.map(exampleMean), after.map(exampleMean)];
  const largest = [...from, ...to].reduce<number>((most, score) => Math.max(most, Math.abs(score ?? 0)), 0);
  return from.flatMap((one, example) => {
    const other = to[example] ?? null;
    if (one === null || other === null) return [];
    const isEqual = Math.abs(other - one) <= roundingShare * largest;
    return [{ example, difference: isEqual ? 0 : other - one, group: groups?.[example] ?? example }];
  });
}

/** Examples that belong together. */
export interface Cluster {
  /** Of the differences of its examples. */
  readonly sum: number;
  readonly size: number;
}

/** Differences by group, in order of the first example of each. */
export function clustersOf(differences: readonly Pick<PairedDifference, "difference" | "group">[]): Cluster[] {
  const clusters = new Map<string | number, Cluster>();
  for (const { difference, group } of differences) {
    const { sum, size } = clusters.get(group) ?? { sum: 0, size: 0 };
    clusters.set(group, { sum: sum + difference, size: size + 1 });
  }
  return [...clusters.values()];
}

/** The mean difference of all examples in clusters. */
export function meanOfClusters(clusters: readonly Cluster[]): number {
  let [sum, size] = [0, 0];
  for (const cluster of clusters) {
    sum += cluster.sum;
    size += cluster.size;
  }
  return sum / size;
}

function exampleMean(scores: unknown, example: number): number | null {
  if (scores === null) return null;
  const samples: readonly unknown[] = Array.isArray(scores) ? scores : [scores];
  const sum = samples.reduce<number>((all, score) => all + finite(score, example), 0);
  return samples.length === 0 ? null : sum / samples.length;
}

function finite(score: unknown, example: number): number {
  if (typeof score === "number" && Number.isFinite(score)) return score;
  throw new InvalidArgumentError(
    `Expected the score of example ${example} to be a finite number, or \`null\` where there is none, got ${describeValue(score)}`,
  );
}
