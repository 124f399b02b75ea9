/**
 * Pools of demonstrations for few-shot parameters: what the agent itself did well, and examples with their right answers.
 *
 * @module
 */
import { isJsonValue, type JsonValue, jsonEqual, ownValue } from "../data/json.ts";
import { functionLike, numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import type { Random } from "../data/random.ts";
import { mean } from "../data/scores.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { WorkedExample } from "../search/demonstrations.ts";
import type { Entry, ForwardOutput, ParameterRules, Sample, Step } from "../search/search.ts";
import { lowestBound, orientedBound, orientedScore } from "./standing.ts";

/** How demonstrations are gathered and put together. */
export interface DemonstrationOptions {
  /** Paths of the parameters that hold a list of demonstrations. @default all whose value is a list */
  readonly parameters?: readonly string[] | undefined;
  /** Makes an element of such a list. @default `{ input, output }` as it is */
  readonly toDemonstration?: ((worked: WorkedExample, path: string) => JsonValue) | undefined;
  /**
   * The least score of a rollout that demonstrates something; the most, where the objective minimizes the score. @default the mean of the
   * batch; where all are equal, above the lowest of the guide's `scoreRange`, or above 0
   */
  readonly threshold?: number | undefined;
  /** Demonstrations from the agent's own rollouts in one list. @default 4 */
  readonly maxBootstrapped?: number | undefined;
  /** Examples with their right answers in one list, besides. @default 16 */
  readonly maxLabeled?: number | undefined;
}

/** The rows for these options. */
export const demonstrationTable: OptionTable<DemonstrationOptions> = {
  parameters: {
    expected: "a list of paths",
    holds: (paths) => Array.isArray(paths) && paths.length > 0 && paths.every((path) => typeof path === "string"),
  },
  toDemonstration: functionLike("({ input, output }, path) => an element of the list"),
  threshold: numberWithin({}),
  maxBootstrapped: wholeFrom(0),
  maxLabeled: wholeFrom(0),
};

/** A demonstration and the train example that it is from; -1 for one of a domain. */
type Demonstration = { readonly example: number; readonly value: JsonValue };

/** What there is to choose from for one parameter. */
type Pool = { readonly bootstrapped: readonly Demonstration[]; readonly labeled: readonly Demonstration[] };

/** Pools by the path of their parameter; plain JSON. */
export type DemonstrationPools = { readonly [path: string]: Pool };

/** Demonstrations of one pool that are remembered at most. */
const poolSize = 64;

/** The settings by which gathering and drawing decide, as plain JSON. */
export function demonstrationSettings(options: DemonstrationOptions): Readonly<Record<string, JsonValue>> {
  const { parameters, threshold, maxBootstrapped = 4, maxLabeled = 16, toDemonstration } = options;
  return {
    ...(parameters === undefined ? {} : { parameters: [...parameters] }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(toDemonstration === undefined ? {} : { toDemonstration: true }),
    maxBootstrapped,
    maxLabeled,
  };
}

/** The parameters to fill: those that are named, else all whose value is a list that can be put together freely. */
export function demonstrationPaths(
  { current, parameters, rulesOf }: Step,
  given: readonly string[] | undefined,
): readonly string[] {
  return given ?? parameters.filter((path) => Array.isArray(current.values[path]) && !isClosed(rulesOf(path)));
}

/** The same, where a search cannot do without one. @throws InvalidArgumentError where there is none */
export function requiredPaths(step: Step, given: readonly string[] | undefined): readonly string[] {
  const paths = demonstrationPaths(step, given);
  if (paths.length > 0) return paths;
  throw new InvalidArgumentError(
    "No trainable parameter holds a list of demonstrations. Add one, such as parameter([]), and show its elements in the prompt",
  );
}

/**
 * Runs a candidate on the batch and adds what it did well to the pools, and the right answers of all examples where the operation that reads the
 * parameter is given the input of the example. Examples that a pool has are not added again.
 *
 * @param options `parts`: the examples that it is run on, part by part @default the batch
 * @throws InvalidArgumentError when no demonstration fits its parameter
 */
export async function gatherDemonstrations(
  step: Step,
  teacher: Entry,
  pools: DemonstrationPools,
  options: DemonstrationOptions & { readonly paths: readonly string[]; readonly parts?: readonly Sample[] },
): Promise<DemonstrationPools> {
  const outputs: ForwardOutput[] = [];
  for (const part of options.parts ?? [step.batch]) outputs.push(...(await step.forward([teacher], part)));
  const successes = successfulOf(step, outputs, options.threshold);
  const gathered: Record<string, Pool> = { ...pools };
  for (const path of options.paths) {
    const rules = step.rulesOf(path);
    const before = ownValue(pools, path) ?? { bootstrapped: [], labeled: poolOf(rules).map((value) => ({ example: -1, value })) };
    const { own, labeled } = demonstrationsIn(step, outputs, path, { successes, ...options });
    const isFitting = ({ value }: Demonstration): boolean => {
      return rules.domain?.kind === "subset" ? poolOf(rules).some((one) => jsonEqual(one, value)) : fits(rules, [value]);
    };
    const all = [...own, ...labeled];
    const [misfit] = all;
    if (misfit !== undefined && before.labeled.length + before.bootstrapped.length === 0 && !all.some(isFitting)) {
      throw new InvalidArgumentError(
        `${JSON.stringify(misfit.value)} does not fit \`${path}\`: ${rules.problems([misfit.value]).join("; ")}. ` +
          "Pass `toDemonstration`, which makes an element of the list from { input, output }",
      );
    }
    gathered[path] = {
      bootstrapped: joined(before.bootstrapped, own.filter(isFitting)),
      labeled: rules.domain === undefined ? joined(before.labeled, labeled.filter(isFitting)) : before.labeled,
    };
  }
  return gathered;
}

/** What the outputs demonstrate for one parameter: the agent's own successes, and right answers. */
function demonstrationsIn(
  step: Step,
  outputs: readonly ForwardOutput[],
  path: string,
  options: DemonstrationOptions & { readonly successes: ReadonlySet<ForwardOutput> },
): { readonly own: readonly Demonstration[]; readonly labeled: readonly Demonstration[] } {
  const { toDemonstration = (worked: WorkedExample) => ({ ...worked }), successes } = options;
  const own: Demonstration[] = [];
  const labeled: Demonstration[] = [];
  for (const output of outputs) {
    const worked = step.workedExamples(output, path).at(-1);
    if (worked === undefined) continue;
    const { example } = output;
    const [{ input, info }] = step.data({ dataset: "train", examples: [example] }) as [{ input: unknown; info: unknown }];
    if (successes.has(output)) own.push({ example, value: toDemonstration(worked, path) });
    const isWhole = isJsonValue(input) && jsonEqual(input, worked.input);
    if (isWhole && isJsonValue(info) && info !== null) {
      labeled.push({ example, value: toDemonstration({ input, output: info }, path) });
    }
  }
  return { own, labeled };
}

/** How many of each kind a list has at most. */
export interface ListSizes {
  readonly bootstrapped: number;
  readonly labeled: number;
}

/** The most that a list has of each kind. */
interface MostOfEach {
  readonly maxBootstrapped: number;
  readonly maxLabeled: number;
}

/** The sizes of the lists that are tried first: right answers alone, and the first successes alone. */
export function firstSizes({ maxBootstrapped, maxLabeled }: MostOfEach): readonly ListSizes[] {
  return [
    { bootstrapped: 0, labeled: maxLabeled },
    { bootstrapped: maxBootstrapped, labeled: 0 },
  ];
}

/** The sizes of a list that is drawn at random. */
export function randomSizes(random: Random, { maxBootstrapped, maxLabeled }: MostOfEach): ListSizes {
  return { bootstrapped: random.integer(Math.min(1, maxBootstrapped), maxBootstrapped), labeled: maxLabeled };
}

/** A list of demonstrations from a pool, of no example twice: at random, or the first ones. As many as the parameter takes. */
export function drawDemonstrations(rules: ParameterRules, pool: Pool, sizes: ListSizes, random?: Random): readonly JsonValue[] {
  const ordered = (all: readonly Demonstration[]) => (random === undefined ? all : random.shuffle(all));
  const own = ordered(pool.bootstrapped).slice(0, sizes.bootstrapped);
  const used = new Set(own.map(({ example }) => example).filter((example) => example >= 0));
  const others = pool.labeled.filter(({ example, value }) => {
    return !used.has(example) && !own.some((one) => jsonEqual(one.value, value));
  });
  const list = [...own, ...ordered(others).slice(0, sizes.labeled)].map(({ value }) => value);
  while (list.length > 0 && !fits(rules, list)) list.pop();
  return list;
}

/** A candidate with a list of demonstrations for each path. @param isDrawn whether they are drawn at random, and not the first ones */
export function withLists(
  step: Step,
  parent: Entry,
  pools: DemonstrationPools,
  { paths, sizes, isDrawn }: { readonly paths: readonly string[]; readonly sizes: ListSizes; readonly isDrawn: boolean },
): Entry {
  const lists = paths.map((path) => {
    const pool = ownValue(pools, path) ?? { bootstrapped: [], labeled: [] };
    const drawn = drawDemonstrations(step.rulesOf(path), pool, sizes, isDrawn ? step.random : undefined);
    // Nothing to show yet: as it was.
    return [path, drawn.length === 0 ? (parent.values[path] ?? []) : drawn] as const;
  });
  return step.add(Object.fromEntries(lists), [parent], "demonstrations");
}

/** The train examples whose demonstrations a candidate shows. */
export function shownExamples({ values }: Entry, pools: DemonstrationPools): ReadonlySet<number> {
  const shown = Object.entries(pools).flatMap(([path, { bootstrapped, labeled }]) => {
    const list = values[path];
    if (!Array.isArray(list)) return [];
    return [...bootstrapped, ...labeled].filter(({ value }) => list.some((element) => jsonEqual(element, value)));
  });
  return new Set(shown.map(({ example }) => example));
}

/** The rollouts that are good enough to be shown. Those that failed are not, and do not count among the scores. */
function successfulOf(
  { archive, scoreRange }: Step,
  outputs: readonly ForwardOutput[],
  threshold: number | undefined,
): ReadonlySet<ForwardOutput> {
  const scores = outputs.map(({ entry, example }) => {
    return orientedScore(archive, archive.trials(entry, { dataset: "train", examples: [example] })[0]?.at(-1));
  });
  const known = scores.filter((score) => score !== null);
  const least = mean(known) ?? Number.POSITIVE_INFINITY;
  // The mean of equal scores tells nothing: all may be wrong.
  const lowest = lowestBound(archive, scoreRange) ?? 0;
  const areEqual = known.every((score) => score === known[0]);
  const isSuccess = (score: number): boolean => {
    if (threshold !== undefined) return score >= orientedBound(archive, threshold);
    return areEqual ? score > lowest : score >= least;
  };
  return new Set(outputs.filter((_, index) => scores[index] != null && isSuccess(scores[index])));
}

/** The oldest ones stay, so that what candidates have shown remains in the pool. */
function joined(before: readonly Demonstration[], fresh: readonly Demonstration[]): readonly Demonstration[] {
  const known = new Set(before.map(({ example }) => example));
  return [...before, ...fresh.filter(({ example }) => !known.has(example))].slice(0, Math.max(poolSize, before.length));
}

/** The elements that the domain allows. */
function poolOf({ domain }: ParameterRules): readonly JsonValue[] {
  return domain?.kind === "subset" ? domain.pool : [];
}

/** Whether lists cannot be put together freely. */
function isClosed({ domain }: ParameterRules): boolean {
  return domain !== undefined && domain.kind !== "subset";
}

function fits(rules: ParameterRules, list: readonly JsonValue[]): boolean {
  return rules.problems([...list]).length === 0;
}
