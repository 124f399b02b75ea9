/**
 * How far candidates are apart, by their texts: what is almost the same need not be measured again.
 *
 * @module
 */
import { editDistance } from "../data/edit-distance.ts";
import { canonicalJson, type JsonValue } from "../data/json.ts";
import type { Entry } from "../search/search.ts";

/** Longer texts are compared by their words. */
const mostCharacters = 400;

/** From 0 for equal values to 1: the share of the text that differs, of the parameters that are not equal in both. */
export function candidateDistance(a: Entry, b: Entry): number {
  let [edits, length] = [0, 0];
  for (const path of new Set([...Object.keys(a.values), ...Object.keys(b.values)])) {
    const [own, other] = [plainText(a.values[path]), plainText(b.values[path])];
    const isLong = Math.max(own.length, other.length) > mostCharacters;
    const [first, second] = [own, other].map((text): ArrayLike<string> => (isLong ? text.split(/\s+/) : text)) as [
      ArrayLike<string>,
      ArrayLike<string>,
    ];
    // In characters, so that parameters weigh by their length.
    const scale = isLong ? Math.max(own.length, other.length) / Math.max(1, first.length, second.length) : 1;
    edits += own === other ? 0 : editDistance(first, second) * scale;
    length += Math.max(own.length, other.length);
  }
  return length === 0 ? 0 : edits / length;
}

/**
 * The new candidates that are farther than `least` from all known ones and from each other: again and again the one that is the farthest from
 * all that are kept (an ε-net). Equal candidates are never kept twice.
 */
export function distinctCandidates(fresh: readonly Entry[], known: readonly Entry[], least: number): readonly Entry[] {
  const kept: Entry[] = [];
  let left = [...new Set(fresh)].filter((entry) => !known.includes(entry));
  const nearest = new Map(left.map((entry) => [entry, Math.min(1, ...known.map((other) => candidateDistance(entry, other)))]));
  while (left.length > 0) {
    const farthest = left.reduce((best, entry) => ((nearest.get(entry) ?? 0) > (nearest.get(best) ?? 0) ? entry : best));
    if ((nearest.get(farthest) ?? 0) <= least) break;
    kept.push(farthest);
    left = left.filter((entry) => entry !== farthest);
    for (const entry of left) nearest.set(entry, Math.min(nearest.get(entry) ?? 0, candidateDistance(entry, farthest)));
  }
  return fresh.filter((entry, at) => kept.includes(entry) && fresh.indexOf(entry) === at);
}

function plainText(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : canonicalJson(value);
}
