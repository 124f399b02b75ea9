import { beamSearch, bestOf, bestOfN, fallback, gepa, sequence } from "opto/algorithms";
import type { Entry, SearchPolicy, Step } from "opto/search";
import { describe, expect, it } from "vitest";

const entries = Array.from({ length: 9 }, (_, at): Entry => ({ id: `${at}`, values: { at }, parents: [], origin: "test" }));

/** Runs a policy for some iterations; its parts say in each which candidate is current. */
async function run<Memo extends { readonly part: number }>(policy: SearchPolicy<never>, count: number): Promise<number[]> {
  let memo = policy.start as unknown as Memo;
  let current = entries[0] as Entry;
  const parts: number[] = [];
  for (let iteration = 1; iteration <= count; iteration++) {
    parts.push(memo.part);
    const verdict = await policy.iterate({ iteration, current } as unknown as Step, memo as never);
    ({ current } = verdict);
    memo = verdict.memo as unknown as Memo;
  }
  return parts;
}

/** Moves to the next candidate in the first iterations that it has, then stays. */
const moving = (moves: number): SearchPolicy<number> => ({
  ...{ name: "Moving", settings: { moves }, start: 0 },
  appetite: () => ({ forward: 0, proposals: 0, scored: [] }),
  iterate: async ({ current }, memo) => {
    const next = entries[Number(current.id) + 1] as Entry;
    return { current: memo < moves ? next : current, memo: memo + 1 };
  },
});

describe("sequence", () => {
  it("runs each part for its iterations, and the last one on", async () => {
    const parts = [{ policy: moving(9), iterations: 2 }, { policy: moving(0), iterations: 1 }, { policy: moving(1) }];
    expect(await run(sequence(parts) as never, 6)).toEqual([0, 0, 1, 2, 2, 2]);
  });

  it.each([
    [[], "Expected at least one search policy for Sequence"],
    [[{ policy: bestOf() }, { policy: bestOf() }], "Part 0 of the sequence never ends"],
    [[{ policy: bestOf(), iterations: 0 }], "Expected `iterations` of a part of Sequence to be a whole number of at least 1"],
  ])("refuses what is no sequence", (parts, message) => {
    expect(() => sequence(parts)).toThrow(message);
  });
});

describe("fallback", () => {
  it("hands over when the current candidate has stayed the same, and begins again after the last", async () => {
    expect(await run(fallback([moving(2), moving(0)], { patience: 2 }) as never, 10)).toEqual([0, 0, 0, 0, 1, 1, 0, 0, 0, 0]);
  });

  it("asks for what the hungriest of its parts asks for, kind by kind", () => {
    const { forward, proposals, scored } = fallback([bestOfN(), gepa(), beamSearch({ validationSize: 5 })]).appetite();
    expect({ forward, proposals }).toEqual({ forward: 3, proposals: 12 });
    expect(scored).toEqual([
      { candidates: 5, on: "validation", samples: 1 },
      { candidates: 1, on: "batch", samples: 1 },
      { candidates: 15, on: 5, samples: 1 },
    ]);
  });
});
