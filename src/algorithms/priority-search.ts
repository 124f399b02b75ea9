/**
 * Priority search: the most promising candidates of all that were tried are run again and improved.
 *
 * @module
 */
import { numberWithin, type OptionTable, oneOf, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { byMean, upperBounds } from "./standing.ts";

/** Options of `prioritySearch`. */
export interface PrioritySearchOptions {
  /** Candidates that are explored in each iteration, at least 1. @default 4 */
  readonly numCandidates?: number | undefined;
  /** Proposals from each of them, at least 1; as many in all where only the start is known. @default 1 */
  readonly numProposals?: number | undefined;
  /** What makes a candidate promising: its mean score, its upper confidence bound, or that it is new. @default "mean" */
  readonly priority?: "mean" | "ucb" | "newest" | undefined;
  /** For `"ucb"`: how much an uncertain candidate is preferred, in spreads of the mean scores. @default 1 */
  readonly exploration?: number | undefined;
  /** Candidates that are remembered; those of the lowest priority are forgotten. @default all */
  readonly memorySize?: number | undefined;
  /** What new candidates are scored on: the batch that they were learned from, or all of the validation data. @default "batch" */
  readonly scoreOn?: "batch" | "validation" | undefined;
}

/** How candidates are chosen to be explored. */
export type Explore = (step: Step, remembered: readonly Entry[], count: number) => readonly Entry[];

/**
 * Explores the best candidate and those with the highest priority: all of them are run on the batch, which adds to what is known of them, and
 * improved `numProposals` times; in the first iteration all proposals are made from the start. New candidates are scored on the same batch, so
 * that they are compared with their parents on the same examples. Nothing is ever measured for its own sake: what is popped again is measured further. After `PrioritySearch` of Trace.
 *
 * @param explore @default by `priority`
 */
export function prioritySearch(options: PrioritySearchOptions = {}, explore?: Explore): SearchPolicy<readonly string[]> {
  return namedPrioritySearch("PrioritySearch", options, explore);
}

/** One candidate, one proposal, nothing remembered: follows the optimizer as `MinibatchAlgorithm` does, if that pays on the batch. */
export function sequentialUpdate(): SearchPolicy<readonly string[]> {
  return namedPrioritySearch("SequentialUpdate", { numCandidates: 1, numProposals: 1, memorySize: 1 });
}

/** One candidate, several proposals, the best one is remembered: as `BasicSearchAlgorithm` does. */
export function sequentialSearch(options: Pick<PrioritySearchOptions, "numProposals"> = {}): SearchPolicy<readonly string[]> {
  checkTable(options, { numProposals: wholeFrom(1) }, "SequentialSearch");
  const preset = { numCandidates: 1, memorySize: 1, scoreOn: "validation" } as const;
  return namedPrioritySearch("SequentialSearch", { ...preset, numProposals: options.numProposals ?? 4 });
}

/** The options of `prioritySearch`. */
export const priorityTable: OptionTable<PrioritySearchOptions> = {
  numCandidates: wholeFrom(1),
  numProposals: wholeFrom(1),
  priority: oneOf(["mean", "ucb", "newest"]),
  exploration: numberWithin({ least: 0 }),
  memorySize: wholeFrom(1),
  scoreOn: oneOf(["batch", "validation"]),
};

/** `prioritySearch` under another name, for its presets. */
export function namedPrioritySearch(
  name: string,
  options: PrioritySearchOptions,
  explore: Explore = byPriority(options),
): SearchPolicy<readonly string[]> {
  const { numCandidates = 4, numProposals = 1, priority = "mean", exploration = 1, memorySize, scoreOn = "batch" } = options;
  checkTable(options, priorityTable, name);
  return {
    name,
    settings: { numCandidates, numProposals, priority, exploration, memorySize: memorySize ?? null, scoreOn },
    start: [],
    defaults: { batchSize: 2, evalFrequency: 5 },
    appetite: () => ({
      forward: numCandidates,
      proposals: numCandidates * numProposals,
      // On the batch the explored ones have been run already.
      scored: [{ candidates: numCandidates * (scoreOn === "batch" ? numProposals : numProposals + 1), on: scoreOn }],
    }),
    async iterate(step, ids) {
      const { archive, current } = step;
      const remembered = ids.length === 0 ? [current] : ids.map((id) => archive.get(id));
      const explored = explore(step as Step, remembered, numCandidates);
      // There is one candidate at first: as many proposals from it, on the same rollouts.
      const count = ids.length === 0 ? Math.ceil((numCandidates * numProposals) / explored.length) : numProposals;
      const children = await step.propose(explored, { count });
      const on = scoreOn === "batch" ? step.batch : step.validation;
      const compared = scoreOn === "batch" ? children : [...explored, ...children];
      await step.score(compared, on);
      const all = [...new Set([...remembered, ...children])];
      const ranked = byMean(archive, all);
      return { current: ranked[0] as Entry, memo: ranked.slice(0, memorySize).map(({ id }) => id) };
    },
  };
}

/** The best candidate, then those of the highest priority. */
function byPriority({ priority = "mean", exploration = 1 }: PrioritySearchOptions): Explore {
  return (step, remembered, count) => {
    const ranked = byMean(step.archive, remembered);
    const [best] = ranked;
    const byAge = (): Entry[] => {
      const all = new Set(remembered);
      return step.archive.entries.filter((entry) => all.has(entry)).reverse();
    };
    const byBound = (): Entry[] => {
      const bounds = upperBounds(step.archive, remembered, exploration);
      return remembered.toSorted((a, b) => (bounds.get(b) ?? 0) - (bounds.get(a) ?? 0));
    };
    const inOrder = { mean: () => ranked, ucb: byBound, newest: byAge }[priority]();
    return [...new Set([best as Entry, ...inOrder])].slice(0, count);
  };
}
