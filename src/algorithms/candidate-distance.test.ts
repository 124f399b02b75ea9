import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry } from "../search/search.ts";
import { candidateDistance, distinctCandidates } from "./candidate-distance.ts";

const entry = (prompt: string, id = prompt, more: Record<string, string> = {}): Entry => {
  return { id, values: { prompt, ...more }, parents: [], origin: "test" };
};
const long = (words: number): string => Array.from({ length: words }, (_, at) => `word${at}`).join(" ");

describe("candidateDistance", () => {
  it.each([
    ["equal texts", entry("abcd"), entry("abcd"), 0],
    ["a letter of four", entry("abcd"), entry("abxd"), 0.25],
    ["parameters by their length", entry("abcd", "a", { style: "xx" }), entry("abcd", "b", { style: "xy" }), 1 / 6],
    ["a parameter that one of them lacks", entry("ab"), entry("ab", "b", { style: "xx" }), 0.5],
    ["all of it", entry("aaaa"), entry("bbbb"), 1],
    ["nothing", entry(""), entry(""), 0],
    ["long texts by their words", entry(long(100)), entry(long(100).replace("word50", "other")), 0.01],
  ])("of %s", (_, a, b, distance) => {
    expect(candidateDistance(a, b)).toBeCloseTo(distance, 10);
    expect(candidateDistance(a, b, distance + 1e-9)).toBeCloseTo(distance, 10);
    if (distance > 0) expect(candidateDistance(a, b, distance - 1e-9)).toBeGreaterThan(distance - 1e-9);
  });
});

describe("distinctCandidates", () => {
  it("leaves out what is known, what is too near, and what comes twice", () => {
    const [known, near, far, same] = [entry("abcdefghij"), entry("abcdefghix"), entry("0123456789"), entry("012345678x")];
    expect(distinctCandidates([near, far, far, same, known], [known], 0.15)).toEqual([far]);
    expect(distinctCandidates([near, far, far, same, known], [known], 0)).toEqual([near, far, same]);
  });

  it("keeps what every distance to every candidate says", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 12 });
    const entries = fc.uniqueArray(text, { maxLength: 8 }).map((texts) => texts.map((one) => entry(one)));
    const check = (all: readonly Entry[], share: number, least: number): void => {
      const known = all.slice(0, Math.floor(share * all.length));
      const fresh = all.slice(known.length);
      const kept: Entry[] = [];
      const distanceOf = (one: Entry): number =>
        Math.min(1, ...[...known, ...kept].map((other) => candidateDistance(one, other)));
      for (;;) {
        const left = fresh.filter((one) => !kept.includes(one) && distanceOf(one) > least);
        if (left.length === 0) break;
        kept.push(left.reduce((best, one) => (distanceOf(one) > distanceOf(best) ? one : best)));
      }
      expect(distinctCandidates(fresh, known, least)).toEqual(fresh.filter((one) => kept.includes(one)));
    };
    fc.assert(fc.property(entries, fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.1, 0.3, 0.5), check));
  });
});
