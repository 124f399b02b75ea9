import { describe, expect, it } from "vitest";
import { SearchArchive } from "../search/archive.ts";
import type { Entry } from "../search/search.ts";
import { scoreRows, twoWayEstimates } from "./two-way-estimates.ts";

function entryOf(id: string, parents: readonly string[] = []): Entry {
  return { id, values: { id }, parents, origin: "test" };
}

function estimatesOf(rows: readonly (readonly [Entry, Readonly<Record<number, number>>])[], shrinkage?: number) {
  const given = new Map(
    rows.map(([entry, row]) => [entry, new Map(Object.entries(row).map(([example, score]) => [Number(example), score]))]),
  );
  const estimates = twoWayEstimates(given, shrinkage);
  return rows.map(([entry]) => estimates.get(entry));
}

describe("twoWayEstimates", () => {
  it("does not count how hard the examples were for or against a candidate", () => {
    const easy = { 0: 1, 1: 1, 2: 1 };
    const hard = { 3: 0, 4: 0, 5: 0 };
    // Many candidates show which examples are easy; two are equally good, and were scored on different ones.
    const others = Array.from({ length: 20 }, (_, at) => [entryOf(`other ${at}`), { ...easy, ...hard }] as const);
    const [a, b] = estimatesOf([[entryOf("a"), easy], [entryOf("b"), hard], ...others]);
    expect((a?.score ?? 0) - (b?.score ?? 0)).toBeLessThan(0.15);
  });

  it("has the plain mean where all were scored on the same examples", () => {
    const [a, b] = estimatesOf([
      [entryOf("a"), { 0: 1, 1: 0 }],
      [entryOf("b"), { 0: 0, 1: 0 }],
    ]);
    expect((a?.score ?? 0) - (b?.score ?? 0)).toBeCloseTo(0.5);
    expect(a).toMatchObject({ examples: 2 });
  });

  it("is surer of what was scored more often, and not at all of what was not scored", () => {
    const [a, b, c] = estimatesOf([
      [entryOf("a"), { 0: 1, 1: 0, 2: 1, 3: 0 }],
      [entryOf("b"), { 0: 0, 1: 1 }],
      [entryOf("c"), {}],
    ]);
    expect(a?.error).toBeLessThan(b?.error as number);
    expect(c).toMatchObject({ examples: 0, error: Number.POSITIVE_INFINITY });
  });

  it("starts a candidate at its parent's level with shrinkage", () => {
    const parent = { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 };
    const rows = [
      [entryOf("parent"), parent],
      [entryOf("child", ["parent"]), { 0: 1 }],
    ] as const;
    const [, lucky] = estimatesOf(rows, 0);
    const [, shrunk] = estimatesOf(rows, 8);
    expect(shrunk?.score).toBeLessThan(lucky?.score as number);
  });
});

describe("scoreRows", () => {
  it("has what was tried: failures, and what could not be scored, as the lowest score", () => {
    const archive = new SearchArchive();
    const entry = archive.add(entryOf("a"));
    archive.note(entry, "validate", 0, { scores: { score: 1 }, failed: false });
    archive.note(entry, "validate", 1, { scores: null, failed: true });
    archive.note(entry, "validate", 2, { scores: null, failed: false });
    const rows = scoreRows(archive, [entry], { dataset: "validate", examples: [0, 1, 2, 3] });
    expect([...(rows.get(entry) ?? [])]).toEqual([
      [0, 1],
      [1, 0],
      [2, 0],
    ]);
  });
});
