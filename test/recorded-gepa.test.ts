/**
 * `gepa()` decides as gepa 0.1.4 did in recorded runs (`bench/originals/record_gepa.py`), step by step: the same parents and the chances that
 * they had, the same parameters, acceptance, merges, sets of best candidates, and result.
 *
 * The random draws of the record, and its batches, are handed to the policy; at each draw what is drawn from has to be the same. On purpose not
 * the same, and therefore switched off or left out of the records: by default the best candidate can always be a parent (`keepBest`), while
 * gepa never draws it once others cover its examples; equal candidates are one; a test of a merge never repeats an example.
 */
import { readFileSync } from "node:fs";
import { type GepaOptions, gepa, PolicySearch } from "opto/algorithms";
import { type JsonValue, Random } from "opto/data";
import { model, parameter } from "opto/graph";
import { Optimizer, type Suggestion, type SuggestionRequest } from "opto/optimizers";
import type { Entry, SearchPolicy } from "opto/search";
import { describe, expect, it } from "vitest";
import { bestSets } from "../src/algorithms/best-sets.ts";

/** What was drawn from, and what came of it; the population of `sample` for a row of draws. */
type Draw =
  | readonly ["sample", population: readonly number[], results: readonly (readonly number[])[]]
  | readonly ["choice", counts: readonly (readonly [item: number, count: number])[], result: number]
  | readonly ["weighted", weights: readonly (readonly [item: number, weight: number])[], result: number];

interface Iteration {
  readonly kind: "reflect" | "merge";
  readonly accepted: boolean;
  readonly parents: readonly number[];
  readonly batch?: readonly number[];
  readonly texts?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, string>>;
  readonly draws: readonly Draw[];
  readonly sets?: readonly (readonly number[])[];
}

type ScriptedExample = readonly (readonly number[])[];

interface Recorded {
  readonly seed: number;
  readonly components: readonly string[];
  readonly train: readonly ScriptedExample[];
  readonly validate: readonly ScriptedExample[];
  readonly iterations: readonly Iteration[];
  readonly candidates: readonly { readonly values: Record<string, string>; readonly parents: readonly number[] }[];
  readonly best: number;
}

const runs: Readonly<Record<string, GepaOptions>> = {
  instance: {},
  "instance-all": { components: "all" },
  "instance-merge": { maxMerges: 5 },
  objective: { front: "objective" },
  "hybrid-merge": { front: "hybrid", maxMerges: 5 },
  "cartesian-merge": { front: "cartesian", maxMerges: 5 },
};

describe.each(Object.entries(runs))("gepa 0.1.4, %s", (name, options) => {
  const file = new URL(`./records/gepa-${name}.json`, import.meta.url);
  const recorded = JSON.parse(readFileSync(file, "utf8")) as readonly Recorded[];

  it.each(recorded.map((run) => [run.seed, run] as const))("decides as in the run of seed %i", async (_seed, run) => {
    const { pool, best, sets } = await replay(run, { ...options, keepBest: false });
    expect(pool).toEqual(run.candidates.map(({ values, parents }) => ({ values, parents })));
    expect(best).toEqual(run.candidates[run.best]?.values);
    expect(sets).toEqual(run.iterations.flatMap((iteration) => (iteration.sets === undefined ? [] : [iteration.sets])));
  });
});

/** What the run of the record came to here. Decisions that differ on the way fail in the draws. */
async function replay(run: Recorded, options: GepaOptions) {
  const policy = gepa(options);
  const made: { pool: readonly Entry[]; sets: number[][][] } = { pool: [], sets: [] };
  const replayed: SearchPolicy = {
    ...policy,
    start: policy.start as JsonValue,
    iterate: async (step, memo) => {
      const iteration = run.iterations[step.iteration - 1] as Iteration;
      const known = made.pool.length === 0 ? [step.current] : made.pool;
      const random = new DrawnRandom(iteration.draws, known);
      const batch = { dataset: "train", examples: iteration.batch ?? step.batch.examples } as const;
      const verdict = await policy.iterate({ ...step, random, batch }, memo as typeof policy.start);
      expect(random.left, `draws of iteration ${step.iteration} that were not made`).toEqual([]);
      const accepted = verdict.memo.pool.length - known.length;
      expect(accepted, `accepted in iteration ${step.iteration}`).toBe(Number(iteration.accepted));
      made.pool = verdict.memo.pool.map(([id]) => step.archive.get(id));
      if (accepted > 0) {
        const sets = bestSets(step.archive, made.pool, step.validation, options.front ?? "instance");
        made.sets.push(sets.map((set) => set.map((entry) => made.pool.indexOf(entry))).sort(compareLists));
      }
      return verdict as typeof verdict & { memo: JsonValue };
    },
  };
  const agent = model(
    Object.fromEntries(run.components.map((name) => [name, parameter("0")])),
    (values, example: ScriptedExample) =>
      run.components.map((name, at) => Number(example[at]?.includes(Number(values[name]?.value)))),
  );
  const guide = Object.assign(
    (_: ScriptedExample, right: readonly number[]) => ({
      score: right.reduce((sum, one) => sum + one, 0) / right.length,
      feedback: "scripted",
      scores: Object.fromEntries(run.components.map((name, at) => [name, right[at] as number])),
    }),
    { scoreRange: [0, 1] as const },
  );
  const dataOf = (examples: readonly ScriptedExample[]) => examples.map((input) => ({ input, info: null }));
  const search = new PolicySearch(agent, new RecordedOptimizer(agent, run.iterations), replayed);
  const { parameters } = await search.train(guide, dataOf(run.train), {
    validateDataset: dataOf(run.validate),
    batchSize: 3,
    numEpochs: 99,
    stop: { maxIterations: run.iterations.length },
    evalFrequency: 0,
  });
  const pool = made.pool.map(({ values, parents }) => {
    return { values, parents: parents.map((id) => made.pool.findIndex((entry) => entry.id === id)) };
  });
  return { pool, best: parameters, sets: made.sets };
}

/** Proposes what the record says, for the parameters that it may change. */
class RecordedOptimizer extends Optimizer {
  override readonly learnsFromFeedback = true;
  readonly #iterations: readonly Iteration[];

  constructor(agent: ConstructorParameters<typeof Optimizer>[0], iterations: readonly Iteration[]) {
    super(agent);
    this.#iterations = iterations;
  }

  protected suggest({ position, parameters }: SuggestionRequest): Suggestion {
    const { texts = {} } = this.#iterations[Number(/iteration\/(\d+)/.exec(position)?.[1]) - 1] as Iteration;
    expect([...parameters.keys()]).toEqual(Object.keys(texts));
    return { values: new Map(Object.entries(texts)) };
  }
}

/** Draws what was drawn, and checks what it is drawn from. */
class DrawnRandom extends Random {
  readonly left: [kind: Draw[0], from: unknown, result: unknown][];
  readonly #pool: readonly Entry[];

  constructor(draws: readonly Draw[], pool: readonly Entry[]) {
    super("recorded");
    this.#pool = pool;
    this.left = draws.flatMap((draw): [Draw[0], unknown, unknown][] => {
      return draw[0] === "sample" ? draw[2].map((result) => ["sample", draw[1], result]) : [[...draw]];
    });
  }

  override sample<T>(items: readonly T[], count: number): T[] {
    const numbers = items.map((item) => this.#numberOf(item));
    const drawn = this.#next(
      "sample",
      numbers.toSorted((a, b) => a - b),
    ) as number[];
    expect(count).toBe(drawn.length);
    return drawn.map((number) => items[numbers.indexOf(number)] as T);
  }

  override choice<T>(items: readonly T[]): T {
    const numbers = items.map((item) => this.#numberOf(item));
    const drawn = this.#next(
      "choice",
      numbers.map((number) => [number, 1]),
    );
    return items[numbers.indexOf(drawn as number)] as T;
  }

  /** A parent, by the sets that each candidate is in, or an ancestor, by the means. */
  override weightedIndex(weights: readonly number[]): number {
    const given = (this.left[0]?.[1] ?? []) as readonly (readonly [item: number, weight: number])[];
    const items = given.toSorted(([a], [b]) => a - b);
    expect(items.map(([, weight]) => weight)).toEqual(weights);
    const drawn = this.#next(this.left[0]?.[0] ?? "weighted", given);
    return items.findIndex(([item]) => item === drawn);
  }

  #next(kind: Draw[0], from: unknown): unknown {
    const next = this.left.shift();
    expect([kind, from]).toEqual(next?.slice(0, 2));
    return next?.[2];
  }

  /** Candidates by their number, examples by their index. */
  #numberOf(item: unknown): number {
    return typeof item === "number" ? item : this.#pool.indexOf(item as Entry);
  }
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  if (at === -1) return a.length - b.length;
  return (a[at] as number) - (b[at] ?? -1);
}
