/**
 * MIPRO: candidates for each parameter, instructions and lists of demonstrations, and a search for the best combination of them.
 *
 * @module
 */
import { ownValue } from "../data/json.ts";
import { type Filled, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { nextChoices } from "./categorical-tpe.ts";
import { type DemonstrationOptions, demonstrationSettings, demonstrationTable } from "./demonstration-pools.ts";
import { extendedChoices, type MiproChoices } from "./mipro-choices.ts";
import { blockOf } from "./standing.ts";
import { scoreRows, twoWayEstimates } from "./two-way-estimates.ts";

/** Options of `mipro`. */
export interface MiproOptions extends DemonstrationOptions {
  /** Proposals for the other parameters, and as many lists of demonstrations, made in the first iteration. @default 6 */
  readonly numCandidates?: number | undefined;
  /** Combinations that are tried in each iteration, at least 1. @default 1 */
  readonly numTrials?: number | undefined;
  /** Validation examples that a combination is tried on; all where there are fewer. @default 35 */
  readonly minibatchSize?: number | undefined;
  /**
   * Every how many iterations the most promising combination is scored on all validation data. It also is in the first two iterations, where it
   * looks better than the current one, and in every one where a trial takes all validation data anyway. @default 5
   */
  readonly fullEvery?: number | undefined;
  /** Every how many iterations one more candidate is made for each parameter, from the next batch; 0 for never. @default 10 */
  readonly extendEvery?: number | undefined;
}

const miproTable: OptionTable<MiproOptions> = {
  ...demonstrationTable,
  numCandidates: wholeFrom(1),
  numTrials: wholeFrom(1),
  minibatchSize: wholeFrom(1),
  fullEvery: wholeFrom(1),
  extendEvery: wholeFrom(0),
};

type MiproMemo = MiproChoices & {
  /** Decides the order of the validation examples; `null` before the first iteration. */
  readonly seed: number | null;
  /** What was tried: the choice for each parameter in order, and the candidate. */
  readonly trials: readonly { readonly picks: readonly number[]; readonly id: string }[];
  /** The candidates that were scored on all validation data. */
  readonly full: readonly string[];
};

/** Iterations at the start in which a promising combination need not wait for its turn. */
const numEarly = 2;

/**
 * First makes candidates: instructions from the optimizer, each based on different demonstrations and a different tip, and lists of
 * demonstrations from the agent's own successes. Then a Tree-structured Parzen Estimator chooses combinations, which are scored on the next
 * validation examples, all in the same order. In the first steps, and every few steps later, the most promising combination is scored on all of
 * them; the best of those is the current candidate. After MIPROv2 of DSPy (Opsahl-Ong et al. 2024).
 */
export function mipro(options: MiproOptions = {}): SearchPolicy<MiproMemo> {
  checkTable(options, miproTable, "MIPRO");
  const { numCandidates = 6, numTrials = 1, minibatchSize = 35, fullEvery = 5, extendEvery = 10 } = options;
  return {
    name: "MIPRO",
    settings: { ...demonstrationSettings(options), numCandidates, numTrials, minibatchSize, fullEvery, extendEvery },
    start: { seed: null, pools: {}, choices: {}, trials: [], full: [] },
    defaults: { batchSize: 16 },
    appetite: () => ({
      forward: 1,
      proposals: numCandidates,
      added: numTrials,
      mayRest: true,
      scored: [
        { candidates: numTrials, on: minibatchSize },
        { candidates: 2, on: "validation" },
      ],
    }),
    async iterate(given, before) {
      const step = given as Step;
      const { archive, current, validation, iteration, random } = step;
      const seed = before.seed ?? random.integer(0, 2 ** 32);
      const known = { ...before, seed, full: [...new Set([...before.full, current.id])] };
      const memo = await withChoices(step, known, { ...options, numCandidates, extendEvery, isFirst: before.seed === null });
      await step.score([current], validation);
      const on = blockOf(validation, seed, (iteration - 1) * minibatchSize, minibatchSize);
      const fresh = nextTrials(step, memo, numTrials);
      const tried = { ...memo, trials: [...memo.trials, ...fresh] };
      const entries = fresh.map(({ id }) => archive.get(id));
      await step.score(entries, on);
      const { promising, isBetter } = mostPromising(step, tried);
      // Runs may be short; and what was scored on all examples costs nothing more.
      const isEarly = iteration <= numEarly || on.examples.length === validation.examples.length;
      const isDue = iteration % fullEvery === 0 || (isEarly && isBetter);
      if (promising === undefined || !isDue) return { current, memo: tried };
      await step.score([promising], validation);
      const [best = current] = archive.top([current, promising], 1, validation);
      return { current: best, memo: { ...tried, full: [...memo.full, promising.id] } };
    },
  };
}

/** Adds candidates for the parameters in the first iteration, in every `extendEvery`th, and once all combinations were tried. */
async function withChoices(
  step: Step,
  memo: MiproMemo,
  {
    numCandidates,
    extendEvery,
    isFirst,
    ...options
  }: Filled<MiproOptions, "numCandidates" | "extendEvery"> & { readonly isFirst: boolean },
): Promise<MiproMemo> {
  const isExhausted = sizesOf(step, memo).reduce((product, size) => product * size, 1) <= memo.trials.length;
  const isDue = extendEvery > 0 && (isExhausted || step.iteration % extendEvery === 0);
  if (!isFirst && !isDue) return memo;
  return { ...memo, ...(await extendedChoices(step, memo, { ...options, count: isFirst ? numCandidates : 1 })) };
}

/** How many candidates each parameter has. */
function sizesOf({ parameters }: Step, { choices }: MiproMemo): readonly number[] {
  return parameters.map((path) => ownValue(choices, path)?.length ?? 1);
}

/** Combinations that the estimator chooses, by what those that were tried came to. */
function nextTrials(step: Step, memo: MiproMemo, count: number): MiproMemo["trials"] {
  const { archive, current, random, parameters } = step;
  const estimates = estimatesOf(
    step,
    memo.trials.map(({ id }) => archive.get(id)),
  );
  const tried = memo.trials.map(({ picks, id }) => ({ picks, score: estimates.get(id) ?? Number.NEGATIVE_INFINITY }));
  const fresh: MiproMemo["trials"][number][] = [];
  for (let trial = 0; trial < count; trial++) {
    const underway = fresh.map((one) => one.picks);
    const picks = nextChoices(sizesOf(step, memo), tried, random, underway);
    if (picks === undefined) break;
    const values = parameters.map((path, index) => {
      return [path, ownValue(memo.choices, path)?.[picks[index] as number] ?? current.values[path] ?? null] as const;
    });
    fresh.push({ picks, id: step.add(Object.fromEntries(values), [current], "combination").id });
  }
  return fresh;
}

/** The combination with the highest estimate that was not scored on all validation data, and whether that is higher than the current candidate's. */
function mostPromising(step: Step, { trials, full }: MiproMemo): { readonly promising?: Entry; readonly isBetter: boolean } {
  const { archive, current } = step;
  const open = [...new Set(trials.map(({ id }) => id))].filter((id) => !full.includes(id)).map((id) => archive.get(id));
  const estimates = estimatesOf(step, open);
  const estimateOf = ({ id }: Entry): number => estimates.get(id) ?? -Number.MAX_VALUE;
  const [promising] = open.toSorted((a, b) => estimateOf(b) - estimateOf(a));
  if (promising === undefined) return { isBetter: false };
  return { promising, isBetter: estimateOf(promising) > estimateOf(current) };
}

/** Estimates of these and of the current candidate by id, whatever examples each was tried on. */
function estimatesOf({ archive, current, validation }: Step, entries: readonly Entry[]): ReadonlyMap<string, number> {
  const estimates = twoWayEstimates(scoreRows(archive, [...new Set([...entries, current])], validation));
  return new Map([...estimates].flatMap(([{ id }, { score, examples }]) => (examples === 0 ? [] : [[id, score]])));
}
