/**
 * UCB search: the candidate that could still be the best is improved and measured further.
 *
 * @module
 */
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Trial } from "../search/search.ts";
import { byMean, upperBounds } from "./standing.ts";

/** Options of `ucbSearch`. */
export interface UCBSearchOptions {
  /** Candidates that are kept, at least 2. @default 10 */
  readonly maxBuffer?: number | undefined;
  /** How much an uncertain candidate is preferred, in spreads of the mean scores; 0 is greedy. @default 1 */
  readonly exploration?: number | undefined;
  /** Validation examples that a new candidate is scored on, and a chosen one further; all where there are fewer. @default 20 */
  readonly evalSize?: number | undefined;
}

const ucbTable: OptionTable<UCBSearchOptions> = {
  maxBuffer: wholeFrom(2),
  exploration: numberWithin({ least: 0 }),
  evalSize: wholeFrom(1),
};

/**
 * Chooses the candidate with the highest upper confidence bound, improves it once, scores the child, and gives the parent further
 * examples too. All candidates get their examples in the same order, so that they are compared on the same ones as far as they go. When the
 * buffer is full, the candidate with the lowest mean leaves it. After `UCBSearchAlgorithm` of Trace.
 */
export function ucbSearch(options: UCBSearchOptions = {}): SearchPolicy<readonly string[]> {
  const { maxBuffer = 10, exploration = 1, evalSize = 20 } = options;
  checkTable(options, ucbTable, "UCBSearch");
  return {
    name: "UCBSearch",
    settings: { maxBuffer, exploration, evalSize },
    start: [],
    defaults: { batchSize: 4, evalFrequency: 5 },
    appetite: () => ({ forward: 1, proposals: 1, scored: [{ candidates: 2, on: evalSize }] }),
    async iterate(step, ids) {
      const { archive, validation } = step;
      const buffer = ids.length === 0 ? [step.current] : ids.map((id) => archive.get(id));
      const bounds = upperBounds(archive, buffer, exploration);
      const parent = buffer.reduce((best, entry) => ((bounds.get(entry) ?? 0) > (bounds.get(best) ?? 0) ? entry : best));
      const [child = parent] = await step.propose([parent]);
      // Each on the next examples that it has not been scored on.
      const next = (entry: Entry): number[] => {
        const trials = archive.trials(entry, validation);
        const untried = validation.examples.filter((_, at) => trials[at]?.length === 0);
        // In the end again what an outage left unscored.
        const isVoid = (at: number): boolean => trials[at]?.length !== 0 && trials[at]?.every(isUnscored) === true;
        return [...untried, ...validation.examples.filter((_, at) => isVoid(at))].slice(0, evalSize);
      };
      await step.score([parent], { ...validation, examples: next(parent) });
      await step.score([child], { ...validation, examples: next(child) });
      const ranked = byMean(archive, [...new Set([...buffer, child])]);
      return { current: ranked[0] as Entry, memo: ranked.slice(0, maxBuffer).map(({ id }) => id) };
    },
  };
}

function isUnscored({ scores, failed }: Trial): boolean {
  return scores === null && !failed;
}
