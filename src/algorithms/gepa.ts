/**
 * GEPA: candidates that are the best on some example are improved; a child that is better on the batch is scored on all validation data.
 *
 * @module
 */
import { type Filled, finiteNumber, type OptionTable, oneOf, trueOrFalse, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step, Verdict } from "../search/search.ts";
import { bestSets, coveringCandidates, type FrontBy } from "./best-sets.ts";
import { chooseMerge, type MergeMemo, scoredTogether, testedMerge } from "./merge-components.ts";
import { parameterInTurn } from "./parameter-in-turn.ts";
import { meansOn, orientedBound, orientedScore } from "./standing.ts";

/** Options of `gepa`. */
export interface GepaOptions {
  /**
   * On what a candidate has to be the best to be a parent: an example, a metric, either, or a metric on an example. Metrics are the further
   * `scores` of the guide, or those that the objective names. @default "instance"
   */
  readonly front?: FrontBy | undefined;
  /** Which parameters a proposal may change: those of a candidate one after the other, or all. @default "round-robin" */
  readonly components?: "round-robin" | "all" | undefined;
  /** Whether a child has to be better than its parent on the batch, or at least as good. @default "better" */
  readonly acceptance?: "better" | "as-good" | undefined;
  /** Whether the candidate with the highest mean can be a parent also where others cover all its examples. @default true */
  readonly keepBest?: boolean | undefined;
  /**
   * A batch on which every example scores at least this, or at most where the objective minimizes the score, is not improved.
   * @default the best score that the guide declares
   */
  readonly perfectScore?: number | undefined;
  /** Merges that are accepted at most; 0 for none. @default 0 */
  readonly maxMerges?: number | undefined;
  /** Validation examples that two candidates have to have in common to be merged. @default 5 */
  readonly mergeOverlap?: number | undefined;
}

const gepaTable: OptionTable<GepaOptions> = {
  front: oneOf(["instance", "objective", "hybrid", "cartesian"]),
  components: oneOf(["round-robin", "all"]),
  acceptance: oneOf(["better", "as-good"]),
  keepBest: trueOrFalse,
  perfectScore: finiteNumber,
  maxMerges: wholeFrom(0),
  mergeOverlap: wholeFrom(1),
};

/** What is remembered: the accepted candidates, each with its next parameter, and the merges. */
type GepaMemo = MergeMemo & {
  readonly pool: readonly (readonly [id: string, next: number])[];
  readonly due: number;
  readonly merged: number;
  /** Whether the last iteration has accepted a proposal. */
  readonly isNew: boolean;
};

/** One iteration: what is known when it begins. */
interface Round {
  readonly step: Step;
  readonly memo: GepaMemo;
  readonly settings: Filled<GepaOptions, Exclude<keyof GepaOptions, "perfectScore">>;
  /** The next parameter of each accepted candidate; candidates are added, and turns moved on, as the iteration goes. */
  readonly nextOf: Map<string, number>;
  readonly pool: readonly Entry[];
  readonly meanOf: (entry: Entry) => number;
  /** The candidates that are needed to cover all keys, each with the number of keys on which it is the best. */
  readonly covering: ReadonlyMap<Entry, number>;
}

/**
 * Draws a parent among the candidates that are the best on some example (or metric, see `front`), in proportion to how many these are, and
 * improves it on the batch. A child that scores higher there is accepted, and scored on all validation data. Merges join two candidates that
 * have a common ancestor. After GEPA (Agrawal et al. 2025) as in gepa 0.1.4; the batch size there is 3.
 */
export function gepa(options: GepaOptions = {}): SearchPolicy<GepaMemo> {
  checkTable(options, gepaTable, "GepaSearch");
  const { front = "instance", components = "round-robin", acceptance = "better", keepBest = true } = options;
  const { perfectScore, maxMerges = 0, mergeOverlap = 5 } = options;
  const settings = { front, components, acceptance, keepBest, perfectScore, maxMerges, mergeOverlap };
  return {
    name: "GepaSearch",
    settings: { ...settings, perfectScore: perfectScore ?? null },
    start: { pool: [], due: 0, merged: 0, isNew: false, tried: [], made: [] },
    defaults: { batchSize: 3 },
    appetite: () => ({
      forward: 1,
      proposals: 1,
      added: maxMerges > 0 ? 1 : 0,
      mayRest: maxMerges > 0,
      scored: [
        { candidates: 1, on: "batch" },
        { candidates: 2, on: "validation" },
      ],
    }),
    async iterate(step, memo) {
      const round = roundOf(step as Step, memo, settings);
      return (await merge(round)) ?? improve(round);
    },
  };
}

function roundOf(step: Step, memo: GepaMemo, settings: Round["settings"]): Round {
  const { archive, current, validation } = step;
  const isKnown = memo.pool.some(([id]) => id === current.id);
  const nextOf = new Map([...memo.pool, ...(isKnown ? [] : [[current.id, 0] as const])]);
  const pool = [...nextOf.keys()].map((id) => archive.get(id));
  const meanOf = meansOn(archive, pool, validation);
  const covering = coveringCandidates(bestSets(archive, pool, validation, settings.front), meanOf);
  return { step, memo, settings, nextOf, pool, meanOf, covering };
}

/** Joins two candidates, after an iteration that has accepted a proposal; `undefined` where no merge is due or none is found. */
async function merge(round: Round): Promise<Verdict<GepaMemo> | undefined> {
  const { step, memo, settings, pool, meanOf, covering } = round;
  if (!memo.isNew || memo.due === 0) return undefined;
  const areComparable = (...pair: Entry[]): boolean => scoredTogether(step, pair).length >= settings.mergeOverlap;
  const candidates = pool.filter((entry) => covering.has(entry));
  const chosen = chooseMerge(step, { pool, candidates, meanOf, areComparable, memo });
  if (chosen === undefined) return undefined;
  const child = await testedMerge(step, chosen, pool);
  if (child === undefined) return { current: step.current, memo: { ...memo, ...chosen.memo, isNew: false } };
  const { due, merged } = memo;
  return accept(round, child, chosen.parents, { ...chosen.memo, due: due - 1, merged: merged + 1, isNew: false });
}

/** Improves one candidate on the batch. */
async function improve(round: Round): Promise<Verdict<GepaMemo>> {
  const { step, memo, settings, nextOf } = round;
  const { archive, current, batch, validation, parameters } = step;
  const parent = drawParent(round);
  if (await isPerfect(round, parent)) {
    await step.score([current], validation);
    return { current, memo: { ...memo, pool: [...nextOf], isNew: false } };
  }
  const isInTurn = settings.components === "round-robin";
  const turn = isInTurn ? await parameterInTurn(step, parent, nextOf.get(parent.id) ?? 0) : 0;
  if (isInTurn) nextOf.set(parent.id, (turn + 1) % parameters.length);
  const chosen = isInTurn ? [parameters[turn] as string] : parameters;
  const [child = parent] = await step.propose([parent], { on: batch, parameters: chosen });
  await step.score([current], validation);
  const unchanged = { current, memo: { ...memo, pool: [...nextOf], isNew: false } };
  if (nextOf.has(child.id)) return unchanged;
  await step.score([child], batch);
  const [before, after] = archive.compare([parent, child], batch) as [number | null, number | null];
  const isBetter = before !== null && after !== null && (settings.acceptance === "better" ? after > before : after >= before);
  if (!isBetter) return unchanged;
  return accept(round, child, [parent], { due: memo.due + (memo.merged < settings.maxMerges ? 1 : 0), isNew: true });
}

function drawParent({ step: { current, random }, settings, pool, covering }: Round): Entry {
  const weightOf = (entry: Entry): number => {
    return covering.size === 0 ? 1 : (covering.get(entry) ?? (settings.keepBest && entry === current ? 1 : 0));
  };
  const able = pool.filter((entry) => weightOf(entry) > 0);
  return able[able.length === 1 ? 0 : random.weightedIndex(able.map(weightOf))] as Entry;
}

/** Whether nothing of the batch is left to improve. */
async function isPerfect({ step, settings: { perfectScore } }: Round, parent: Entry): Promise<boolean> {
  if (perfectScore === undefined) return false;
  const { archive, batch } = step;
  await step.forward([parent], batch);
  const latest = archive.trials(parent, batch).map((trials) => orientedScore(archive, trials.at(-1)));
  const least = orientedBound(archive, perfectScore);
  return latest.every((score) => score !== null && score >= least);
}

/** Scores a child on all validation data; from then on it may be a parent. */
async function accept(
  { step, memo, nextOf }: Round,
  child: Entry,
  parents: readonly Entry[],
  change: Partial<GepaMemo>,
): Promise<Verdict<GepaMemo>> {
  const { archive, current, validation } = step;
  await step.score([child], validation);
  nextOf.set(child.id, Math.max(...parents.map(({ id }) => nextOf.get(id) ?? 0)));
  const all = [...nextOf.keys()].map((id) => archive.get(id));
  const [best = current] = archive.top([current, ...all], 1, validation);
  return { current: best, memo: { ...memo, pool: [...nextOf], ...change } };
}
