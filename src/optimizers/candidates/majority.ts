/**
 * The majority among candidates: the one in the middle of the largest group of similar ones.
 *
 * @module
 */
import { canonicalJson, type JsonValue, textOf } from "../../data/json.ts";
import type { Candidate } from "../../graph/with-values.ts";

/** Candidates that are less alike than this are not of one group. */
const leastSimilarity = 0.8;

/**
 * The place of the candidate that most agree with: candidates are joined into groups as long as any two in a group are
 * similar (complete linkage); of the largest group the one that is most similar to the others. Of equals the first.
 */
export function majority(candidates: readonly Candidate[]): number {
  const similarities = candidates.map((a) => candidates.map((b) => similarity(a, b)));
  const between = (a: number, b: number): number => similarities[a]?.[b] ?? 0;
  let groups: readonly (readonly number[])[] = candidates.map((_, place) => [place]);
  for (let joined = closest(groups, between); joined !== undefined; joined = closest(groups, between)) {
    const [first, second] = joined;
    groups = groups
      .filter((group) => group !== second)
      .map((group) => (group === first ? [...first, ...second].sort((a, b) => a - b) : group));
  }
  const largest = groups.reduce<readonly number[]>((best, group) => (group.length > best.length ? group : best), []);
  const closeness = (place: number): number => largest.reduce((sum, other) => sum + between(place, other), 0);
  return largest.reduce((best, place) => (closeness(place) > closeness(best) ? place : best), largest[0] ?? 0);
}

/** How alike two candidates are, from 0 to 1: the mean over all names that either has. */
export function similarity(a: Candidate, b: Candidate): number {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  if (names.size === 0) return 1;
  return [...names].reduce((sum, name) => sum + valueSimilarity(a[name], b[name]), 0) / names.size;
}

/** The two groups whose least similar members are most similar, if these are similar enough. */
function closest(
  groups: readonly (readonly number[])[],
  between: (a: number, b: number) => number,
): readonly [readonly number[], readonly number[]] | undefined {
  let best: readonly [readonly number[], readonly number[]] | undefined;
  let most = leastSimilarity;
  for (const [place, first] of groups.entries()) {
    for (const second of groups.slice(place + 1)) {
      const least = Math.min(...first.flatMap((a) => second.map((b) => between(a, b))));
      if (least > most || (least === most && best === undefined)) [best, most] = [[first, second], least];
    }
  }
  return best;
}

function valueSimilarity(a: JsonValue | undefined, b: JsonValue | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 1 : 0;
  if (canonicalJson(a) === canonicalJson(b)) return 1;
  // Numbers, choices and flags are the same or not; texts and structures may be nearly so.
  if ((typeof a !== "string" && typeof a !== "object") || typeof a !== typeof b) return 0;
  return overlap(pieces(textOf(a)), pieces(textOf(b)));
}

/** Every three characters in a row, with how often they come; works without words, too. */
function pieces(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const plain = `  ${text.toLowerCase().replace(/\s+/g, " ").trim()} `;
  for (let start = 0; start + 3 <= plain.length; start++) {
    const piece = plain.slice(start, start + 3);
    counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return counts;
}

/** The coefficient of Dice 1945, of multisets. */
function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let [shared, all] = [0, 0];
  for (const [piece, count] of a) {
    shared += Math.min(count, b.get(piece) ?? 0);
    all += count;
  }
  for (const count of b.values()) all += count;
  return (2 * shared) / all;
}
