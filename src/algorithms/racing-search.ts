/**
 * Racing search: candidates are measured in blocks of common examples, as far as they can still win; leaders and specialists are improved.
 *
 * @module
 */
import { numberWithin, type OptionTable, oneOf, trueOrFalse, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, Sample, SearchPolicy, Step } from "../search/search.ts";
import { feedbackBatch } from "./feedback-batch.ts";
import { freshAdvice, freshOrigin } from "./fresh-advice.ts";
import {
  arePaying,
  canStillWin,
  complementOf,
  leastExamples,
  mergeAdvice,
  ranked,
  screened,
  specialistOf,
} from "./racing-parts.ts";
import { blockOf, meansOn } from "./standing.ts";
import { scoreRows, twoWayEstimates } from "./two-way-estimates.ts";

/** Options of `racingSearch`. */
export interface RacingSearchOptions {
  /** Candidates with the highest estimates that are improved in each round, at least 1. @default 2 */
  readonly numLeaders?: number | undefined;
  /** Whether one more is improved: in turn one that is the best on some examples, and the newest. @default true */
  readonly specialist?: boolean | undefined;
  /** Proposals from each of them, at least 1; as many in all where there are fewer candidates. @default 1 */
  readonly numProposals?: number | undefined;
  /** Validation examples that all candidates of a round are scored on, at least 1. @default 8 */
  readonly blockSize?: number | undefined;
  /** Validation examples that the start is scored on before anything is proposed. @default 24 */
  readonly preflight?: number | undefined;
  /** Whether batches are put together with failures in them, or are those of the loader. @default "failures" */
  readonly feedback?: "failures" | "batch" | undefined;
  /**
   * What a child has to score on the batch that it was learned from to be measured further: more than its parent, as much, or nothing;
   * `"adaptive"`: more, until the children that passed turn out to be better than their parents. @default "adaptive"
   */
  readonly screen?: "better" | "as-good" | "none" | "adaptive" | undefined;
  /** Every how many rounds the leader is merged with the candidate that wins most of what it loses; 0 for never. @default 3 */
  readonly mergeEvery?: number | undefined;
  /** For how many examples the estimate of its parents counts in that of a candidate. @default 0 */
  readonly shrinkage?: number | undefined;
  /** Candidates that are remembered; those that are surely worse than the leader are retired before. @default 12 */
  readonly maxLive?: number | undefined;
  /** Rounds without a new leader after which one proposal more is made from each, and after twice as many the start is written afresh. @default 6 */
  readonly patience?: number | undefined;
}

const racingTable: OptionTable<RacingSearchOptions> = {
  numLeaders: wholeFrom(1),
  specialist: trueOrFalse,
  numProposals: wholeFrom(1),
  blockSize: wholeFrom(1),
  preflight: wholeFrom(0),
  feedback: oneOf(["failures", "batch"]),
  screen: oneOf(["better", "as-good", "none", "adaptive"]),
  mergeEvery: wholeFrom(0),
  shrinkage: numberWithin({ least: 0 }),
  maxLive: wholeFrom(2),
  patience: wholeFrom(1),
};

type RacingMemo = {
  /** Decides the order of the validation examples; `null` before the first round. */
  readonly seed: number | null;
  readonly live: readonly string[];
  /** By how much children that passed the screen were better than their parents on the block; the latest. */
  readonly gains: readonly number[];
  /** Rounds since the leader was another one. */
  readonly stagnant: number;
};

/** How many gains are remembered. */
const mostGains = 20;

/**
 * In each round the leaders and a specialist are improved on a batch with failures in it; children that pass the screen are scored, with their
 * parents, on the next block of validation examples. Candidates are compared by estimates that leave out how hard their examples were; those
 * whose interval lies below the leader's are retired. Nothing is scored on all validation data for its own sake.
 */
export function racingSearch(options: RacingSearchOptions = {}): SearchPolicy<RacingMemo> {
  checkTable(options, racingTable, "RacingSearch");
  const { numLeaders = 2, specialist = true, numProposals = 1, blockSize = 8, preflight = 24, feedback = "failures" } = options;
  const { screen = "adaptive", mergeEvery = 3, shrinkage = 0, maxLive = 12, patience = 6 } = options;
  const numParents = numLeaders + Number(specialist);
  const numChildren = numParents * (numProposals + 1) + Number(mergeEvery > 0);
  return {
    name: "RacingSearch",
    settings: {
      ...{
        numLeaders,
        specialist,
        numProposals,
        blockSize,
        preflight,
        feedback,
        screen,
        mergeEvery,
        shrinkage,
        maxLive,
        patience,
      },
    },
    start: { seed: null, live: [], gains: [], stagnant: 0 },
    appetite: () => ({
      forward: numParents + Number(mergeEvery > 0),
      proposals: numChildren,
      scored: [
        { candidates: 1, on: preflight },
        ...(screen === "none" ? [] : [{ candidates: numChildren, on: "batch" as const }]),
        { candidates: numParents + numChildren, on: blockSize },
      ],
    }),
    async iterate(given, memo) {
      const step = given as Step;
      const { archive, current, validation, iteration } = step;
      const seed = memo.seed ?? step.random.integer(0, 2 ** 32);
      const blockAt = (from: number, size: number): Sample => blockOf(validation, seed, from, size);
      if (memo.seed === null && preflight > 0) await step.score([current], blockAt(0, preflight));
      const live = [...new Set([current.id, ...memo.live])].map((id) => archive.get(id));

      const isStuck = memo.stagnant >= patience;
      const rows = scoreRows(archive, live, validation);
      const leaders = ranked(live, twoWayEstimates(rows, shrinkage)).slice(0, numLeaders);
      const isRestart = memo.stagnant >= 2 * patience && iteration % 2 === 0;
      const extra = isRestart ? archive.entries[0] : specialistOf(step, live, rows);
      const parents = [...new Set([...leaders, ...(specialist && extra !== undefined ? [extra] : [])])];
      const failures = iteration % 3 === 0 || isStuck ? "most" : "one";
      const on = feedback === "batch" ? step.batch : feedbackBatch(step, parents, { failures });
      // As many proposals where there are fewer to improve.
      const width = numParents * (numProposals + Number(isStuck));
      const improved = Array.from({ length: width }, (_, at) => parents[at % parents.length] as Entry);
      const isFresh = (parent: Entry): boolean => isRestart && parent === archive.entries[0] && !leaders.includes(parent);
      const [usual, restarted] = [improved.filter((parent) => !isFresh(parent)), improved.filter(isFresh)];
      const proposed = await step.propose(usual, { on });
      const fresh =
        restarted.length === 0 ? [] : await step.propose(restarted, { on, advice: freshAdvice(step), origin: freshOrigin });
      const pairs = [...proposed, ...fresh].map((child, at) => [child, [...usual, ...restarted][at] as Entry] as const);
      const [leader = current] = leaders;
      const mate = mergeEvery > 0 && iteration % mergeEvery === 0 ? complementOf(leader, live, rows) : undefined;
      if (mate !== undefined) {
        const [merged = leader] = await step.propose([leader], { on, others: [mate], advice: mergeAdvice, origin: "merge" });
        pairs.push([merged, leader]);
      }
      const unknown = pairs.filter(
        ([child], at) => !live.includes(child) && pairs.findIndex(([other]) => other === child) === at,
      );

      const adapted = arePaying(memo.gains) ? "none" : "better";
      const passed = await screened(step, unknown, on, screen === "adaptive" ? adapted : screen);
      const block = blockAt(preflight + (iteration - 1) * blockSize, blockSize);
      await step.score([...parents, ...passed.map(([child]) => child)], block);
      const meanOf = meansOn(archive, archive.entries, block);
      const gains = passed.map(([child, parent]) => meanOf(child) - meanOf(parent)).filter(Number.isFinite);

      const all = [...live, ...passed.map(([child]) => child)];
      const estimates = twoWayEstimates(scoreRows(archive, all, validation), shrinkage);
      const least = Math.min(leastExamples, validation.examples.length);
      const able = all.filter((entry) => (estimates.get(entry)?.examples ?? 0) >= least);
      const [best = current] = ranked(able, estimates);
      const remaining = ranked(
        all.filter((entry) => canStillWin(estimates.get(entry), estimates.get(best))),
        estimates,
      );
      return {
        current: best,
        memo: {
          seed,
          live: [...new Set([best, ...remaining])].slice(0, maxLive).map(({ id }) => id),
          gains: [...memo.gains, ...gains].slice(-mostGains),
          stagnant: best === current ? memo.stagnant + 1 : 0,
        },
      };
    },
  };
}
