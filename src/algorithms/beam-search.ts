/**
 * Beam search: several candidates are improved side by side; the best of parents and children survive.
 *
 * @module
 */
import { type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { HistoryView } from "../optimizers/optimizer.ts";
import type { Archive, Entry, SearchPolicy } from "../search/search.ts";
import { jsonLine } from "./quoted.ts";
import { shownScores } from "./shown-score.ts";
import { drawValidation } from "./standing.ts";

/** Options of `beamSearch`. */
export interface BeamSearchOptions {
  /** Candidates that are kept, at least 1. @default 3 */
  readonly beamWidth?: number | undefined;
  /** Proposals from each of them, at least 1. @default 4 */
  readonly numProposals?: number | undefined;
  /** Examples that the candidates of one iteration are compared on, drawn again for each. @default all of the validation data */
  readonly validationSize?: number | undefined;
  /** How many of the best candidates so far the optimizer sees, with their values and scores. @default 0 */
  readonly maxHistory?: number | undefined;
}

const beamTable: OptionTable<BeamSearchOptions> = {
  beamWidth: wholeFrom(1),
  numProposals: wholeFrom(1),
  validationSize: wholeFrom(1),
  maxHistory: wholeFrom(0),
};

/**
 * Keeps a beam of candidates: each is run on the batch and improved `numProposals` times; parents and children are compared on the same
 * validation examples, and the best `beamWidth` are the next beam. Scores of different iterations are never compared unless they are on
 * the same examples. After `BeamsearchAlgorithm` of Trace.
 */
export function beamSearch(options: BeamSearchOptions = {}): SearchPolicy<readonly string[]> {
  const { beamWidth = 3, numProposals = 4, validationSize, maxHistory = 0 } = options;
  const name = maxHistory > 0 ? "BeamSearchWithHistory" : "BeamSearch";
  checkTable(options, beamTable, name);
  const scored = { candidates: beamWidth * (numProposals + 1), on: validationSize ?? "validation" } as const;
  return {
    name,
    settings: { beamWidth, numProposals, validationSize: validationSize ?? null, maxHistory },
    start: [],
    defaults: { batchSize: 4 },
    appetite: () => ({ forward: beamWidth, proposals: beamWidth * numProposals, scored: [scored] }),
    async iterate(step, beam) {
      const { archive, current } = step;
      const parents = beam.length === 0 ? [current] : beam.map((id) => archive.get(id));
      const children = await step.propose(parents, { count: numProposals, advice: tableOf(archive, step.history, maxHistory) });
      const contenders = [...new Set([...parents, ...children])];
      const on = drawValidation(step, validationSize);
      await step.score(contenders, on, { keep: beamWidth });
      const best = archive.top(contenders, beamWidth, on);
      // Nothing could be compared: the beam stays as it is.
      const next = best.length === 0 ? parents : best;
      return { current: next[0] as Entry, memo: next.map(({ id }) => id) };
    },
  };
}

/** `beamSearch` whose optimizer sees what was tried; one proposal from each candidate. */
export function beamSearchWithHistory(options: BeamSearchOptions = {}): SearchPolicy<readonly string[]> {
  return beamSearch({ numProposals: 1, maxHistory: 10, ...options });
}

/** Values and scores, on the same examples, best first. */
function tableOf(archive: Pick<Archive, "objective">, history: HistoryView, count: number): string | undefined {
  const best = history.best(count);
  if (best.length === 0) return undefined;
  const numbers = shownScores(
    archive,
    best.map(({ score, estimate }) => score ?? estimate),
  );
  const lines = best.map(({ values, score, examples }, at) => {
    const basis = score === null ? `, estimated from ${examples} of ${history.examples} examples` : "";
    return `Score ${numbers[at]}${basis}: ${jsonLine(values)}`;
  });
  return `Candidates tried so far, with their scores on the same examples, best first:\n${lines.join("\n")}`;
}
