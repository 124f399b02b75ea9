/**
 * Racing search: candidates are measured in blocks of common examples, as far as they can still win; leaders and specialists are improved.
 *
 * @module
 */
import { type Filled, type OptionTable, oneOf, trueOrFalse, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { failingBlocks } from "./failing-blocks.ts";
import {
  canStillWin,
  complementOf,
  leastExamples,
  mergeAdvice,
  ranked,
  screened,
  specialistOf,
  withUnseenExamples,
} from "./racing-parts.ts";
import { blockOf } from "./standing.ts";
import { scoreRows, type TwoWayEstimate, twoWayEstimates } from "./two-way-estimates.ts";

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
  /** Examples of the batch that a candidate is run on at a time, until it fails on one: its proposals learn from those, at least 1. @default 2 */
  readonly feedbackSize?: number | undefined;
  /** What a child has to score on the batch that it was learned from to be measured further: more than its parent, as much, or nothing. @default "better" */
  readonly screen?: "better" | "as-good" | "none" | undefined;
  /** Whether the rollouts of parents on batches count in their estimates, too, on examples that neither they nor what they were made from had learned from. @default true */
  readonly batchScores?: boolean | undefined;
  /** Every how many rounds the leader is merged with the candidate that wins most of what it loses; 0 for never. @default 1 */
  readonly mergeEvery?: number | undefined;
  /** Candidates that are remembered; those that are surely worse than the leader are retired before. @default 12 */
  readonly maxLive?: number | undefined;
}

const racingTable: OptionTable<RacingSearchOptions> = {
  numLeaders: wholeFrom(1),
  specialist: trueOrFalse,
  numProposals: wholeFrom(1),
  blockSize: wholeFrom(1),
  preflight: wholeFrom(0),
  feedbackSize: wholeFrom(1),
  screen: oneOf(["better", "as-good", "none"]),
  batchScores: trueOrFalse,
  mergeEvery: wholeFrom(0),
  maxLive: wholeFrom(2),
};

type RacingMemo = {
  /** Decides the order of the validation examples; `null` before the first round. */
  readonly seed: number | null;
  readonly live: readonly string[];
};

/** One iteration: what is known when it begins. */
interface Round {
  readonly step: Step;
  readonly settings: Filled<RacingSearchOptions, keyof RacingSearchOptions>;
  /** The candidates that can still win; the current one is among them. */
  readonly live: readonly Entry[];
  readonly leader: Entry;
  /** The leaders and the specialist. */
  readonly parents: readonly Entry[];
  /** What the leader is merged with. */
  readonly mate: Entry | undefined;
}

/**
 * In each step the leaders and a specialist are improved, each on the first examples of the batch on which it fails; children that pass the
 * screen are scored, with their parents, on the next block of validation examples. Candidates are compared by estimates that correct for how
 * hard their examples were; those whose interval is below the leader's are retired. The search itself never scores a candidate on all validation
 * data just to know its mean.
 */
export function racingSearch(options: RacingSearchOptions = {}): SearchPolicy<RacingMemo> {
  checkTable(options, racingTable, "RacingSearch");
  const { numLeaders = 2, specialist = true, numProposals = 1, blockSize = 8, preflight = 24, feedbackSize = 2 } = options;
  const { screen = "better", batchScores = true, mergeEvery = 1, maxLive = 12 } = options;
  const settings = {
    ...{ numLeaders, specialist, numProposals, blockSize, preflight, feedbackSize },
    ...{ screen, batchScores, mergeEvery, maxLive },
  };
  const numParents = numLeaders + Number(specialist);
  const numChildren = numParents * numProposals + Number(mergeEvery > 0);
  return {
    name: "RacingSearch",
    settings,
    start: { seed: null, live: [] },
    appetite: () => ({
      forward: numParents,
      proposals: numChildren,
      scored: [
        { candidates: 1, on: preflight },
        ...(screen === "none" ? [] : [{ candidates: numChildren, on: "batch" as const }]),
        { candidates: numParents + numChildren, on: blockSize },
      ],
    }),
    async iterate(given, memo) {
      const step = given as Step;
      const { current, validation, iteration, random } = step;
      const seed = memo.seed ?? random.integer(0, 2 ** 32);
      if (memo.seed === null && preflight > 0) await step.score([current], blockOf(validation, seed, 0, preflight));
      const round = roundOf(step, memo, settings);
      const passed = await childrenOf(round);
      const block = blockOf(validation, seed, preflight + (iteration - 1) * blockSize, blockSize);
      await step.score([...round.parents, ...passed], block);
      const [best = current, ...others] = survivors(round, passed);
      return { current: best, memo: { seed, live: [best, ...others].map(({ id }) => id) } };
    },
  };
}

function roundOf(step: Step, memo: RacingMemo, settings: Round["settings"]): Round {
  const { archive, current, validation, iteration } = step;
  const live = [...new Set([current.id, ...memo.live])].map((id) => archive.get(id));
  const rows = scoreRows(archive, live, validation);
  const leaders = ranked(live, estimatesOf(step, settings, live)).slice(0, settings.numLeaders);
  const [leader = current] = leaders;
  const extra = settings.specialist ? specialistOf(step, live, rows) : undefined;
  const isMergeDue = settings.mergeEvery > 0 && iteration % settings.mergeEvery === 0;
  return {
    ...{ step, settings, live, leader },
    parents: [...new Set([...leaders, ...(extra === undefined ? [] : [extra])])],
    mate: isMergeDue ? complementOf(leader, live, rows) : undefined,
  };
}

function estimatesOf(
  { archive, validation }: Step,
  { batchScores }: Round["settings"],
  entries: readonly Entry[],
): ReadonlyMap<Entry, TwoWayEstimate> {
  const scores = scoreRows(archive, entries, validation);
  return twoWayEstimates(batchScores ? withUnseenExamples(archive, scores) : scores);
}

/** What the parents, and the leader with its mate, are made into, as far as it passes the screen. */
async function childrenOf({ step, settings, live, leader, parents, mate }: Round): Promise<readonly Entry[]> {
  const { numLeaders, specialist, numProposals, feedbackSize, screen } = settings;
  const width = (numLeaders + Number(specialist)) * numProposals;
  // As many proposals where there are fewer to improve.
  const improved = Array.from({ length: width }, (_, at) => parents[at % parents.length] as Entry);
  const passed: Entry[] = [];
  for (const { on, candidates } of await failingBlocks(step, parents, feedbackSize)) {
    const own = improved.filter((parent) => candidates.includes(parent));
    const fresh = (await step.propose(own, { on })).map((child, at) => [child, own[at] as Entry] as const);
    if (mate !== undefined && candidates.includes(leader)) {
      const [merged = leader] = await step.propose([leader], { on, others: [mate], advice: mergeAdvice, origin: "merge" });
      fresh.push([merged, leader]);
    }
    const unknown = fresh.filter(([child], at) => {
      return !live.includes(child) && !passed.includes(child) && fresh.findIndex(([other]) => other === child) === at;
    });
    passed.push(...(await screened(step, unknown, on, screen)));
  }
  return passed;
}

/** The candidates that can still win, the best first: it was scored on enough examples to lead. */
function survivors({ step, settings, live }: Round, passed: readonly Entry[]): readonly Entry[] {
  const { current, validation } = step;
  const all = [...live, ...passed];
  const estimates = estimatesOf(step, settings, all);
  const least = Math.min(leastExamples, validation.examples.length);
  const able = all.filter((entry) => (estimates.get(entry)?.examples ?? 0) >= least && step.archive.sureMean(entry).isCovered);
  const [best = current] = ranked(able, estimates);
  const racing = all.filter((entry) => canStillWin(estimates.get(entry), estimates.get(best)));
  return [...new Set([best, ...ranked(racing, estimates)])].slice(0, settings.maxLive);
}
