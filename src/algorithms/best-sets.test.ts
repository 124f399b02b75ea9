import { describe, expect, it } from "vitest";
import { objective } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { SearchArchive } from "../search/archive.ts";
import type { Entry } from "../search/search.ts";
import { bestSets, coveringCandidates, type FrontBy } from "./best-sets.ts";

/** An archive of candidates with these scores on the validation examples; `null` for one that could not be scored. */
function archiveOf(rows: readonly (readonly (Scores | null)[])[], minimize: readonly string[] = []) {
  const archive = new SearchArchive({ objective: objective({ minimize: [...minimize] }) });
  const entries = rows.map((row, index): Entry => {
    const entry = archive.add({ id: `candidate/${index}`, values: { number: index }, parents: [], origin: "test" });
    for (const [example, scores] of row.entries()) archive.note(entry, "validate", example, { scores, failed: false });
    return entry;
  });
  const on = { dataset: "validate", examples: rows[0]?.map((_, example) => example) ?? [] } as const;
  const sets = (by: FrontBy) => bestSets(archive, entries, on, by).map((set) => set.map((entry) => entries.indexOf(entry)));
  return { archive, entries, on, sets };
}

describe("bestSets", () => {
  const rows = [
    [
      { score: 1, cost: 5 },
      { score: 0, cost: 5 },
    ],
    [
      { score: 0, cost: 1 },
      { score: 1, cost: 9 },
    ],
    [
      { score: 1, cost: 2 },
      { score: 1, cost: 9 },
    ],
  ];

  it.each<[FrontBy, number[][]]>([
    [
      "instance",
      [
        [0, 2],
        [1, 2],
      ],
    ],
    ["objective", [[0, 1]]],
    [
      "hybrid",
      [
        [0, 2],
        [1, 2],
        [0, 1],
      ],
    ],
    ["cartesian", [[1], [0]]],
  ])("by %s has all that are the best on a key", (by, expected) => {
    expect(archiveOf(rows, ["cost"]).sets(by)).toEqual(expected);
  });

  it("leaves out who was not scored on a key, and keys that none was scored on", () => {
    expect(
      archiveOf([
        [{ score: 1 }, null, null],
        [{ score: 0 }, { score: 0 }, null],
      ]).sets("instance"),
    ).toEqual([[0], [1]]);
  });

  it("asks for further metrics where metrics are keys", () => {
    expect(() => archiveOf([[{ score: 1 }]]).sets("objective")).toThrow("Return more metrics in `scores` of the guide");
    expect(archiveOf([[null]]).sets("objective")).toEqual([]);
  });
});

describe("coveringCandidates", () => {
  it("removes candidates without which every set has a member, the lowest mean first", () => {
    const { entries } = archiveOf([[{ score: 0 }], [{ score: 0 }], [{ score: 0 }]]);
    const [a, b, c] = entries as [Entry, Entry, Entry];
    const counts = coveringCandidates([[a, b], [b, c], [b]], (entry) => entries.indexOf(entry));
    expect([...counts]).toEqual([[b, 3]]);
    const covered = coveringCandidates([[a, b], [b, c], [a], [c]], (entry) => (entry === b ? 9 : 1));
    expect([...covered.keys()]).toEqual([a, c]);
  });
});
