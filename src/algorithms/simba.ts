/**
 * SIMBA: examples on which candidates differ the most teach the next ones, as a demonstration of what went well or as a rule from the contrast.
 *
 * @module
 */
import type { JsonValue } from "../data/json.ts";
import { type Filled, numberWithin, type OptionTable, wholeFrom } from "../data/option-table.ts";
import { checkTable } from "../data/options.ts";
import type { Random } from "../data/random.ts";
import type { Entry, SearchPolicy, Step, Verdict } from "../search/search.ts";
import { chooseBest } from "./best-of.ts";
import { type Bucket, bucketsOf, contrastAdvice } from "./contrast-buckets.ts";
import {
  type DemonstrationOptions,
  demonstrationPaths,
  demonstrationSettings,
  demonstrationTable,
} from "./demonstration-pools.ts";
import { softmaxIndex } from "./standing.ts";
import { scoreRows, twoWayEstimates } from "./two-way-estimates.ts";

/** Options of `simba`. */
export interface SimbaOptions extends Pick<DemonstrationOptions, "parameters" | "toDemonstration"> {
  /** Candidates of the pool that are run on each batch, at least 1. @default 4 */
  readonly numPrograms?: number | undefined;
  /** New candidates in each iteration, at least 1. @default 6 */
  readonly numCandidates?: number | undefined;
  /** Demonstrations in one list; a full one loses some before it gets another. 0 for rules alone. @default 4 */
  readonly maxDemos?: number | undefined;
  /** How evenly candidates are drawn, above 0, in units of the score: in proportion to exp(estimate / temperature). @default 0.2 */
  readonly temperature?: number | undefined;
}

const simbaTable: OptionTable<SimbaOptions> = {
  parameters: demonstrationTable.parameters,
  toDemonstration: demonstrationTable.toDemonstration,
  numPrograms: wholeFrom(1),
  numCandidates: wholeFrom(1),
  maxDemos: wholeFrom(0),
  temperature: numberWithin({ above: 0 }),
};

/** Candidates of the pool that can be drawn, besides the start. */
const mostPooled = 24;

/**
 * Runs several candidates on the batch and sorts its examples by how much they differ there. The first ones make new candidates: each of one that is
 * drawn in favour of high estimates, and gets the best answer to the example as a demonstration, or is improved by what sets the best answer apart from
 * the worst. The new ones are scored on the same batch; the best of them is compared with the current one on all validation data. After SIMBA of DSPy,
 * where the start counts as 0 forever, and candidates that a step could not change are scored again.
 */
export function simba(options: SimbaOptions = {}): SearchPolicy<readonly string[]> {
  checkTable(options, simbaTable, "SIMBA");
  const { numPrograms = 4, numCandidates = 6, maxDemos = 4, temperature = 0.2 } = options;
  const { parameters, toDemonstration } = demonstrationSettings(options);
  return {
    name: "SIMBA",
    settings: {
      ...{ numPrograms, numCandidates, maxDemos, temperature },
      ...(parameters === undefined ? {} : { parameters }),
      ...(toDemonstration === undefined ? {} : { toDemonstration }),
    },
    start: [],
    defaults: { batchSize: 4 },
    appetite: () => ({
      forward: numPrograms,
      proposals: numCandidates,
      added: numCandidates,
      mayRest: true,
      scored: [
        { candidates: numCandidates, on: "batch" },
        { candidates: 2, on: "validation" },
      ],
    }),
    async iterate(given, ids) {
      const step = given as Step;
      const { archive, current, random } = step;
      const pool = [...new Set([current, ...ids.map((id) => archive.get(id))])];
      const programs = drawn(pool, estimatesOf(step, pool), { count: numPrograms, temperature, random });
      const learned = await learnedFrom(step, programs, { ...options, numCandidates, maxDemos, temperature });
      // As long as there is nothing to compare, the batch itself has to teach.
      const children = learned.length > 0 ? learned : await step.propose([current], { count: numCandidates });
      return compared(step, pool, children);
    },
  };
}

/** Scores the children on the batch; the best of them is compared with the current candidate, and the best of all can be drawn from then on. */
async function compared(step: Step, pool: readonly Entry[], children: readonly Entry[]): Promise<Verdict<readonly string[]>> {
  const { archive, current, batch } = step;
  const fresh = [...new Set(children)].filter((child) => !pool.includes(child));
  await step.score(fresh, batch);
  const estimates = estimatesOf(step, [...pool, ...fresh]);
  const byEstimate = (a: Entry, b: Entry): number => (estimates.get(b) ?? 0) - (estimates.get(a) ?? 0);
  const winners = fresh.toSorted(byEstimate).slice(0, 1);
  const remaining = [...pool, ...fresh].toSorted(byEstimate).slice(0, mostPooled);
  const start = archive.entries[0] as Entry;
  return {
    current: await chooseBest(step, current, winners, { keep: 1 }),
    memo: [...new Set([...remaining, start])].map(({ id }) => id),
  };
}

type Learning = Filled<SimbaOptions, "numCandidates" | "maxDemos" | "temperature">;

/** Children of the programs, each from an example on which these differ: with a demonstration more, or with a rule from the contrast. */
async function learnedFrom(step: Step, programs: readonly Entry[], settings: Learning): Promise<readonly Entry[]> {
  const { archive, batch, random } = step;
  const { numCandidates, maxDemos, temperature } = settings;
  const buckets = bucketsOf(archive, await step.forward(programs), batch.examples);
  const paths = maxDemos === 0 ? [] : demonstrationPaths(step, settings.parameters);
  const children: Entry[] = [];
  const rules = new Map<Entry, Bucket[]>();
  for (const bucket of buckets.slice(0, numCandidates)) {
    const [source] = drawn(programs, estimatesOf(step, programs), { count: 1, temperature, random }) as [Entry];
    const isDemonstration = random.next() < 0.5;
    const shown = paths.length === 0 || !bucket.hasSuccess ? {} : demonstrated(step, source, bucket, { ...settings, paths });
    if (Object.keys(shown).length > 0 && (isDemonstration || !bucket.hasContrast)) {
      children.push(step.add(shown, [source], "demonstration"));
    } else if (bucket.hasContrast) rules.set(source, [...(rules.get(source) ?? []), bucket]);
  }
  for (const [source, own] of rules) {
    const advice = own.map((bucket) => contrastAdvice(step, source, bucket));
    children.push(...(await step.propose([source], { count: own.length, advice })));
  }
  return children;
}

/** Lists of demonstrations with the best answer to an example; of a full list some are left out. */
function demonstrated(
  step: Step,
  source: Entry,
  bucket: Bucket,
  { paths, maxDemos, toDemonstration: make = (worked) => ({ ...worked }) }: Learning & { readonly paths: readonly string[] },
): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    paths.flatMap((path): [string, JsonValue][] => {
      const worked = step.workedExamples(bucket.best, path).at(-1);
      if (worked === undefined) return [];
      const before = source.values[path] as readonly JsonValue[];
      const surplus = Math.max(0, before.length + 1 - maxDemos);
      const kept = step.random.sample([...before.keys()], before.length - surplus).sort((a, b) => a - b);
      const list = [...kept.map((at) => before[at] as JsonValue), make(worked, path)];
      return step.rulesOf(path).problems(list).length === 0 ? [[path, list]] : [];
    }),
  );
}

/** What candidates would score on all train examples that were used so far. */
function estimatesOf({ archive }: Step, entries: readonly Entry[]): ReadonlyMap<Entry, number> {
  const rows = scoreRows(archive, entries, { dataset: "train", examples: archive.measured("train") });
  return new Map([...twoWayEstimates(rows)].map(([entry, { score }]) => [entry, score]));
}

/** Different candidates, drawn in favour of high estimates. */
function drawn(
  entries: readonly Entry[],
  estimates: ReadonlyMap<Entry, number>,
  { count, temperature, random }: { readonly count: number; readonly temperature: number; readonly random: Random },
): readonly Entry[] {
  const left = [...entries];
  const chosen: Entry[] = [];
  while (chosen.length < count && left.length > 0) {
    const scores = left.map((entry) => estimates.get(entry) ?? 0);
    chosen.push(...left.splice(softmaxIndex(random, scores, temperature), 1));
  }
  return chosen;
}
