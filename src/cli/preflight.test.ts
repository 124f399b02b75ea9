/**
 * What a probe of the agent says of a training that compares means of several runs, or by something else than the score.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { preflightOf } from "./preflight.ts";

const probe = { first: [0, 1, 0, 1], second: [1, 0, 0, 1] };
const scale = { scoreRange: [0, 1] as const };

describe("preflightOf", () => {
  it("says what there is to gain only where the score is compared by", () => {
    expect(preflightOf(probe, scale)).toMatchObject({ mean: 0.5, headroom: 0.5, belowTop: 0.5 });
    expect(preflightOf(probe, scale, { isByScore: false })).toMatchObject({ mean: 0.5, headroom: null, belowTop: null });
  });

  it("measures it from the lowest score where less is better", () => {
    const losses = { first: [2, 0.5, 0, "failed"] as const, second: [] };
    const less = { scoreRange: [0, 4] as const, lowerIsBetter: true };
    expect(preflightOf(losses, less)).toMatchObject({ mean: 1.625, headroom: 1.625, belowTop: 0.75 });
    expect(preflightOf({ first: [0, 0], second: [] }, less)).toMatchObject({ headroom: 0, belowTop: 0 });
  });

  it("counts a failure as the worst score in the direction of the objective", () => {
    const failing = { first: [4, "failed"] as const, second: [] };
    expect(preflightOf(failing, { scoreRange: [0, 10] }).mean).toBe(2);
    expect(preflightOf(failing, { scoreRange: [0, 10], lowerIsBetter: true }).mean).toBe(7);
    expect(preflightOf(failing, { lowerIsBetter: true }).mean).toBe(4);
  });

  it("takes the noise of as many runs as the training makes of each example", () => {
    const [one, four] = [preflightOf(probe, scale), preflightOf(probe, scale, { numSamples: 4 })];
    expect(one.noise?.standardDeviation).toBeCloseTo(0.5, 12);
    expect(four.noise).toEqual({ repeated: 4, changed: 2, standardDeviation: 0.25 });
    expect(four.standardDeviation).toBeLessThan(one.standardDeviation as number);
  });
});
