/**
 * Pareto search by example: candidates that are the best on some example are explored, so that specialists survive.
 *
 * @module
 */
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { type Explore, namedPrioritySearch, type PrioritySearchOptions, priorityTable } from "./priority-search.ts";
import { byMean } from "./standing.ts";

/** Options of `paretoSearch`. */
export type ParetoSearchOptions = Pick<PrioritySearchOptions, "numCandidates" | "numProposals" | "scoreOn">;

/**
 * `prioritySearch` that explores, besides the candidate with the highest mean, those that are the best on at least one example and whose
 * examples are not all won by another one, in order of their means. Only candidates that were scored on an example take part in it; nothing is
 * pruned. After the Pareto variant of Trace's `PrioritySearch`, and the instance fronts of GEPA (Agrawal et al. 2025).
 */
export function paretoSearch(options: ParetoSearchOptions = {}): SearchPolicy<readonly string[]> {
  const { numCandidates, numProposals, scoreOn } = priorityTable;
  checkTable<ParetoSearchOptions>(options, { numCandidates, numProposals, scoreOn }, "ParetoSearch");
  return namedPrioritySearch("ParetoSearch", options, explore);
}

const explore: Explore = (step, remembered, count) => {
  const [best] = byMean(step.archive, remembered);
  return [...new Set([best as Entry, ...byMean(step.archive, specialists(step, remembered))])].slice(0, count);
};

/** The candidates on the front, without those whose won examples are a strict subset of another's. */
function specialists(step: Step, remembered: readonly Entry[]): Entry[] {
  const allowed = new Set(remembered);
  const won = new Map<Entry, Set<string>>();
  for (const on of [step.validation, { dataset: "train", examples: allTrained(step) } as const]) {
    for (const example of on.examples) {
      for (const entry of step.archive.front({ ...on, examples: [example] }).keys()) {
        if (!allowed.has(entry)) continue;
        won.set(entry, (won.get(entry) ?? new Set()).add(`${on.dataset}/${example}`));
      }
    }
  }
  const all = [...won];
  const isCovered = (own: ReadonlySet<string>): boolean => {
    return all.some(([, other]) => other.size > own.size && [...own].every((example) => other.has(example)));
  };
  return all.filter(([, examples]) => !isCovered(examples)).map(([entry]) => entry);
}

/** The examples of the train dataset that any candidate was run on. */
function allTrained({ archive, batch }: Step): number[] {
  return [...new Set([...archive.measured("train"), ...batch.examples])].sort((a, b) => a - b);
}
