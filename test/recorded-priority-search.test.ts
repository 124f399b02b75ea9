/**
 * `prioritySearch()` decides as `PrioritySearch` of OpenTrace did in recorded runs (`bench/originals/record_priority_search.py`), step by step: the same
 * candidates are explored, in the same order, on the same examples, with the same means in the queue, and the same best candidate.
 *
 * The batches of the record are handed to the policy. In the records no example of the train data is drawn twice: the original counts a repeated rollout
 * again, and here each example counts once. The copies of the start that the original runs in its first iteration count once, too.
 *
 * Where the two differ on purpose, a record shows what the original does, and the test states from where on and why. Not offered at all are its
 * short-term memory and `num_batches`.
 */
import { PolicySearch, type PrioritySearchOptions, prioritySearch, sequentialUpdate } from "opto/algorithms";
import type { JsonValue } from "opto/data";
import type { Archive, Entry, SearchPolicy } from "opto/search";
import { describe, expect, it } from "vitest";
import { groupedRollouts, type RecordedWorld, type Rollouts, readRecord, recordedWorld } from "./support/recorded-world.ts";

type Queued = readonly [candidate: number, priority: number | null, rollouts: number];

/** What was decided in an iteration. */
interface Decisions {
  readonly explored: readonly number[];
  readonly rollouts: readonly Rollouts[];
  /** By descending priority. */
  readonly queue: readonly Queued[];
  readonly best: number;
}

interface Recorded extends RecordedWorld {
  readonly iterations: readonly (RecordedWorld["iterations"][number] & Decisions & { readonly batch: readonly number[] })[];
}

/** Runs that are the same to the end. */
const equal: Readonly<Record<string, SearchPolicy<readonly string[]>>> = {
  one: prioritySearch({ numCandidates: 1, numProposals: 2 }),
  several: prioritySearch({ numCandidates: 3 }),
  proposals: prioritySearch({ numCandidates: 2, numProposals: 2 }),
  failing: prioritySearch({ numCandidates: 3 }),
  // The presets of the original cannot be called; these are its options by their descriptions.
  update: sequentialUpdate(),
  search: prioritySearch({ numCandidates: 1, numProposals: 3, memorySize: 1 }),
};

describe.each(Object.entries(equal))("PrioritySearch of OpenTrace, %s", (name, policy) => {
  it("decides the same in every iteration", async () => {
    const run = readRecord<Recorded>(`priority-search-${name}`);
    expect(await replay(run, policy)).toEqual(run.iterations.map(decisionsOf));
  });
});

/** A run that differs on purpose: up to one iteration the same is explored and run, and the same is the best; in that one, something is decided otherwise. */
interface Difference {
  readonly name: string;
  readonly options: PrioritySearchOptions;
  readonly why: string;
  readonly iteration: number;
  readonly decided: (decisions: Decisions) => unknown;
  readonly original: unknown;
  readonly own: unknown;
}

const candidatesOf = ({ queue }: Decisions): readonly number[] => queue.map(([candidate]) => candidate);

const different: readonly Difference[] = [
  {
    name: "copies",
    options: { numCandidates: 3 },
    why: "the rollouts of the copies of the start count three times there, so that its first batch has three times the weight",
    iteration: 2,
    decided: ({ best, queue }) => [best, queue.find(([candidate]) => candidate === 0)],
    original: [0, [0, 0.69760101, 8]],
    own: [5, [0, 0.612373737, 4]],
  },
  {
    name: "kept",
    options: { numCandidates: 1, numProposals: 2 },
    why: "the best candidate stays in the queue there while it is explored, so that what it came to before is the best of a candidate that has become worse",
    iteration: 8,
    decided: ({ best, queue }) => [best, queue.filter(([candidate]) => candidate === 0).length > 1],
    original: [0, true],
    own: [9, false],
  },
  {
    name: "ties",
    options: { numCandidates: 3 },
    why: "of equals the newer one is the best there, and here the one that was measured more often, then the earlier",
    iteration: 1,
    decided: ({ best, queue }) => [best, queue.slice(0, 2)],
    original: [
      3,
      [
        [0, 0.75, 2],
        [3, 0.75, 2],
      ],
    ],
    own: [
      0,
      [
        [0, 0.75, 2],
        [3, 0.75, 2],
      ],
    ],
  },
  {
    name: "ucb",
    options: { numCandidates: 3, priority: "ucb" },
    why: "upper bounds are cut off at the highest score there, so that after few rollouts nearly all are equal and the newest are explored",
    iteration: 3,
    decided: ({ explored }) => explored,
    original: [5, 4, 3],
    own: [5, 0, 1],
  },
  {
    name: "time",
    options: { numCandidates: 3, priority: "newest" },
    why: "the oldest candidates are explored there, where it means the newest",
    iteration: 2,
    decided: ({ explored }) => explored,
    original: [0, 1, 2],
    own: [0, 2, 1],
  },
  {
    name: "memory",
    options: { numCandidates: 3, memorySize: 5 },
    why: "a full queue loses the last of its heap there, and the lowest priority here",
    iteration: 2,
    decided: candidatesOf,
    original: [5, 0, 1, 2, 4],
    own: [5, 0, 1, 2, 3],
  },
  {
    name: "beam",
    options: { numCandidates: 3, memorySize: 3 },
    why: "the same with a queue as small as a beam",
    iteration: 2,
    decided: candidatesOf,
    original: [5, 0, 3],
    own: [5, 0, 1],
  },
  {
    name: "validation",
    options: { numCandidates: 2, scoreOn: "validation" },
    why: "validation data are run anew for every candidate that is explored, and count again, there; here each example counts once",
    iteration: 2,
    decided: ({ best, queue }) => [best, queue.slice(0, 2)],
    original: [
      0,
      [
        [0, 0.649494949, 10],
        [1, 0.631313131, 6],
      ],
    ],
    own: [
      1,
      [
        [1, 0.637626263, 4],
        [0, 0.632996633, 6],
      ],
    ],
  },
];

describe.each(different)("PrioritySearch of OpenTrace, $name", ({ name, options, why, iteration, decided, original, own }) => {
  it(`differs in iteration ${iteration}: ${why}`, async () => {
    const run = readRecord<Recorded>(`priority-search-${name}`);
    const recorded = run.iterations.slice(0, iteration).map(decisionsOf);
    const decisions = await replay(run, prioritySearch(options), iteration);
    const earlier = (all: readonly Decisions[]) =>
      all.slice(0, -1).map(({ explored, rollouts, best }) => ({ explored, rollouts, best }));
    expect(earlier(decisions)).toEqual(earlier(recorded));
    expect(recorded.slice(-1).map(decided)).toEqual([original]);
    expect(decisions.slice(-1).map(decided)).toEqual([own]);
  });
});

/** What is compared of a record: the copies of the start are one, and equals in the queue have no order. */
function decisionsOf({ explored, rollouts, queue, best }: Decisions): Decisions {
  const sorted = queue.toSorted(([a, priority], [b, other]) => (other ?? 0) - (priority ?? 0) || a - b);
  return { explored: [...new Set(explored)], rollouts: groupedRollouts(rollouts), queue: sorted, best };
}

/** What was decided here in the iterations of a record, up to one. */
async function replay(
  run: Recorded,
  policy: SearchPolicy<readonly string[]>,
  last = run.iterations.length,
): Promise<readonly Decisions[]> {
  const { agent, guide, dataOf, numberOf, taken, optimizer } = recordedWorld(run);
  const decisions: Decisions[] = [];
  const replayed: SearchPolicy = {
    ...policy,
    start: policy.start as JsonValue,
    iterate: async (step, memo) => {
      const batch = { dataset: "train", examples: run.iterations[step.iteration - 1]?.batch ?? [] } as const;
      let explored: readonly Entry[] = [];
      const propose: typeof step.propose = (parents, asked) => {
        explored = parents;
        return step.propose(parents, { ...asked, on: batch });
      };
      taken();
      const verdict = await policy.iterate({ ...step, batch, propose }, memo as typeof policy.start);
      const decided = {
        explored: explored.map(({ values }) => numberOf(values)),
        rollouts: taken(),
        queue: verdict.memo.map((id) => queuedOf(step.archive, step.archive.get(id), numberOf)),
        best: numberOf(verdict.current.values),
      };
      decisions.push(decisionsOf(decided));
      return verdict as typeof verdict & { memo: JsonValue };
    },
  };
  const validate = run.validate.length === 0 ? {} : { validateDataset: dataOf("validate") };
  await new PolicySearch(agent, optimizer, replayed).train(guide, dataOf("train"), {
    ...validate,
    ...{ batchSize: run.iterations[0]?.batch.length ?? 1, numEpochs: 99, evalFrequency: 0 },
    stop: { maxIterations: last },
  });
  return decisions;
}

function queuedOf(archive: Archive, entry: Entry, numberOf: (values: Entry["values"]) => number): Queued {
  const { score = 0 } = archive.sureMean(entry).means ?? {};
  return [numberOf(entry.values), Math.round(score * 1e9) / 1e9, archive.count(entry)];
}
