import { describe, expect, it } from "vitest";
import { neededExamples } from "./needed-examples.ts";

/** Scores of which one in `every` is better afterwards, and one in `lost` worse. */
function pair(examples: number, every: number, lost = Number.POSITIVE_INFINITY) {
  const before = Array.from({ length: examples }, (_, at) => Number(at % every !== 0 && at % lost === 0));
  const after = Array.from({ length: examples }, (_, at) => Number(at % every === 0));
  return [before, after] as const;
}

describe("neededExamples", () => {
  it("says how many examples find a gain in 8 of 10 cases, rounded up", () => {
    // A gain of 0.1 with a standard deviation of 0.3015: 71.4 examples.
    expect(neededExamples(...pair(100, 10))).toBe(72);
    // Smaller gains take more: 0.02 with 0.1407 takes 389.
    expect(neededExamples(...pair(100, 50))).toBe(390);
  });

  it("names no fewer than 20, however large the gain", () => {
    expect(neededExamples([0, 0, 0, 0, 1], [1, 1, 1, 1, 1])).toBe(20);
  });

  it("says nothing where nothing was gained, differences do not vary, or nothing was compared", () => {
    expect(neededExamples([1, 0, 1], [0, 1, 0])).toBeUndefined();
    expect(neededExamples([0, 0, 0], [1, 1, 1])).toBeUndefined();
    expect(neededExamples([0], [1])).toBeUndefined();
    expect(neededExamples([], [])).toBeUndefined();
    expect(neededExamples([null, 0], [1, null])).toBeUndefined();
  });
});
