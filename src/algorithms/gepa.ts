/**
 * GEPA: candidates that are the best on some example are improved; a child that is better on the batch is scored on all validation data.
 *
 * @module
 */
import { finiteNumber, type OptionTable, oneOf, trueOrFalse, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
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

/**
 * Draws a parent among the candidates that are the best on some key, in proportion to the number of keys, and improves it on the batch. A child
 * that scores higher there is scored on all validation data and accepted. Merges join two candidates by their common ancestor. After GEPA
 * (Agrawal et al. 2025) as in gepa 0.1.4; the batch size there is 3.
 */
export function gepa(options: GepaOptions = {}): SearchPolicy<GepaMemo> {
  checkTable(options, gepaTable, "GepaSearch");
  const { front = "instance", components = "round-robin", acceptance = "better", keepBest = true } = options;
  const { perfectScore, maxMerges = 0, mergeOverlap = 5 } = options;
  return {
    name: "GepaSearch",
    settings: { front, components, acceptance, keepBest, perfectScore: perfectScore ?? null, maxMerges, mergeOverlap },
    start: { pool: [], due: 0, merged: 0, isNew: false, tried: [], made: [] },
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
    async iterate(given, memo) {
      const step = given as Step;
      const { archive, current, batch, validation, random, parameters } = step;
      const isKnown = memo.pool.some(([id]) => id === current.id);
      const nextOf = new Map([...memo.pool, ...(isKnown ? [] : [[current.id, 0] as const])]);
      const pool = [...nextOf.keys()].map((id) => archive.get(id));
      const meanOf = meansOn(archive, pool, validation);
      const covering = coveringCandidates(bestSets(archive, pool, validation, front), meanOf);
      const accept = async (child: Entry, parents: readonly Entry[], next: typeof nextOf, due: Partial<GepaMemo>) => {
        await step.score([child], validation);
        next.set(child.id, Math.max(...parents.map(({ id }) => next.get(id) ?? 0)));
        const all = [...next.keys()].map((id) => archive.get(id));
        const [best = current] = archive.top([current, ...all], 1, validation);
        return { current: best, memo: { ...memo, pool: [...next], ...due } };
      };

      if (memo.isNew && memo.due > 0) {
        const areComparable = (...pair: Entry[]) => scoredTogether(step, pair).length >= mergeOverlap;
        const candidates = pool.filter((entry) => covering.has(entry));
        const merge = chooseMerge(step, { pool, candidates, meanOf, areComparable, memo });
        if (merge !== undefined) {
          const child = await testedMerge(step, merge, pool);
          if (child === undefined) return { current, memo: { ...memo, ...merge.memo, isNew: false } };
          const due = { ...merge.memo, due: memo.due - 1, merged: memo.merged + 1, isNew: false };
          return accept(child, merge.parents, nextOf, due);
        }
      }

      const weightOf = (entry: Entry): number => {
        return covering.size === 0 ? 1 : (covering.get(entry) ?? (keepBest && entry === current ? 1 : 0));
      };
      const able = pool.filter((entry) => weightOf(entry) > 0);
      const parent = able[able.length === 1 ? 0 : random.weightedIndex(able.map(weightOf))] as Entry;
      const rest = { ...memo, pool: [...nextOf], isNew: false };
      if (perfectScore !== undefined) {
        await step.forward([parent], batch);
        const latest = archive.trials(parent, batch).map((trials) => orientedScore(archive, trials.at(-1)));
        const least = orientedBound(archive, perfectScore);
        if (latest.every((score) => score !== null && score >= least)) {
          await step.score([current], validation);
          return { current, memo: rest };
        }
      }
      const isInTurn = components === "round-robin";
      const turn = isInTurn ? await parameterInTurn(step, parent, nextOf.get(parent.id) ?? 0) : 0;
      if (isInTurn) nextOf.set(parent.id, (turn + 1) % parameters.length);
      const chosen = isInTurn ? [parameters[turn] as string] : parameters;
      const [child = parent] = await step.propose([parent], { on: batch, parameters: chosen });
      await step.score([current], validation);
      const unchanged = { ...rest, pool: [...nextOf] };
      if (nextOf.has(child.id)) return { current, memo: unchanged };
      await step.score([child], batch);
      const [before, after] = archive.compare([parent, child], batch) as [number | null, number | null];
      const isBetter = before !== null && after !== null && (acceptance === "better" ? after > before : after >= before);
      if (!isBetter) return { current, memo: unchanged };
      return accept(child, [parent], nextOf, { due: memo.due + (memo.merged < maxMerges ? 1 : 0), isNew: true });
    },
  };
}
