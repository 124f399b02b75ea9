/**
 * ProTeGi: a beam of candidates, edited by what is wrong with each and paraphrased; a bandit decides which of the many successors survive.
 *
 * @module
 */
import { numberWithin, type OptionTable, oneOf, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { type BanditOptions, chooseByBandit } from "./bandit-selection.ts";
import { feedbackBatch } from "./feedback-batch.ts";

/** Options of `proTeGi`. */
export interface ProTeGiOptions {
  /** Candidates that are kept, at least 1. @default 4 */
  readonly beamWidth?: number | undefined;
  /** Edits of each of them, each for another flaw, at least 1. @default 4 */
  readonly numEdits?: number | undefined;
  /** Paraphrases of each of them. @default 2 */
  readonly numParaphrases?: number | undefined;
  /** Successors of one candidate that are compared, drawn at random. @default all */
  readonly maxSuccessors?: number | undefined;
  /** Validation rollouts by which the next beam is chosen in each iteration, at least 1. @default 256 */
  readonly budget?: number | undefined;
  /** How they are allotted: to those that could still be the best, to a half that shrinks, or equally. @default "ucb" */
  readonly selection?: BanditOptions["rule"] | undefined;
  /** Validation examples that a candidate gets at a time, at least 1. @default 8 */
  readonly blockSize?: number | undefined;
  /** For `"ucb"`: how much an uncertain candidate is preferred, in standard errors. @default 1 */
  readonly exploration?: number | undefined;
}

const proTeGiTable: OptionTable<ProTeGiOptions> = {
  beamWidth: wholeFrom(1),
  numEdits: wholeFrom(1),
  numParaphrases: wholeFrom(0),
  maxSuccessors: wholeFrom(1),
  budget: wholeFrom(1),
  selection: oneOf(["ucb", "halving", "uniform"]),
  blockSize: wholeFrom(1),
  exploration: numberWithin({ least: 0 }),
};

type ProTeGiMemo = {
  /** Decides the order of the validation examples; `null` before the first iteration. */
  readonly seed: number | null;
  readonly beam: readonly string[];
};

/**
 * Every candidate of the beam is run on a batch of known failures and a success; each proposal names another flaw and fixes that alone, or says the same in
 * other words. Parents and successors are compared with a fixed number of validation rollouts, and the best are the next beam. After
 * ProTeGi (Pryzant et al. 2023), where only failures are shown, and scores of other examples are compared as they are.
 */
export function proTeGi(options: ProTeGiOptions = {}): SearchPolicy<ProTeGiMemo> {
  checkTable(options, proTeGiTable, "ProTeGi");
  const { beamWidth = 4, numEdits = 4, numParaphrases = 2, maxSuccessors, budget = 256 } = options;
  const { selection = "ucb", blockSize = 8, exploration = 1 } = options;
  const width = numEdits + numParaphrases;
  return {
    name: "ProTeGi",
    settings: {
      ...{ beamWidth, numEdits, numParaphrases, maxSuccessors: maxSuccessors ?? null },
      ...{ budget, selection, blockSize, exploration },
    },
    start: { seed: null, beam: [] },
    defaults: { batchSize: 4, evalFrequency: 5 },
    appetite: () => ({
      forward: beamWidth,
      proposals: beamWidth * width,
      // A feedback batch may be smaller than the batch.
      mayRest: true,
      // The budget is of all candidates together, and one of them has no more than there are examples.
      scored: [{ candidates: budget, on: 1 }],
    }),
    async iterate(given, memo) {
      const step = given as Step;
      const { archive, current, random } = step;
      const seed = memo.seed ?? random.integer(0, 2 ** 32);
      const beam = memo.beam.length === 0 ? [current] : memo.beam.map((id) => archive.get(id));
      const on = feedbackBatch(step, beam, { failures: "most" });
      const proposed = await step.propose(beam, { count: width, on, advice: adviceOf(numEdits, numParaphrases) });
      const successors = beam.flatMap((parent, at) => {
        const own = [...new Set(proposed.slice(at * width, (at + 1) * width))].filter((child) => child !== parent);
        return maxSuccessors === undefined || own.length <= maxSuccessors ? own : random.sample(own, maxSuccessors);
      });
      const arms = [...new Set<Entry>([current, ...beam, ...successors])];
      const bandit = { budget, keep: beamWidth, blockSize, rule: selection, exploration, seed };
      const next = await chooseByBandit(step, arms, bandit);
      const [best = current] = next;
      const { means, isCovered } = archive.sureMean(best, step.validation);
      return { current: means !== null && isCovered ? best : current, memo: { seed, beam: next.map(({ id }) => id) } };
    },
  };
}

/** One advice for each proposal from a parent. */
function adviceOf(numEdits: number, numParaphrases: number): readonly string[] {
  const edits = Array.from({ length: numEdits }, (_, at) => {
    const rank = at === 0 ? "that explains most of the failures" : `number ${at + 1}, by how many failures it explains`;
    return `First name the flaw ${rank}. Then fix that flaw alone.`;
  });
  const paraphrase = "Say the same in other words: keep the meaning, and change the wording and the order.";
  return [...edits, ...Array.from({ length: numParaphrases }, () => paraphrase)];
}
