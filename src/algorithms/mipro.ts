/**
 * MIPRO: candidates for each parameter, instructions and lists of demonstrations, and a search for the best combination of them.
 *
 * @module
 */
import { type JsonValue, jsonEqual } from "../data/json.ts";
import { type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { Random } from "../data/random.ts";
import type { Entry, Sample, SearchPolicy, Step } from "../search/search.ts";
import { nextChoices } from "./categorical-tpe.ts";
import {
  type DemonstrationOptions,
  type DemonstrationPools,
  demonstrationPaths,
  demonstrationSettings,
  demonstrationTable,
  drawDemonstrations,
  gatherDemonstrations,
} from "./demonstration-pools.ts";
import { groundedAdvice } from "./grounded-advice.ts";
import { scoreRows, twoWayEstimates } from "./two-way-estimates.ts";

/** Options of `mipro`. */
export interface MiproOptions extends DemonstrationOptions {
  /** Proposals for the other parameters, and as many lists of demonstrations, made in the first iteration. @default 6 */
  readonly numCandidates?: number | undefined;
  /** Combinations that are tried in each iteration, at least 1. @default 1 */
  readonly numTrials?: number | undefined;
  /** Validation examples that a combination is tried on; all where there are fewer. @default 35 */
  readonly minibatchSize?: number | undefined;
  /** Every how many iterations the most promising combination is scored on all validation data. @default 5 */
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

type MiproMemo = {
  /** Decides the order of the validation examples; `null` before the first iteration. */
  readonly seed: number | null;
  readonly pools: DemonstrationPools;
  /** The candidates for each parameter; the first is its value at the start. */
  readonly choices: { readonly [path: string]: readonly JsonValue[] };
  /** What was tried: the choice for each parameter in order, and the candidate. */
  readonly trials: readonly { readonly picks: readonly number[]; readonly id: string }[];
  /** The candidates that were scored on all validation data. */
  readonly full: readonly string[];
};

/**
 * First makes candidates: instructions from the optimizer, each grounded in other demonstrations and with another tip, and lists of demonstrations
 * from the agent's own successes. Then a Tree-structured Parzen Estimator chooses combinations, which are tried on the next validation examples, all
 * in the same order; now and then the most promising one is scored on all of them, and is the current one if it is the best of those. After MIPROv2
 * of DSPy (Opsahl-Ong et al. 2024).
 */
export function mipro(options: MiproOptions = {}): SearchPolicy<MiproMemo> {
  checkTable(options, miproTable, "MIPRO");
  const { numCandidates = 6, numTrials = 1, minibatchSize = 35, fullEvery = 5, extendEvery = 10, maxLabeled = 16 } = options;
  const { maxBootstrapped = 4 } = options;
  return {
    name: "MIPRO",
    settings: { ...demonstrationSettings(options), numCandidates, numTrials, minibatchSize, fullEvery, extendEvery },
    start: { seed: null, pools: {}, choices: {}, trials: [], full: [] },
    appetite: () => ({
      forward: 1,
      proposals: numCandidates,
      added: numTrials,
      scored: [
        { candidates: numTrials, on: minibatchSize },
        { candidates: 2, on: "validation" },
      ],
    }),
    async iterate(given, before) {
      const step = given as Step;
      const { archive, current, validation, iteration, random } = step;
      await step.score([current], validation);
      const isFirst = before.seed === null;
      let memo = { ...before, seed: before.seed ?? random.integer(0, 2 ** 32), full: [...new Set([...before.full, current.id])] };
      const sizesOf = () => step.parameters.map((path) => memo.choices[path]?.length ?? 1);
      const isExhausted = sizesOf().reduce((product, size) => product * size, 1) <= memo.trials.length;
      if (isFirst || (extendEvery > 0 && (isExhausted || iteration % extendEvery === 0)))
        memo = await extended(isFirst ? numCandidates : 1);

      const order = new Random(memo.seed, "trials").shuffle(validation.examples);
      const at = (iteration - 1) * minibatchSize;
      const size = Math.min(minibatchSize, order.length);
      const on: Sample = {
        ...validation,
        examples: Array.from({ length: size }, (_, place) => order[(at + place) % order.length] as number),
      };
      const scored = scoresOf(memo.trials.map(({ id }) => archive.get(id)));
      const tried = memo.trials.map(({ picks, id }) => ({ picks, score: scored.get(id) ?? Number.NEGATIVE_INFINITY }));
      const fresh: (MiproMemo["trials"][number] & { readonly entry: Entry })[] = [];
      for (let trial = 0; trial < numTrials; trial++) {
        const picks = nextChoices(
          sizesOf(),
          tried,
          random,
          fresh.map((one) => one.picks),
        );
        if (picks === undefined) break;
        const values = step.parameters.map((path, index) => {
          return [path, memo.choices[path]?.[picks[index] as number] ?? current.values[path] ?? null] as const;
        });
        const entry = step.add(Object.fromEntries(values), [current], "combination");
        fresh.push({ picks, id: entry.id, entry });
      }
      await step.score(
        fresh.map(({ entry }) => entry),
        on,
      );
      const trials = [...memo.trials, ...fresh.map(({ picks, id }) => ({ picks, id }))];
      if (iteration % fullEvery !== 0) return { current, memo: { ...memo, trials } };

      const open = [...new Set(trials.map(({ id }) => id))].filter((id) => !memo.full.includes(id)).map((id) => archive.get(id));
      const estimates = scoresOf([...open, current]);
      const [promising] = open.toSorted((a, b) => (estimates.get(b.id) ?? 0) - (estimates.get(a.id) ?? 0));
      if (promising === undefined) return { current, memo: { ...memo, trials } };
      await step.score([promising], validation);
      const [best = current] = archive.top([current, promising], 1, validation);
      return { current: best, memo: { ...memo, trials, full: [...memo.full, promising.id] } };

      /** Estimates by id, whatever examples each was tried on. */
      function scoresOf(entries: readonly Entry[]): ReadonlyMap<string, number> {
        const rows = scoreRows(archive, [...new Set([...entries, current])], validation);
        return new Map(
          [...twoWayEstimates(rows)].flatMap(([entry, { score, examples }]) => (examples === 0 ? [] : [[entry.id, score]])),
        );
      }

      /** More candidates for each parameter, from the batch. */
      async function extended(count: number): Promise<typeof memo> {
        const paths = demonstrationPaths(step, options.parameters);
        const pools = await gatherDemonstrations(step, current, memo.pools, { ...options, paths });
        const lists = paths.map((path) => {
          const draw = (number: number): readonly JsonValue[] => {
            const fixed = isFirst
              ? [
                  { bootstrapped: 0, labeled: maxLabeled },
                  { bootstrapped: maxBootstrapped, labeled: 0 },
                ][number]
              : undefined;
            const drawn = { bootstrapped: random.integer(Math.min(1, maxBootstrapped), maxBootstrapped), labeled: maxLabeled };
            const pool = pools[path] ?? { bootstrapped: [], labeled: [] };
            return drawDemonstrations(step.rulesOf(path), pool, fixed ?? drawn, fixed === undefined ? random : undefined);
          };
          return [path, Array.from({ length: count }, (_, number) => draw(number)).filter((list) => list.length > 0)] as const;
        });
        const others = step.parameters.filter((path) => !paths.includes(path));
        const advice = groundedAdvice(count, pools, random);
        const proposed = others.length === 0 ? [] : await step.propose([current], { count, parameters: others, advice });
        const written = others.map((path) => [path, proposed.map(({ values }) => values[path] ?? null)] as const);
        const choices = Object.fromEntries(
          [...lists, ...written].map(([path, values]) => {
            const known = memo.choices[path] ?? [current.values[path] ?? null];
            return [path, distinct([...known, ...values])];
          }),
        );
        return { ...memo, pools, choices };
      }
    },
  };
}

function distinct(values: readonly JsonValue[]): JsonValue[] {
  return values.filter((value, index) => values.findIndex((other) => jsonEqual(other, value)) === index);
}
