import { describe, expect, it } from "vitest";
import { xRange, yRange } from "./chart-range.ts";

describe("xRange", () => {
  it.each([
    ["goes from the first point to the last", [0, 12, 3], [0, 12]],
    ["has one point alone in the middle", [3, 3], [2.5, 3.5]],
    ["has a moment alone in the middle", [0.25], [0.225, 0.275]],
    ["is there without points", [], [0, 1]],
  ])("%s", (_, points, expected) => {
    expect(xRange(points)).toEqual(expected);
  });
});

describe("yRange", () => {
  it.each([
    ["has a margin", -2, 8, [-2.6, 8.6]],
    ["does not leave 0 to 1 where scores are shares", 0.5, 1, [0.47, 1]],
    ["is all of 0 to 1 where shares stay the same", 1, 1, [0, 1]],
    ["is around other scores that stay the same", -3, -3, [-3.3, -2.7]],
    ["is there without scores", null, null, [0, 1]],
  ])("%s", (_, low, high, expected) => {
    const range = yRange(low, high);
    for (const [at, end] of expected.entries()) expect(range[at]).toBeCloseTo(end);
  });
});
