/**
 * The baselines that every search has to beat: independent samples, and refinement of the latest.
 *
 * @module
 */
import { wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { startId } from "../search/archive.ts";
import type { Entry, SearchPolicy } from "../search/search.ts";
import { chooseBest } from "./best-of.ts";

/** Options of `bestOfN`. */
export interface BestOfNOptions {
  /** Proposals in each iteration, at least 1. @default 4 */
  readonly numProposals?: number | undefined;
}

/** Independent proposals from the values at the start; the best on the validation data so far is the current one. */
export function bestOfN(options: BestOfNOptions = {}): SearchPolicy<null> {
  checkTable(options, { numProposals: wholeFrom(1) }, "BestOfN");
  const { numProposals = 4 } = options;
  return {
    name: "BestOfN",
    settings: { numProposals },
    start: null,
    defaults: { batchSize: 8 },
    appetite: () => ({ forward: 1, proposals: numProposals, scored: [{ candidates: numProposals + 1, on: "validation" }] }),
    async iterate(step) {
      const children = await step.propose([step.archive.get(startId)], { count: numProposals });
      return { current: await chooseBest(step, step.current, children, { keep: 1 }), memo: null };
    },
  };
}

/** Improves the latest candidate again and again, whether it was better or not; the best on the validation data so far is the current one. */
export function sequentialRefinement(): SearchPolicy<string> {
  return {
    name: "SequentialRefinement",
    settings: {},
    start: startId,
    defaults: { batchSize: 4 },
    appetite: () => ({ forward: 1, proposals: 1, scored: [{ candidates: 2, on: "validation" }] }),
    async iterate(step, latest) {
      const [child] = (await step.propose([step.archive.get(latest)])) as [Entry];
      return { current: await chooseBest(step, step.current, [child], { keep: 1 }), memo: child.id };
    },
  };
}
