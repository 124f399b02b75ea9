/**
 * Best-of: several proposals from the current candidate; the best on the validation data becomes the current one.
 *
 * @module
 */
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Drop, Entry, SearchPolicy, Step } from "../search/search.ts";

/** Options of `bestOf`. */
export interface BestOfOptions {
  /** Proposals in each iteration, at least 1. @default 4 */
  readonly numProposals?: number | undefined;
  /** Drops candidates that are probably not the best, for guides that declare a `scoreRange`. @default none */
  readonly errorProbability?: number | undefined;
}

const bestOfTable: OptionTable<BestOfOptions> = {
  numProposals: wholeFrom(1),
  errorProbability: numberWithin({ above: 0, below: 1 }),
};

/** The search of `BasicSearchAlgorithm` as a policy. */
export function bestOf(options: BestOfOptions = {}): SearchPolicy<null> {
  checkTable(options, bestOfTable, "BestOf");
  const { numProposals = 4, errorProbability } = options;
  return {
    name: "BestOf",
    settings: { numProposals, ...(errorProbability === undefined ? {} : { errorProbability }) },
    start: null,
    defaults: { batchSize: 8 },
    appetite: () => ({ forward: 1, proposals: numProposals, scored: [{ candidates: numProposals + 1, on: "validation" }] }),
    async iterate(step) {
      const children = await step.propose([step.current], { count: numProposals });
      return { current: await chooseBest(step, step.current, children, { keep: 1, errorProbability }), memo: null };
    },
  };
}

/**
 * The best of the current candidate and these on the validation data. Ties go to the current one, then to the earliest; where the
 * current one could not be scored on enough to be compared, no other has beaten it.
 */
export async function chooseBest<Output>(
  step: Step<Output>,
  current: Entry,
  children: readonly Entry[],
  drop: Drop,
): Promise<Entry> {
  const { archive, validation } = step;
  const contenders = [current, ...children];
  await step.score(contenders, validation, drop);
  const [score] = archive.compare(contenders, validation);
  const isDropped = archive.trials(current, validation).some((trials) => trials.length === 0);
  const [best = current] = score === null && !isDropped ? [current] : archive.top(contenders, 1, validation);
  return best;
}
