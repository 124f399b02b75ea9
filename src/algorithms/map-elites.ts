/**
 * MAP-Elites on islands: the best candidate of each kind survives, where kinds are lengths and distances to the start; made for code.
 *
 * @module
 */

import { textLength } from "../data/json.ts";
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, Sample, SearchPolicy, Step } from "../search/search.ts";
import { candidateDistance, distinctCandidates } from "./candidate-distance.ts";
import { blockOf } from "./standing.ts";

/** Options of `mapElites`. */
export interface MapElitesOptions {
  /** Populations that evolve on their own, in turn, at least 1. @default 2 */
  readonly numIslands?: number | undefined;
  /** Proposals in each iteration, at least 1. @default 4 */
  readonly numProposals?: number | undefined;
  /** The probability that any candidate of the island is the parent, and not the better of two, from 0 to 1. @default 0.3 */
  readonly exploration?: number | undefined;
  /** The share of its text, from 0 to 1, in which a new candidate has to differ from every one of its island; 0 for any difference. @default 0.02 */
  readonly novelty?: number | undefined;
  /** Validation examples of the stages before the last one, which is all of them. @default [8] */
  readonly stages?: readonly number[] | undefined;
  /** Iterations after which the best of each island is also on the next one, at least 1. @default 10 */
  readonly migrateEvery?: number | undefined;
}

const mapElitesTable: OptionTable<MapElitesOptions> = {
  numIslands: wholeFrom(1),
  numProposals: wholeFrom(1),
  exploration: numberWithin({ least: 0, most: 1 }),
  novelty: numberWithin({ least: 0, most: 1 }),
  stages: {
    expected: "a list of whole numbers, at least 1",
    holds: (sizes) => Array.isArray(sizes) && sizes.every((size) => Number.isSafeInteger(size) && size >= 1),
  },
  migrateEvery: wholeFrom(1),
};

/** The candidate of each cell. */
type Island = { readonly [cell: string]: string };

type MapElitesMemo = {
  /** Decides the order of the validation examples; `null` before the first iteration. */
  readonly seed: number | null;
  readonly islands: readonly Island[];
};

/**
 * Improves a candidate of one island after the other. What is almost the same as a candidate of the island is not evaluated; what does worse than its parent on
 * the examples of a stage is not evaluated further. Candidates that were scored on all validation data take their cell if they are better than the
 * one in it. Cells do not depend on what else was tried, so that none goes stale. After MAP-Elites (Mouret, Clune 2015) and
 * AlphaEvolve (Novikov et al. 2025), where scores of different stages are compared with each other.
 */
export function mapElites(options: MapElitesOptions = {}): SearchPolicy<MapElitesMemo> {
  checkTable(options, mapElitesTable, "MapElites");
  const { numIslands = 2, numProposals = 4, exploration = 0.3, novelty = 0.02, stages = [8], migrateEvery = 10 } = options;
  return {
    name: "MapElites",
    settings: { numIslands, numProposals, exploration, novelty, stages: [...stages], migrateEvery },
    start: { seed: null, islands: [] },
    defaults: { batchSize: 4 },
    appetite: () => ({
      forward: 1,
      proposals: numProposals,
      scored: [
        ...stages.map((size) => ({ candidates: numProposals, on: size })),
        { candidates: numProposals + 1, on: "validation" },
      ],
    }),
    async iterate(given, memo) {
      const step = given as Step;
      const { archive, current, random, validation, iteration } = step;
      const seed = memo.seed ?? random.integer(0, 2 ** 32);
      const islands = Array.from({ length: numIslands }, (_, at) => new Map(Object.entries(memo.islands[at] ?? {})));
      const island = islands[(iteration - 1) % numIslands] as Cells;
      const own = island.size === 0 ? [current] : elitesOf(step, [island]);

      const parent = drawParent(step, own, exploration);
      const proposed = await step.propose([parent], { count: numProposals });
      const novel = distinctCandidates(proposed, own, novelty);
      await step.score([current], validation);
      const passed = await cascaded(step, parent, novel, stages, seed);
      await step.score([current, ...passed], validation);

      for (const entry of [...own, ...passed]) settle(step, island, entry);
      if (iteration % migrateEvery === 0 && numIslands > 1) migrate(step, islands);
      const [best = current] = archive.top([current, ...elitesOf(step, islands)], 1, validation);
      return { current: best, memo: { seed, islands: islands.map((one) => Object.fromEntries(one)) } };
    },
  };
}

/** An island while it changes: the id of the candidate of each cell. */
type Cells = Map<string, string>;

function elitesOf({ archive }: Step, islands: readonly Cells[]): readonly Entry[] {
  return islands.flatMap((one) => [...one.values()].map((id) => archive.get(id)));
}

/** The better of two that are drawn, or the first of them. */
function drawParent(step: Step, own: readonly Entry[], exploration: number): Entry {
  const { random } = step;
  const [first, second] = [random.choice(own), random.choice(own)];
  const better = scoreOf(step, second) > scoreOf(step, first) ? second : first;
  return random.next() < exploration ? first : better;
}

function scoreOf({ archive, current, validation }: Step, entry: Entry): number {
  return archive.compare([current, entry], validation)[1] ?? Number.NEGATIVE_INFINITY;
}

/** Takes the cell of its kind, where it is better than the candidate in it. */
function settle(step: Step, into: Cells, entry: Entry): void {
  const start = step.archive.entries[0] as Entry;
  const cell = `${Math.floor(Math.log2(1 + textLength(entry.values)))}/${Math.floor(10 * candidateDistance(start, entry))}`;
  const holder = into.get(cell);
  const score = scoreOf(step, entry);
  if (!Number.isFinite(score) || (holder !== undefined && score <= scoreOf(step, step.archive.get(holder)))) return;
  into.set(cell, entry.id);
}

/** The best of each island is also on the next one. */
function migrate(step: Step, islands: readonly Cells[]): void {
  const best = islands.map((one) => step.archive.top(elitesOf(step, [one]), 1, step.validation)[0]);
  for (const [at, entry] of best.entries()) if (entry) settle(step, islands[(at + 1) % islands.length] as Cells, entry);
}

/** The candidates that do no worse than their parent on the examples of every stage. */
async function cascaded(
  step: Step,
  parent: Entry,
  children: readonly Entry[],
  stages: readonly number[],
  seed: number,
): Promise<readonly Entry[]> {
  let left = children;
  let done = 0;
  for (const size of stages) {
    if (left.length === 0 || done >= step.validation.examples.length) break;
    const on: Sample = blockOf(step.validation, seed, done, Math.min(size, step.validation.examples.length - done));
    done += size;
    await step.score(left, on);
    const [least, ...scores] = step.archive.compare([parent, ...left], on);
    left = left.filter((_, at) => scores[at] != null && (least == null || (scores[at] as number) >= least));
  }
  return left;
}
