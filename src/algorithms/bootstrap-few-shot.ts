/**
 * Bootstrapped few-shot examples with random search: lists of demonstrations from the agent's own successes, the best list is kept.
 *
 * @module
 */
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { SearchPolicy, Step } from "../search/search.ts";
import { chooseBest } from "./best-of.ts";
import {
  type DemonstrationOptions,
  type DemonstrationPools,
  demonstrationSettings,
  demonstrationTable,
  firstSizes,
  gatherDemonstrations,
  randomSizes,
  requiredPaths,
  withLists,
} from "./demonstration-pools.ts";

/** Options of `bootstrapFewShot`. */
export interface BootstrapFewShotOptions extends DemonstrationOptions {
  /** Lists of demonstrations that are tried in each iteration, at least 1. @default 4 */
  readonly numCandidates?: number | undefined;
  /** Drops candidates that are probably not the best, for guides that declare a `scoreRange`. @default none */
  readonly errorProbability?: number | undefined;
}

const bootstrapTable: OptionTable<BootstrapFewShotOptions> = {
  ...demonstrationTable,
  numCandidates: wholeFrom(1),
  errorProbability: numberWithin({ above: 0, below: 1 }),
};

/**
 * Runs the current candidate on each batch, keeps what it did well as demonstrations, and tries lists of them: in the first iteration the right
 * answers alone and the first successes, then random lists of 1 to `maxBootstrapped` successes. No optimizer is asked. After
 * `BootstrapFewShotWithRandomSearch` of DSPy; candidates that cannot be the best are not scored to the end, and the successes grow with every batch.
 */
export function bootstrapFewShot(options: BootstrapFewShotOptions = {}): SearchPolicy<DemonstrationPools> {
  checkTable(options, bootstrapTable, "BootstrapFewShot");
  const { numCandidates = 4, errorProbability, maxBootstrapped = 4, maxLabeled = 16 } = options;
  return {
    name: "BootstrapFewShot",
    settings: {
      ...demonstrationSettings(options),
      numCandidates,
      ...(errorProbability === undefined ? {} : { errorProbability }),
    },
    start: {},
    appetite: () => ({
      forward: 1,
      proposals: 0,
      added: numCandidates,
      scored: [{ candidates: numCandidates + 1, on: "validation" }],
    }),
    async iterate(given, before) {
      const step = given as Step;
      const { current, random } = step;
      const paths = requiredPaths(step, options.parameters);
      const pools = await gatherDemonstrations(step, current, before, { ...options, paths });
      const most = { maxBootstrapped, maxLabeled };
      const fixed = Object.keys(before).length === 0 ? firstSizes(most) : [];
      const children = Array.from({ length: numCandidates }, (_, number) => {
        const first = fixed[number];
        const sizes = first ?? randomSizes(random, most);
        return withLists(step, current, pools, { paths, sizes, isDrawn: first === undefined });
      });
      return { current: await chooseBest(step, current, children, { keep: 1, errorProbability }), memo: pools };
    },
  };
}
