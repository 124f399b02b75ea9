import { describe, expect, it } from "vitest";
import { type ObjectiveLike, objective } from "../data/objectives.ts";
import type { Scores } from "../data/scores.ts";
import { SearchArchive } from "./archive.ts";
import { sureMeans } from "./compare.ts";
import { measuredEvent } from "./measured-event.ts";
import type { Entry, Sample } from "./search.ts";

type Outcome = Scores | "failed" | "unscored";

const on = (examples: readonly number[]): Sample => ({ dataset: "validate", examples });

/** An archive of candidates with what each example came to. */
function setUp(rows: readonly (readonly Outcome[])[], by?: ObjectiveLike) {
  const archive = new SearchArchive(by === undefined ? {} : { objective: objective(by) });
  const entries = rows.map((row, x): Entry => {
    const entry = archive.add({ id: `candidate-${x}`, values: { x }, parents: [], origin: "test" });
    const trials = row.map((outcome, example) => {
      const scores = typeof outcome === "string" ? null : outcome;
      return { example, sample: 0, scores, failed: outcome === "failed" };
    });
    archive.fold(measuredEvent({ position: "", candidate: entry.id, dataset: "validate" }, trials));
    return entry;
  });
  return { archive, entries };
}

const scores = (...all: readonly number[]): Outcome[] => all.map((score) => ({ score }));
const costs = (...all: readonly number[]): Outcome[] => all.map((costUsd) => ({ score: 1, costUsd }));

describe("SearchArchive.mean", () => {
  it.each<[string, Outcome[][], ObjectiveLike | undefined, (Scores | null)[]]>([
    [
      "counts failures as the worst score that was measured, whoever had it",
      [scores(-3, -1), ["failed", "failed"], ["failed", { score: -1 }]],
      undefined,
      [{ score: -2 }, { score: -3 }, { score: -2 }],
    ],
    ["and as no more than 0", [scores(0.5, 1), ["failed", { score: 1 }]], undefined, [{ score: 0.75 }, { score: 0.5 }]],
    [
      "the dearest where less is better",
      [costs(5, 3), ["failed", { score: 1, costUsd: 1 }]],
      { scoreKey: "costUsd", minimize: ["costUsd"] },
      [
        { score: 1, costUsd: 4 },
        { score: 0.5, costUsd: 3 },
      ],
    ],
    ["leaves out what could not be scored", [["unscored", { score: 1 }], ["unscored"]], undefined, [{ score: 1 }, null]],
  ])("%s", (_name, rows, by, expected) => {
    const { archive, entries } = setUp(rows, by);
    expect(entries.map((entry) => archive.mean(entry))).toEqual(expected);
  });

  it("is as of now: of what was measured further, and of a failure when another candidate scores worse", () => {
    const { archive, entries } = setUp([scores(-1), ["failed"]]);
    const measure = (candidate: string, example: number, score: number): void => {
      archive.fold(
        measuredEvent({ position: "", candidate, dataset: "validate" }, [
          { example, sample: 0, scores: { score }, failed: false },
        ]),
      );
    };
    const means = (): (Scores | null)[] => entries.map((entry) => archive.mean(entry));
    expect(means()).toEqual([{ score: -1 }, { score: -1 }]);
    measure("candidate-0", 1, -3);
    expect(means()).toEqual([{ score: -2 }, { score: -3 }]);
    measure("candidate-1", 1, -1);
    expect(means()).toEqual([{ score: -2 }, { score: -2 }]);
  });

  it("forgets the worst with the scores", () => {
    const { archive, entries } = setUp([scores(-9), ["failed"]]);
    archive.fold({ type: "scores-forgotten" });
    archive.fold(
      measuredEvent({ position: "", candidate: "candidate-1", dataset: "validate" }, [
        { example: 0, sample: 0, scores: null, failed: true },
      ]),
    );
    expect(archive.mean(entries[1] as Entry)).toEqual({ score: 0 });
  });
});

describe("a metric that the objective names and a candidate lacks", () => {
  const readable: Outcome[] = [
    { score: 1, accuracy: 0.25 },
    { score: 1, accuracy: 0.75 },
  ];
  const unreadable = scores(5, 5);

  it.each<ObjectiveLike>(["accuracy", { weights: { accuracy: 1 } }])("counts as failed, by %j", (by) => {
    const { archive, entries } = setUp([readable, unreadable], by);
    expect(archive.compare(entries, on([0, 1]))).toEqual([0.5, 0]);
    expect(archive.compare(entries.toReversed(), on([0, 1]))).toEqual([0, 0.5]);
    expect(archive.top(entries.toReversed(), 1, on([0, 1]))).toEqual([entries[0]]);
    expect([...archive.front(on([0, 1])).keys()]).toEqual([entries[0]]);
    expect(archive.mean(entries[1] as Entry)).toBeNull();
  });

  it("is refused while no candidate has had it", () => {
    const { archive, entries } = setUp([unreadable], "accuracy");
    expect(() => archive.compare(entries, on([0, 1]))).toThrow(
      /Expected a metric `accuracy`, by which the objective compares, got score/,
    );
  });

  it("makes one candidate alone no better and no cheaper than others", () => {
    const { archive, entries } = setUp([costs(3, 3), scores(1, 1)], { scoreKey: "costUsd", minimize: ["costUsd"] });
    const meansOf = (entry: Entry) => sureMeans(archive.table(entry, "validate"), [0, 1], archive.optionsOf("validate"));
    expect(entries.map(meansOf)).toEqual([{ score: 1, costUsd: 3 }, null]);
  });
});

describe("SearchArchive", () => {
  it("has no number for anyone on no example", () => {
    const { archive, entries } = setUp([scores(1), []]);
    expect(archive.compare(entries, on([]))).toEqual([null, null]);
    expect(archive.top(entries, 2, on([]))).toEqual([]);
  });

  it("knows which examples any candidate was run on", () => {
    const { archive } = setUp([scores(1, 1, 1), scores(0)]);
    expect(archive.measured("validate")).toEqual([0, 1, 2]);
    expect(archive.measured("train")).toEqual([]);
  });

  it("gives a list of its entries that no one can change", () => {
    const { archive } = setUp([scores(1)]);
    const { entries } = archive;
    expect(() => (entries as Entry[]).pop()).toThrow(TypeError);
    archive.add({ id: "later", values: { x: 9 }, parents: [], origin: "test" });
    expect([entries.length, archive.entries.length]).toEqual([1, 2]);
  });
});
