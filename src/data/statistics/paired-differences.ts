/**
 * `pairedDifferences`: how much better one candidate is than another, example by example.
 *
 * @module
 */
import { InvalidArgumentError } from "../../errors.ts";

/** The scores of one candidate by example: a score, those of several samples, or `null` where there is none. */
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

/**
 * The differences of the examples that both candidates have a score for. Several samples of an example are averaged first: they say more of
 * that example, and nothing of others.
 *
 * @throws InvalidArgumentError when the lists differ in length
 */
export function pairedDifferences(before: ScoresByExample, after: ScoresByExample, groups?: ExampleGroups): PairedDifference[] {
  for (const [what, { length }] of Object.entries({ scores: after, groups: groups ?? before })) {
    if (length === before.length) continue;
    throw new InvalidArgumentError(`Expected ${what} of the same ${before.length} examples, got ${length}`);
  }
  return before.flatMap((one, example) => {
    const [from, to] = [exampleMean(one), exampleMean(after[example] ?? null)];
    return from === null || to === null ? [] : [{ example, difference: to - from, group: groups?.[example] ?? example }];
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

function exampleMean(scores: ScoresByExample[number]): number | null {
  if (scores === null || typeof scores === "number") return scores;
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
