/**
 * `bestOf()` and `BasicSearchAlgorithm` decide as `BasicSearchAlgorithm` of OpenTrace did in recorded runs (`bench/originals/record_best_of.py`), step by
 * step: the same candidates are run on the same examples, what is known is not measured again, and the same one is chosen.
 *
 * Examples come in the order of the record. Where the two differ on purpose, a record shows what the original does, and the test states from where on and
 * why.
 */
import { BasicSearchAlgorithm, bestOf, PolicySearch } from "opto/algorithms";
import type { JsonValue } from "opto/data";
import type { SearchPolicy } from "opto/search";
import type { StepOutput } from "opto/trainer";
import { describe, expect, it } from "vitest";
import type { TrainSettings } from "../src/search/train-settings.ts";
import { groupedRollouts, type RecordedWorld, type Rollouts, readRecord, recordedWorld } from "./support/recorded-world.ts";

/** What was done and decided in an iteration. */
interface Decisions {
  readonly rollouts: readonly Rollouts[];
  readonly current: number;
}

interface Recorded extends RecordedWorld {
  readonly options: { readonly num_proposals: number; readonly min_score?: number; readonly ensure_improvement?: boolean };
  readonly iterations: readonly (RecordedWorld["iterations"][number] &
    Decisions & {
      readonly batch: readonly number[];
      /** What was scored on the validation data, by number; `null` where it was discarded. */
      readonly scores: readonly (readonly [candidate: number, score: number | null])[];
    })[];
}

const both = ["bestOf", "BasicSearchAlgorithm"] as const;
type Way = (typeof both)[number];

describe.each(both)("%s against BasicSearchAlgorithm of OpenTrace", (way) => {
  it.each(["several", "one", "failing"])("decides the same in every iteration of the run %s", async (name) => {
    const run = readRecord<Recorded>(`best-of-${name}`);
    expect(await replay(run, way)).toEqual(run.iterations.map(decisionsOf));
  });

  it("scores a failing example as the lowest without `minScore`, where the original discards the candidate", async () => {
    const run = readRecord<Recorded>("best-of-discarding");
    expect(run.iterations.flatMap(({ scores }) => scores).filter(([, score]) => score === null)).not.toEqual([]);
    // In this run neither is ever the best.
    expect(await replay(run, way)).toEqual(run.iterations.map(decisionsOf));
  });

  it("chooses the same when the guide declares its range, and does not run further what cannot be the best any more", async () => {
    const run = readRecord<Recorded>("best-of-several");
    const decisions = await replay(run, way, run.iterations.length, { hasRange: true });
    expect(decisions.map(({ current }) => current)).toEqual(run.iterations.map(({ current }) => current));
    expect(countOf(decisions)).toBeLessThan(countOf(run.iterations.map(decisionsOf)));
  });

  it("keeps the current values when a proposal is as good, where the original takes the proposal", async () => {
    const run = readRecord<Recorded>("best-of-ties");
    const [first] = run.iterations;
    expect(first?.scores).toEqual([
      [1, 0.25],
      [2, 0.625],
      [0, 0.625],
    ]);
    const [own] = await replay(run, way, 1);
    expect([first?.current, own?.current]).toEqual([2, 0]);
  });
});

describe("`ensureImprovement` of BasicSearchAlgorithm", () => {
  it("takes back what is no improvement on the batch, and goes on comparing with what the agent has", async () => {
    const run = readRecord<Recorded>("best-of-improvement");
    const [first, second] = run.iterations;
    // The first choice was taken back there, too, but its score, 0.56, is what proposals are compared with from then on.
    expect([first?.scores, second?.scores]).toEqual([
      [
        [1, 0.560606061],
        [2, 0.277777778],
        [0, 0.522727273],
      ],
      [
        [3, 0.353535354],
        [4, 0.5],
        [5, 0.542929293],
      ],
    ]);
    const decisions = await replay(run, "BasicSearchAlgorithm", 2);
    expect(decisions[0]).toEqual(decisionsOf(first as Decisions));
    expect([second?.current, decisions[1]?.current]).toEqual([0, 5]);
  });
});

type Watch = <Memo extends JsonValue, Output>(policy: SearchPolicy<Memo, Output>) => SearchPolicy<Memo, Output>;

/** The algorithm, with its policy watched. */
class Watched<X, Y> extends BasicSearchAlgorithm<X, Y, null> {
  watch: Watch = (policy) => policy;

  protected override policy(settings: TrainSettings<X, unknown>): SearchPolicy<null, StepOutput<Y>> {
    return this.watch(super.policy(settings));
  }
}

function decisionsOf({ rollouts, current }: Decisions): Decisions {
  return { rollouts: groupedRollouts(rollouts), current };
}

function countOf(decisions: readonly Decisions[]): number {
  return decisions.flatMap(({ rollouts }) => rollouts).reduce((sum, [, , examples]) => sum + examples.length, 0);
}

/** What was decided here in the iterations of a record, up to one. */
async function replay(
  run: Recorded,
  way: Way,
  last = run.iterations.length,
  { hasRange = false } = {},
): Promise<readonly Decisions[]> {
  const world = recordedWorld(run);
  const { agent, dataOf, numberOf, taken, optimizer } = world;
  const guide = hasRange ? world.guide : world.plainGuide;
  const decisions: Decisions[] = [];
  const watched: Watch = (policy) => ({
    ...policy,
    iterate: async (step, memo) => {
      taken();
      const verdict = await policy.iterate(step, memo);
      decisions.push({ rollouts: taken(), current: numberOf(verdict.current.values) });
      return verdict;
    },
  });
  const all = dataOf("train");
  const train = run.iterations.flatMap(({ batch }) => batch.map((example) => all[example] as (typeof all)[number]));
  const { num_proposals: numProposals, min_score: minScore = null, ensure_improvement: ensureImprovement = true } = run.options;
  const data = {
    ...{ validateDataset: dataOf("validate"), batchSize: run.iterations[0]?.batch.length, shuffle: false, minScore },
    ...{ evalFrequency: 0, keep: "last" as const, stop: { maxIterations: last } },
  };
  if (way === "bestOf") {
    const search = new PolicySearch(agent, optimizer, watched(bestOf({ numProposals })), { numThreads: 1 });
    await search.train(guide, train, data);
  } else {
    const search = new Watched(agent, optimizer, { numThreads: 1 });
    search.watch = watched;
    await search.train(guide, train, { ...data, numProposals, ensureImprovement });
  }
  return decisions;
}
