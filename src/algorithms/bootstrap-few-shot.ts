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
  /** Lists of demonstrations that are tried from each batch, one in an iteration, at least 1. @default 4 */
  readonly numCandidates?: number | undefined;
  /** Drops candidates that are probably not the best, for guides that declare a `scoreRange`. @default none */
  readonly errorProbability?: number | undefined;
}

const bootstrapTable: OptionTable<BootstrapFewShotOptions> = {
  ...demonstrationTable,
  numCandidates: wholeFrom(1),
  errorProbability: numberWithin({ above: 0, below: 1 }),
};

/** What is known so far: plain JSON. */
type Known = {
  readonly pools: DemonstrationPools;
  /** How many lists were tried. */
  readonly tried: number;
};

/**
 * Runs the current candidate on a batch, keeps what it did well as demonstrations, and tries a list of them in each iteration: first the right
 * answers alone, then the first successes, then random lists of 1 to `maxBootstrapped` successes. After every `numCandidates` lists, the best so far
 * is run on another batch. No optimizer is asked. After `BootstrapFewShotWithRandomSearch` of DSPy; lists that cannot be the best are not scored to the
 * end, and the successes grow with every batch.
 */
export function bootstrapFewShot(options: BootstrapFewShotOptions = {}): SearchPolicy<Known> {
  checkTable(options, bootstrapTable, "BootstrapFewShot");
  const { numCandidates = 4, errorProbability, maxBootstrapped = 4, maxLabeled = 16 } = options;
  return {
    name: "BootstrapFewShot",
    settings: {
      ...demonstrationSettings(options),
      numCandidates,
      ...(errorProbability === undefined ? {} : { errorProbability }),
    },
    start: { pools: {}, tried: 0 },
    defaults: { batchSize: 16 },
    appetite: () => ({
      forward: 1,
      proposals: 0,
      added: 1,
      mayRest: numCandidates > 1,
      scored: [{ candidates: 2, on: "validation" }],
    }),
    async iterate(given, { pools: before, tried }) {
      const step = given as Step;
      const { current, random } = step;
      const paths = requiredPaths(step, options.parameters);
      const isDue = tried % numCandidates === 0 || isEmpty(before);
      const pools = isDue ? await gatherDemonstrations(step, current, before, { ...options, paths }) : before;
      const most = { maxBootstrapped, maxLabeled };
      const first = firstSizes(most)[tried];
      const child = withLists(step, current, pools, {
        paths,
        sizes: first ?? randomSizes(random, most),
        isDrawn: first === undefined,
      });
      const chosen = await chooseBest(step, current, [child], { keep: 1, errorProbability });
      return { current: chosen, memo: { pools, tried: tried + 1 } };
    },
  };
}

function isEmpty(pools: DemonstrationPools): boolean {
  return Object.values(pools).every(({ bootstrapped, labeled }) => bootstrapped.length + labeled.length === 0);
}
