/**
 * A Tree-structured Parzen Estimator over choices: which combination to try next, by how those that were tried did.
 *
 * @module
 */
import type { Random } from "../data/random.ts";

/** A combination that was tried: the index of its choice in each dimension. */
export interface TriedChoices {
  readonly picks: readonly number[];
  /** More is better. */
  readonly score: number;
}

/** The share of combinations that counts as good, and what a choice counts for before it was tried. */
const [goodShare, prior] = [0.25, 0.5];
/** Combinations drawn where good ones are likely, of which the most promising is taken. */
const numDraws = 24;
/** Combinations that are tried at random before the model guides the search. */
const startupTrials = 4;

/**
 * A combination that was not tried: drawn where the choices of good ones are frequent, and most frequent in comparison with the others (Bergstra,
 * Bardenet, Bengio, Kégl 2011). `undefined` when none is found, which is so when all were tried.
 *
 * @param sizes how many choices each dimension has
 * @param excluded combinations that are not to be returned, besides those that were tried
 */
export function nextChoices(
  sizes: readonly number[],
  tried: readonly TriedChoices[],
  random: Random,
  excluded: readonly (readonly number[])[] = [],
): readonly number[] | undefined {
  const known = new Set([...tried.map(({ picks }) => picks), ...excluded].map(String));
  const total = sizes.reduce((product, size) => product * size, 1);
  if (known.size >= total) return undefined;
  const ordered = tried.toSorted((a, b) => b.score - a.score);
  const numGood = ordered.length < startupTrials ? 0 : Math.max(1, Math.ceil(goodShare * ordered.length));
  const [good, others] = [ordered.slice(0, numGood), numGood === 0 ? [] : ordered.slice(numGood)];
  const densities = sizes.map((size, dimension) => ({
    good: density(good, dimension, size),
    others: density(others, dimension, size),
  }));
  let best: { readonly picks: readonly number[]; readonly ratio: number } | undefined;
  for (let draw = 0; draw < numDraws; draw++) {
    const picks = densities.map((each) => random.weightedIndex(each.good));
    if (known.has(String(picks))) continue;
    const ratio = picks.reduce((sum, pick, dimension) => {
      const each = densities[dimension] as (typeof densities)[number];
      return sum + Math.log((each.good[pick] as number) / (each.others[pick] as number));
    }, 0);
    if (best === undefined || ratio > best.ratio) best = { picks, ratio };
  }
  return best?.picks ?? firstUntried(sizes, known, random);
}

/** How likely each choice of a dimension is. */
function density(tried: readonly TriedChoices[], dimension: number, size: number): number[] {
  const counts = new Array<number>(size).fill(prior);
  for (const { picks } of tried) {
    const pick = picks[dimension] as number;
    counts[pick] = (counts[pick] ?? 0) + 1;
  }
  const sum = counts.reduce((total, count) => total + count, 0);
  return counts.map((count) => count / sum);
}

/** What is left, where draws find nothing new: the next one from a random place on. */
function firstUntried(sizes: readonly number[], known: ReadonlySet<string>, random: Random): readonly number[] | undefined {
  const picks = sizes.map((size) => random.integer(0, size - 1));
  for (let step = 0; step <= known.size; step++) {
    if (!known.has(String(picks))) return picks;
    for (const [dimension, size] of sizes.entries()) {
      picks[dimension] = ((picks[dimension] as number) + 1) % size;
      if (picks[dimension] !== 0) break;
    }
  }
  return undefined;
}
