/**
 * What MIPRO chooses from: for each parameter some values, written by the optimizer or drawn from demonstrations.
 *
 * @module
 */
import { type JsonValue, jsonEqual, ownValue } from "../data/json.ts";
import type { Random } from "../data/random.ts";
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
import { quoted } from "./quoted.ts";

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

/** What an instruction may be like; the first says nothing. */
const tips: readonly string[] = [
  "",
  "Keep the instruction clear and concise.",
  "Describe the task in detail: what comes in, what is asked for, and what to watch out for.",
  "Be creative: describe the task from a point of view that has not been tried.",
  "State what is at stake when the answer is wrong.",
  "Give the model a role that suits the task.",
];

const numShown = 3;
/** Characters of one demonstration; longer ones are cut. */
const mostCharacters = 600;

/** One advice for each proposal: instructions are to differ, each with other demonstrations and another tip. */
function groundedAdvice(count: number, pools: DemonstrationPools, random: Random): readonly string[] {
  const all = Object.values(pools).flatMap(({ bootstrapped, labeled }) =>
    [...bootstrapped, ...labeled].map(({ value }) => value),
  );
  return Array.from({ length: count }, (_, number) => {
    const shown = random.sample(all, Math.min(numShown, all.length)).map((value) => `- ${quoted(value, mostCharacters)}`);
    const tip = tips[number % tips.length] ?? "";
    return [
      ...(shown.length === 0 ? [] : [`The task, in examples that are right:\n${shown.join("\n")}`]),
      ...(tip === "" ? [] : [tip]),
    ].join("\n\n");
  });
}
