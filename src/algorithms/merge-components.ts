/**
 * Merging two candidates by their common ancestor: what one of them has changed since is taken from that one.
 *
 * @module
 */
import { type JsonValue, jsonEqual } from "../data/json.ts";
import type { Candidate } from "../graph/with-values.ts";
import type { Archive, Entry, Step } from "../search/search.ts";
import { meansOn } from "./standing.ts";

/** What is remembered of merges, so that none is made twice. Ids of entries. */
export type MergeMemo = {
  /** Those that were tried: both candidates and their ancestor. */
  readonly tried: readonly (readonly [first: string, second: string, ancestor: string])[];
  /** What was taken from which candidate, parameter by parameter. */
  readonly made: readonly (readonly [first: string, second: string, from: readonly string[]])[];
};

/** What a merge is chosen from. */
export interface MergeParts {
  /** All candidates that count, oldest first. */
  readonly pool: readonly Entry[];
  /** Those that may be merged. */
  readonly candidates: readonly Entry[];
  readonly meanOf: (entry: Entry) => number;
  /** Whether two candidates were scored on enough of the same examples to be compared. */
  readonly areComparable: (first: Entry, second: Entry) => boolean;
  readonly memo: MergeMemo;
}

/** A merge that is to be tested. */
export interface Merge {
  readonly parents: readonly [Entry, Entry];
  readonly values: Candidate;
  readonly memo: MergeMemo;
}

/** Two candidates, the older first, and an ancestor of both. */
type Triplet = readonly [first: Entry, second: Entry, ancestor: Entry];

const mostAttempts = 10;
/** Validation examples that a merge is tested on. */
const mergeTestSize = 5;

/**
 * Draws two candidates, neither an ancestor of the other, and a common ancestor that is no better than either and of which one of them has
 * kept a parameter that the other has changed. Of each parameter the merge takes what was changed; where both have changed it, that of the
 * better one, of equals either. `undefined` when no such pair is found that was not merged before.
 */
export function chooseMerge(step: Step, parts: MergeParts): Merge | undefined {
  const { pool, candidates, meanOf, areComparable, memo } = parts;
  if (candidates.length < 2 || pool.length < 3) return undefined;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const found = drawTriplet(step, parts);
    if (found === undefined) continue;
    const [first, second, ancestor] = found;
    const sources = step.parameters.map((path): Entry => {
      const [a, b, before] = valuesAt(found, path);
      if (jsonEqual(b, before)) return first;
      if (jsonEqual(a, before)) return second;
      const difference = meanOf(first) - meanOf(second);
      if (difference === 0) return step.random.choice([first, second]);
      return difference > 0 ? first : second;
    });
    const from = sources.map(({ id }) => id);
    const isMade = memo.made.some(([a, b, other]) => a === first.id && b === second.id && jsonEqual(other, from));
    if (isMade || !areComparable(first, second)) continue;
    const changed = step.parameters.map((path, index) => [path, sources[index]?.values[path] ?? null] as const);
    return {
      parents: [first, second],
      values: { ...ancestor.values, ...Object.fromEntries(changed) },
      memo: {
        tried: [...memo.tried, [first.id, second.id, ancestor.id]],
        made: [...memo.made, [first.id, second.id, from]],
      },
    };
  }
  return undefined;
}

/** The merge, when it is as good as the better of its parents on a few examples where they differ, and where they do not. */
export async function testedMerge(step: Step, { parents, values }: Merge, pool: readonly Entry[]): Promise<Entry | undefined> {
  const { archive, validation, random } = step;
  const [first, second] = parents;
  const child = step.add(values, parents, "merge");
  const examples = scoredTogether(step, parents);
  const scoreOn = (entry: Entry, example: number): number =>
    meansOn(step.archive, [entry], { ...validation, examples: [example] })(entry);
  const gains = new Map(examples.map((example) => [example, scoreOn(first, example) - scoreOn(second, example)]));
  const kinds = [(gain: number) => gain > 0, (gain: number) => gain < 0, (gain: number) => gain === 0];
  const test: number[] = [];
  for (const isKind of kinds) {
    const able = examples.filter((example) => isKind(gains.get(example) as number));
    const count = Math.min(able.length, Math.ceil(mergeTestSize / kinds.length), mergeTestSize - test.length);
    if (count > 0) test.push(...random.sample(able, count));
  }
  const unused = examples.filter((example) => !test.includes(example));
  const more = Math.min(unused.length, mergeTestSize - test.length);
  if (more > 0) test.push(...random.sample(unused, more));
  const on = { ...validation, examples: test };
  await step.score([child], on);
  const scores = archive.compare([child, ...parents], on);
  const [own, ...others] = scores.map((score) => score ?? Number.NEGATIVE_INFINITY) as [number, number, number];
  return scores[0] !== null && own >= Math.max(...others) && !pool.includes(child) ? child : undefined;
}

/** The validation examples that all of these were scored on. */
export function scoredTogether({ archive, validation }: Step, entries: readonly Entry[]): number[] {
  return validation.examples.filter((example) => {
    return entries.every((entry) => archive.mean(entry, { ...validation, examples: [example] }) !== null);
  });
}

/** Two candidates, the older first, and an ancestor of both, drawn in proportion to its mean. */
function drawTriplet(step: Step, parts: MergeParts): Triplet | undefined {
  const { pool, candidates, meanOf } = parts;
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const drawn = step.random.sample(candidates, 2);
    const [first, second] = drawn.sort((a, b) => pool.indexOf(a) - pool.indexOf(b)) as [Entry, Entry];
    const [ofFirst, ofSecond] = [ancestorsOf(step.archive, first), ancestorsOf(step.archive, second)];
    if (ofFirst.has(second) || ofSecond.has(first)) continue;
    const able = pool.filter((entry) => {
      return ofFirst.has(entry) && ofSecond.has(entry) && isUseful(step, parts, [first, second, entry]);
    });
    if (able.length === 0) continue;
    return [first, second, able[step.random.weightedIndex(weightsOf(able.map(meanOf)))] as Entry];
  }
  return undefined;
}

/** Whether the ancestor was not used with the pair, is no better than either, and one of them has kept what the other has changed. */
function isUseful({ parameters }: Step, { meanOf, memo }: MergeParts, triplet: Triplet): boolean {
  const [first, second, ancestor] = triplet;
  const ids = triplet.map(({ id }) => id);
  if (memo.tried.some((tried) => jsonEqual(tried, ids))) return false;
  if (meanOf(ancestor) > Math.min(meanOf(first), meanOf(second))) return false;
  return parameters.some((path) => {
    const [a, b, before] = valuesAt(triplet, path);
    return !jsonEqual(a, b) && (jsonEqual(a, before) || jsonEqual(b, before));
  });
}

function valuesAt(triplet: Triplet, path: string): readonly [JsonValue, JsonValue, JsonValue] {
  const [first, second, ancestor] = triplet.map(({ values }) => values[path] ?? null);
  return [first ?? null, second ?? null, ancestor ?? null];
}

function ancestorsOf(archive: Archive, entry: Entry, found: Set<Entry> = new Set()): ReadonlySet<Entry> {
  for (const id of entry.parents) {
    const parent = archive.get(id);
    if (found.has(parent)) continue;
    found.add(parent);
    ancestorsOf(archive, parent, found);
  }
  return found;
}

/** Means as weights; all alike where a mean is negative or none is positive. */
function weightsOf(means: readonly number[]): number[] {
  const isWeight = means.every((mean) => mean >= 0 && Number.isFinite(mean)) && means.some((mean) => mean > 0);
  return means.map((mean) => (isWeight ? mean : 1));
}
