/**
 * Racing search: candidates are measured in blocks of common examples, as far as they can still win; leaders and specialists are improved.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { type Filled, type OptionTable, oneOf, trueOrFalse, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Appetite, Entry, SearchPolicy, Step } from "../search/search.ts";
import {
  type DemonstrationOptions,
  type DemonstrationPools,
  demonstrationSettings,
  demonstrationTable,
} from "./demonstration-pools.ts";
import { failingBlocks } from "./failing-blocks.ts";
import { listsFor } from "./racing-lists.ts";
import {
  canStillWin,
  complementOf,
  leastToLead,
  mergeAdvice,
  ranked,
  screened,
  specialistOf,
  withUnseenExamples,
} from "./racing-parts.ts";
import { blockOf } from "./standing.ts";
import { scoreRows, type TwoWayEstimate, twoWayEstimates } from "./two-way-estimates.ts";

/** Options of `racingSearch`; those about demonstrations have an effect where `numLists` is above 0. */
export interface RacingSearchOptions extends DemonstrationOptions {
  /** Candidates with the highest estimates that are improved in each round, at least 1. @default 2 */
  readonly numLeaders?: number | undefined;
  /** Whether one more is improved: in turn one that is the best on some examples, and the newest. @default true */
  readonly specialist?: boolean | undefined;
  /** Proposals from each of them; as many in all where there are fewer candidates. With 0, and `mergeEvery: 0`, no optimizer is asked. @default 1 */
  readonly numProposals?: number | undefined;
  /**
   * Lists of demonstrations that are tried in each round, for the parameters that hold such lists: the leader is run on the whole batch, and its successes and the
   * right answers are drawn from. 0 for none. @default 0
   */
  readonly numLists?: number | undefined;
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
  ...demonstrationTable,
  numLeaders: wholeFrom(1),
  specialist: trueOrFalse,
  numProposals: wholeFrom(0),
  numLists: wholeFrom(0),
  blockSize: wholeFrom(1),
  preflight: wholeFrom(0),
  feedbackSize: wholeFrom(1),
  screen: oneOf(["better", "as-good", "none"]),
  batchScores: trueOrFalse,
  mergeEvery: wholeFrom(0),
  maxLive: wholeFrom(2),
};

type RacingSettings = DemonstrationOptions &
  Filled<RacingSearchOptions, Exclude<keyof RacingSearchOptions, keyof DemonstrationOptions>>;

type RacingMemo = {
  /** Decides the order of the validation examples; `null` before the first round. */
  readonly seed: number | null;
  readonly live: readonly string[];
  /** What lists of demonstrations are drawn from. */
  readonly pools?: DemonstrationPools;
};

/** One iteration: what is known when it begins. */
interface Round {
  readonly step: Step;
  readonly settings: RacingSettings;
  readonly pools: DemonstrationPools;
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
  const settings = filled(options);
  if (Math.max(settings.numProposals, settings.mergeEvery, settings.numLists) === 0) {
    throw new InvalidArgumentError("RacingSearch has nothing to try. Set `numProposals`, `numLists`, or `mergeEvery` above 0");
  }
  return {
    name: "RacingSearch",
    settings: identityOf(settings),
    start: { seed: null, live: [] },
    // The leader is known from the examples that it was raced on; evaluations only show how far it has come.
    defaults: { batchSize: settings.numLists > 0 ? 16 : 8, evalFrequency: 10 },
    appetite: () => appetiteOf(settings),
    async iterate(given, memo) {
      const step = given as Step;
      const { current, validation, iteration, random } = step;
      const { preflight, blockSize, numLists } = settings;
      const seed = memo.seed ?? random.integer(0, 2 ** 32);
      if (memo.seed === null && preflight > 0) await step.score([current], blockOf(validation, seed, 0, preflight));
      const round = roundOf(step, memo, settings);
      const lists = numLists === 0 ? undefined : await listsFor(step, round.leader, round.pools, settings);
      const shown = lists?.children ?? [];
      const passed = [...new Set([...shown, ...(await childrenOf(round, shown))])];
      const block = blockOf(validation, seed, preflight + (iteration - 1) * blockSize, blockSize);
      await step.score([...new Set([...round.parents, ...passed])], block);
      const [best = current, ...others] = survivors({ ...round, pools: lists?.pools ?? round.pools }, passed);
      const live = [best, ...others].map(({ id }) => id);
      return { current: best, memo: { seed, live, ...(lists === undefined ? {} : { pools: lists.pools }) } };
    },
  };
}

function filled(options: RacingSearchOptions): RacingSettings {
  const { numLeaders = 2, specialist = true, numProposals = 1, numLists = 0, blockSize = 8, preflight = 24 } = options;
  const { feedbackSize = 2, screen = "better", batchScores = true, mergeEvery = 1, maxLive = 12 } = options;
  return {
    ...options,
    ...{ numLeaders, specialist, numProposals, numLists, blockSize, preflight },
    ...{ feedbackSize, screen, batchScores, mergeEvery, maxLive },
  };
}

/** Those about demonstrations are named where there are some. */
function identityOf(settings: RacingSettings): Readonly<Record<string, JsonValue>> {
  const { numLeaders, specialist, numProposals, numLists, blockSize, preflight } = settings;
  const { feedbackSize, screen, batchScores, mergeEvery, maxLive } = settings;
  return {
    ...{ numLeaders, specialist, numProposals, blockSize, preflight, feedbackSize },
    ...{ screen, batchScores, mergeEvery, maxLive },
    ...(numLists === 0 ? {} : { ...demonstrationSettings(settings), numLists }),
  };
}

function appetiteOf(settings: RacingSettings): Appetite {
  const { numLeaders, specialist, numProposals, numLists, blockSize, preflight, screen, mergeEvery } = settings;
  const numParents = numLeaders + Number(specialist);
  const numChildren = numParents * numProposals + Number(mergeEvery > 0);
  return {
    forward: (numChildren === 0 ? 0 : numParents) + Number(numLists > 0),
    proposals: numChildren,
    // A parent is run on the batch until it fails.
    mayRest: true,
    ...(numLists === 0 ? {} : { added: numLists }),
    scored: [
      { candidates: 1, on: preflight },
      ...(screen === "none" || numChildren === 0 ? [] : [{ candidates: numChildren, on: "batch" as const }]),
      { candidates: numParents + numChildren + numLists, on: blockSize },
    ],
  };
}

function roundOf(step: Step, memo: RacingMemo, settings: Round["settings"]): Round {
  const { archive, current, validation, iteration } = step;
  const { pools = {} } = memo;
  const live = [...new Set([current.id, ...memo.live])].map((id) => archive.get(id));
  const rows = scoreRows(archive, live, validation);
  const leaders = ranked(live, estimatesOf({ step, settings, pools }, live)).slice(0, settings.numLeaders);
  const [leader = current] = leaders;
  const extra = settings.specialist ? specialistOf(step, live, rows) : undefined;
  const isMergeDue = settings.mergeEvery > 0 && iteration % settings.mergeEvery === 0;
  return {
    ...{ step, settings, pools, live, leader },
    parents: [...new Set([...leaders, ...(extra === undefined ? [] : [extra])])],
    mate: isMergeDue ? complementOf(leader, live, rows) : undefined,
  };
}

function estimatesOf(
  { step: { archive, validation }, settings, pools }: Pick<Round, "step" | "settings" | "pools">,
  entries: readonly Entry[],
): ReadonlyMap<Entry, TwoWayEstimate> {
  const scores = scoreRows(archive, entries, validation);
  return twoWayEstimates(settings.batchScores ? withUnseenExamples(archive, scores, pools) : scores);
}

/** What the parents, and the leader with its mate, are made into, as far as it passes the screen and is not among the `others`. */
async function childrenOf(
  { step, settings, live, leader, parents, mate }: Round,
  others: readonly Entry[],
): Promise<readonly Entry[]> {
  const { numLeaders, specialist, numProposals, feedbackSize, screen } = settings;
  const width = (numLeaders + Number(specialist)) * numProposals;
  if (width === 0 && mate === undefined) return [];
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
      return ![...live, ...others, ...passed].includes(child) && fresh.findIndex(([other]) => other === child) === at;
    });
    passed.push(...(await screened(step, unknown, on, screen)));
  }
  return passed;
}

/** The candidates that can still win, the best first: it was scored on enough examples to lead. */
function survivors(round: Round, passed: readonly Entry[]): readonly Entry[] {
  const { step, settings, live } = round;
  const { current, validation } = step;
  const all = [...new Set([...live, ...passed])];
  const estimates = estimatesOf(round, all);
  const least = leastToLead(validation.examples.length);
  const able = all.filter((entry) => (estimates.get(entry)?.examples ?? 0) >= least && step.archive.sureMean(entry).isCovered);
  const [best = current] = ranked(able, estimates);
  const racing = all.filter((entry) => canStillWin(estimates.get(entry), estimates.get(best)));
  return [...new Set([best, ...ranked(racing, estimates)])].slice(0, settings.maxLive);
}
