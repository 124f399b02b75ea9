/**
 * Streaming priority search: no candidate is scored for its own sake; what is new is run in the next iteration.
 *
 * @module
 */
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy } from "../search/search.ts";
import { byMean, meansOf } from "./standing.ts";

/** Options of `streamingSearch`. */
export interface StreamingSearchOptions {
  /** Candidates that are run in each iteration, at least 1. @default 4 */
  readonly numCandidates?: number | undefined;
  /** Proposals from each candidate that is improved, at least 1. @default 1 */
  readonly numProposals?: number | undefined;
  /** Proposals as a share of the candidates that are run, above 0 and at most 1; at least one candidate is improved. @default 0.5 */
  readonly ratio?: number | undefined;
  /** How evenly those are drawn, above 0, in units of the score: they are drawn in proportion to exp(score / temperature). @default 1 */
  readonly temperature?: number | undefined;
}

const streamingTable: OptionTable<StreamingSearchOptions> = {
  numCandidates: wholeFrom(1),
  numProposals: wholeFrom(1),
  ratio: numberWithin({ above: 0, most: 1 }),
  temperature: numberWithin({ above: 0 }),
};

/**
 * Runs candidates on each batch: those that were never run first, then those with the highest mean. Some of them, drawn without
 * replacement in favour of high scores, are improved; their children are run in the next iteration. After the streaming variant of
 * Trace's `PrioritySearch`.
 */
export function streamingSearch(options: StreamingSearchOptions = {}): SearchPolicy<null> {
  const { numCandidates = 4, numProposals = 1, ratio = 0.5, temperature = 1 } = options;
  checkTable(options, streamingTable, "StreamingSearch");
  const numImproved = Math.max(1, Math.floor((ratio * numCandidates) / numProposals));
  return {
    name: "StreamingSearch",
    settings: { numCandidates, numProposals, ratio, temperature },
    start: null,
    defaults: { batchSize: 2, evalFrequency: 5 },
    appetite: () => ({ forward: numCandidates, proposals: numImproved * numProposals, scored: [] }),
    async iterate(step) {
      const { archive, random } = step;
      const fresh = archive.entries.filter((entry) => archive.count(entry) === 0);
      const known = byMean(
        archive,
        archive.entries.filter((entry) => archive.count(entry) > 0),
      );
      const run = [...fresh, ...known].slice(0, numCandidates);
      await step.forward(run);
      const improved: Entry[] = [];
      const left = [...run];
      const means = meansOf(archive, run);
      const highest = Math.max(...means.filter(Number.isFinite), Number.NEGATIVE_INFINITY);
      while (improved.length < numImproved && left.length > 0) {
        // Relative to the highest, so that no score is too large for the exponential.
        const weights = left.map((entry) =>
          Number.isFinite(highest) ? Math.exp(((means[run.indexOf(entry)] as number) - highest) / temperature) : 1,
        );
        const drawn = weights.some((weight) => weight > 0) ? random.weightedIndex(weights) : 0;
        improved.push(...left.splice(drawn, 1));
      }
      await step.propose(improved, { count: numProposals });
      const measured = archive.entries.filter((entry) => archive.count(entry) > 0);
      return { current: byMean(archive, measured)[0] ?? step.current, memo: null };
    },
  };
}
