/**
 * Lists of demonstrations that racing search tries besides the proposals of the optimizer.
 *
 * @module
 */
import type { Entry, Sample, Step } from "../search/search.ts";
import {
  type DemonstrationOptions,
  type DemonstrationPools,
  firstSizes,
  gatherDemonstrations,
  randomSizes,
  requiredPaths,
  withLists,
} from "./demonstration-pools.ts";
import { partsOf } from "./failing-blocks.ts";

/** What is tried, with what the lists are drawn from. */
export interface RacingLists {
  readonly children: readonly Entry[];
  readonly pools: DemonstrationPools;
}

/**
 * Runs the leader on the batch, in the parts on which it is also looked for failures, and gives it some lists of demonstrations: at first the right answers alone
 * and the first successes, later on drawn ones.
 */
export async function listsFor(
  step: Step,
  leader: Entry,
  before: DemonstrationPools,
  options: DemonstrationOptions & { readonly numLists: number; readonly feedbackSize: number },
): Promise<RacingLists> {
  const { numLists, feedbackSize, maxBootstrapped = 4, maxLabeled = 16 } = options;
  const paths = requiredPaths(step, options.parameters);
  const parts: readonly Sample[] = partsOf(step.batch, feedbackSize);
  const pools = await gatherDemonstrations(step, leader, before, { ...options, paths, parts });
  const most = { maxBootstrapped, maxLabeled };
  const fixed = Object.keys(before).length === 0 ? firstSizes(most) : [];
  const children = Array.from({ length: numLists }, (_, number) => {
    const sizes = fixed[number] ?? randomSizes(step.random, most);
    return withLists(step, leader, pools, { paths, sizes, isDrawn: fixed[number] === undefined });
  });
  return { children: [...new Set(children)].filter((child) => child !== leader), pools };
}
