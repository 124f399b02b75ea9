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

/**
 * From 0 for equal values to 1: the share of the text that differs, of the parameters that are not equal in both.
 *
 * @param most where the distance is larger, some number above it is returned, which takes less time
 */
export function candidateDistance(a: Entry, b: Entry, most = 1): number {
  const pairs = Array.from(new Set([...Object.keys(a.values), ...Object.keys(b.values)]), (path) => {
    return [textIn(a, path), textIn(b, path)] as const;
  });
  const lengths = pairs.map(([own, other]) => Math.max(own.text.length, other.text.length));
  const length = lengths.reduce((sum, one) => sum + one, 0);
  const mostEdits = most * length;
  let edits = 0;
  for (const [at, [own, other]] of pairs.entries()) {
    if (own.text === other.text) continue;
    const longest = lengths[at] as number;
    const isLong = longest > mostCharacters;
    const [first, second] = isLong ? [wordsOf(own), wordsOf(other)] : [own.text, other.text];
    // In characters, so that parameters weigh by their length.
    const scale = isLong ? longest / Math.max(1, first.length, second.length) : 1;
    // One more, for what is lost in rounding.
    edits += editDistance(first, second, Math.floor((mostEdits - edits) / scale) + 1) * scale;
    if (edits > mostEdits) break;
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
  const nearest = new Map(left.map((entry) => [entry, distanceToNearest(entry, known)]));
  while (left.length > 0) {
    const farthest = left.reduce((best, entry) => ((nearest.get(entry) ?? 0) > (nearest.get(best) ?? 0) ? entry : best));
    if ((nearest.get(farthest) ?? 0) <= least) break;
    kept.push(farthest);
    left = left.filter((entry) => entry !== farthest);
    for (const entry of left) nearest.set(entry, distanceToNearest(entry, [farthest], nearest.get(entry)));
  }
  return fresh.filter((entry, at) => kept.includes(entry) && fresh.indexOf(entry) === at);
}

/** @param most known to be no more than this */
function distanceToNearest(entry: Entry, others: readonly Entry[], most = 1): number {
  return others.reduce((nearest, other) => Math.min(nearest, candidateDistance(entry, other, nearest)), most);
}

/** The text of a value, with its words once they were wanted. */
interface Text {
  readonly text: string;
  words?: readonly string[];
}

/** Each candidate is compared with many others. */
const texts = new WeakMap<Entry, Map<string, Text>>();

function textIn(entry: Entry, path: string): Text {
  const known = texts.get(entry) ?? new Map<string, Text>();
  texts.set(entry, known);
  const text = known.get(path) ?? { text: plainText(entry.values[path]) };
  known.set(path, text);
  return text;
}

function wordsOf(text: Text): readonly string[] {
  text.words ??= text.text.split(/\s+/);
  return text.words;
}

function plainText(value: JsonValue | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : canonicalJson(value);
}
