/**
 * POLCA: priority search that drops what is almost the same as a known candidate, and shows a summary of what was learned so far.
 *
 * @module
 */

import { textOf } from "../data/json.ts";
import { counted } from "../data/number-text.ts";
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { distinctCandidates } from "./candidate-distance.ts";
import { pairedGain } from "./paired-gain.ts";
import { quoted } from "./quoted.ts";
import { shownGain } from "./shown-score.ts";
import { byMean } from "./standing.ts";

/** Options of `polca`. */
export interface PolcaOptions {
  /** Candidates that are explored in each iteration, at least 1. @default 5 */
  readonly numCandidates?: number | undefined;
  /** Proposals from each of them, at least 1. @default 1 */
  readonly numProposals?: number | undefined;
  /** The share of its text, from 0 to 1, in which a new candidate has to differ from every remembered one; 0 for any difference. @default 0.02 */
  readonly epsilon?: number | undefined;
  /** Earlier attempts in the summary that the optimizer sees: half of them the best, half the worst; 0 for no summary. @default 6 */
  readonly summarySize?: number | undefined;
}

const polcaTable: OptionTable<PolcaOptions> = {
  numCandidates: wholeFrom(1),
  numProposals: wholeFrom(1),
  epsilon: numberWithin({ least: 0, most: 1 }),
  summarySize: wholeFrom(0),
};

const mostCharacters = 300;

/**
 * Explores the candidates with the highest means as `prioritySearch` does: they are run on the batch, which adds to what is known of them, and improved. Of the
 * new ones only those are scored that are farther than `epsilon` from all others, by edit distance. The optimizer sees why the best and the worst attempts
 * so far were made, and by how much each was better or worse than what it was made from. After POLCA (2026), which compares embeddings and asks a model for the summary.
 */
export function polca(options: PolcaOptions = {}): SearchPolicy<readonly string[]> {
  checkTable(options, polcaTable, "POLCA");
  const { numCandidates = 5, numProposals = 1, epsilon = 0.02, summarySize = 6 } = options;
  return {
    name: "POLCA",
    settings: { numCandidates, numProposals, epsilon, summarySize },
    start: [],
    defaults: { batchSize: 4, evalFrequency: 5 },
    appetite: () => ({
      forward: numCandidates,
      proposals: numCandidates * numProposals,
      scored: [{ candidates: numCandidates * numProposals, on: "batch" }],
    }),
    async iterate(given, ids) {
      const step = given as Step;
      const { archive, current, batch } = step;
      const remembered = ids.length === 0 ? [current] : ids.map((id) => archive.get(id));
      const explored = byMean(archive, remembered).slice(0, numCandidates);
      const proposed = await step.propose(explored, { count: numProposals, advice: summaryOf(step, remembered, summarySize) });
      const children = distinctCandidates(proposed, remembered, epsilon);
      await step.score(children, batch);
      const ranked = byMean(archive, [...new Set([...remembered, ...children])]);
      return { current: ranked[0] as Entry, memo: ranked.map(({ id }) => id) };
    },
  };
}

/** The best and the worst attempts, each with the reason for it and its difference to its parent; those that were not compared with it are left out. */
function summaryOf({ archive }: Step, remembered: readonly Entry[], size: number): string | undefined {
  const attempts = remembered.flatMap((entry) => {
    const [parent] = entry.parents.map((id) => archive.get(id));
    const compared = parent && pairedGain(archive, entry, parent);
    return compared === undefined ? [] : [{ entry, parent: parent as Entry, ...compared }];
  });
  const sorted = attempts.toSorted((a, b) => b.gain - a.gain);
  const half = Math.ceil(size / 2);
  const shown = [...new Set([...sorted.slice(0, half), ...sorted.slice(-Math.min(size - half, sorted.length))])].slice(0, size);
  if (shown.length === 0 || size === 0) return undefined;
  const lines = shown.map(({ entry, parent, gain, examples }) => {
    const changed = Object.keys(entry.values).filter((path) => textOf(entry.values[path]) !== textOf(parent.values[path]));
    const values = changed.map((path) => `${path}: ${quoted(entry.values[path], mostCharacters)}`).join("; ");
    const what = entry.reasoning === undefined ? values : quoted(entry.reasoning, mostCharacters);
    return `- ${shownGain(gain)} (${counted(examples, "example")}): ${what}`;
  });
  return `How earlier changes scored, compared with the values that they were made from, on the examples that both were scored on:\n${lines.join("\n")}`;
}
