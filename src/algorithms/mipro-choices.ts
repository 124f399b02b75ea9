/**
 * What MIPRO chooses from: for each parameter some values, written by the optimizer or drawn from demonstrations.
 *
 * @module
 */
import { type JsonValue, jsonEqual, ownValue } from "../data/json.ts";
import type { Step } from "../search/search.ts";
import {
  type DemonstrationOptions,
  type DemonstrationPools,
  demonstrationPaths,
  drawDemonstrations,
  firstSizes,
  gatherDemonstrations,
  randomSizes,
} from "./demonstration-pools.ts";
import { groundedAdvice } from "./grounded-advice.ts";

/** What there is to choose from; plain JSON. */
export type MiproChoices = {
  readonly pools: DemonstrationPools;
  /** The candidates for each parameter; the first is its value at the start. */
  readonly choices: { readonly [path: string]: readonly JsonValue[] };
};

/**
 * Adds candidates from the batch: of each list of demonstrations at first one with right answers alone and one with the first successes, then random
 * ones; of the other parameters what the optimizer proposes, each time with another advice.
 */
export async function extendedChoices(
  step: Step,
  { pools: before, choices }: MiproChoices,
  options: DemonstrationOptions & { readonly count: number },
): Promise<MiproChoices> {
  const { current, random, parameters } = step;
  const { count, maxBootstrapped = 4, maxLabeled = 16 } = options;
  const paths = demonstrationPaths(step, options.parameters);
  const pools = await gatherDemonstrations(step, current, before, { ...options, paths });
  const isFirst = Object.keys(choices).length === 0;
  const most = { maxBootstrapped, maxLabeled };
  const fixed = isFirst ? firstSizes(most) : [];
  const lists = paths.map((path) => {
    const pool = ownValue(pools, path) ?? { bootstrapped: [], labeled: [] };
    const drawn = Array.from({ length: count }, (_, number) => {
      const drawnSizes = randomSizes(random, most);
      const first = fixed[number];
      return drawDemonstrations(step.rulesOf(path), pool, first ?? drawnSizes, first === undefined ? random : undefined);
    });
    return [path, drawn.filter((list) => list.length > 0)] as const;
  });
  const others = parameters.filter((path) => !paths.includes(path));
  const advice = groundedAdvice(count, pools, random);
  const proposed = others.length === 0 ? [] : await step.propose([current], { count, parameters: others, advice });
  const written = others.map((path) => [path, proposed.map(({ values }) => values[path] ?? null)] as const);
  const extended = [...lists, ...written].map(([path, values]) => {
    const known = ownValue(choices, path) ?? [current.values[path] ?? null];
    return [path, distinct([...known, ...values])] as const;
  });
  return { pools, choices: Object.fromEntries(extended) };
}

function distinct(values: readonly JsonValue[]): JsonValue[] {
  return values.filter((value, index) => values.findIndex((other) => jsonEqual(other, value)) === index);
}
