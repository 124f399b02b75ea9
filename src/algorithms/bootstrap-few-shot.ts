/**
 * Bootstrapped few-shot examples with random search: lists of demonstrations from the agent's own successes, the best list is kept.
 *
 * @module
 */

import { ownValue } from "../data/json.ts";
import { numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Entry, SearchPolicy, Step } from "../search/search.ts";
import { chooseBest } from "./best-of.ts";
import {
  type DemonstrationOptions,
  type DemonstrationPools,
  demonstrationPaths,
  demonstrationSettings,
  demonstrationTable,
  drawDemonstrations,
  firstSizes,
  gatherDemonstrations,
  type ListSizes,
  randomSizes,
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
      const paths = demonstrationPaths(step, options.parameters);
      if (paths.length === 0) {
        throw new InvalidArgumentError(
          "No trainable parameter holds a list of demonstrations. Add one, such as parameter([]), and show its elements in the prompt",
        );
      }
      const pools = await gatherDemonstrations(step, current, before, { ...options, paths });
      const most = { maxBootstrapped, maxLabeled };
      const fixed = Object.keys(before).length === 0 ? firstSizes(most) : [];
      const children = Array.from({ length: numCandidates }, (_, number) => {
        const first = fixed[number];
        return withLists(step, paths, pools, first ?? randomSizes(random, most), first === undefined);
      });
      return { current: await chooseBest(step, current, children, { keep: 1, errorProbability }), memo: pools };
    },
  };
}

/** The current candidate with a list of demonstrations for each path. @param isDrawn whether they are drawn at random, and not the first ones */
function withLists(step: Step, paths: readonly string[], pools: DemonstrationPools, sizes: ListSizes, isDrawn: boolean): Entry {
  const { current, random } = step;
  const lists = paths.map((path) => {
    const pool = ownValue(pools, path) ?? { bootstrapped: [], labeled: [] };
    const drawn = drawDemonstrations(step.rulesOf(path), pool, sizes, isDrawn ? random : undefined);
    // Nothing to show yet: as it was.
    return [path, drawn.length === 0 ? (current.values[path] ?? []) : drawn] as const;
  });
  return step.add(Object.fromEntries(lists), [current], "demonstrations");
}
