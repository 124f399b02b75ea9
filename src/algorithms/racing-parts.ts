/**
 * Parts of racing search: who is improved beside the leaders, who is merged with them, and which children are measured further.
 *
 * @module
 */
import { mean } from "../data/scores.ts";
import type { Entry, Sample, Step } from "../search/search.ts";
import type { ScoreRow } from "./two-way-estimates.ts";

/** How many gains it takes to judge by them. */
const leastGains = 10;

/** In turn the newest candidate, and one that is the best on one example after the other, in random order, of those that were scored there. */
export function specialistOf(
  { iteration, random, validation, archive }: Step,
  live: readonly Entry[],
  rows: ReadonlyMap<Entry, ScoreRow>,
): Entry | undefined {
  if (iteration % 2 === 0) return archive.entries.findLast((entry) => live.includes(entry));
  let left = live;
  for (const example of random.shuffle(validation.examples)) {
    if (left.length <= 1) break;
    const scores = left.map((entry) => rows.get(entry)?.get(example));
    const best = scores.reduce<number>((most, score) => Math.max(most, score ?? most), Number.NEGATIVE_INFINITY);
    const winners = left.filter((_, at) => scores[at] === undefined || scores[at] === best);
    if (winners.length > 0) left = winners;
  }
  return left[0];
}

/** The candidate that is better than the leader on most of the examples that both were scored on; `undefined` when none is on any. */
export function complementOf(leader: Entry, live: readonly Entry[], rows: ReadonlyMap<Entry, ScoreRow>): Entry | undefined {
  const own = rows.get(leader) ?? new Map<number, number>();
  const winsOf = (entry: Entry): number =>
    [...(rows.get(entry) ?? [])].filter(([example, score]) => score > (own.get(example) ?? score)).length;
  const [best] = live.filter((entry) => entry !== leader && winsOf(entry) > 0).sort((a, b) => winsOf(b) - winsOf(a));
  return best;
}

/** The children that are good enough on the batch that they were learned from, with their parents. */
export async function screened(
  step: Step,
  pairs: readonly (readonly [child: Entry, parent: Entry])[],
  on: Sample,
  screen: "better" | "as-good" | "none",
): Promise<readonly (readonly [child: Entry, parent: Entry])[]> {
  if (screen === "none") return pairs;
  await step.score(
    pairs.map(([child]) => child),
    on,
  );
  return pairs.filter(([child, parent]) => {
    const [before, after] = step.archive.compare([parent, child], on) as [number | null, number | null];
    return before !== null && after !== null && (screen === "better" ? after > before : after >= before);
  });
}

/** Whether children that passed the screen were better than their parents, by more than a standard error. */
export function arePaying(gains: readonly number[]): boolean {
  if (gains.length < leastGains) return false;
  const average = mean(gains) as number;
  const variance = gains.reduce((sum, gain) => sum + (gain - average) ** 2, 0) / (gains.length - 1);
  return average > Math.sqrt(variance / gains.length);
}
