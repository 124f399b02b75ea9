/**
 * Gains in words.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { comparePaired, type GainUnit, gainText, type PairedComparison } from "./compare-paired.ts";

function comparison(gain: number, interval: readonly [number, number] | null, confidence = 0.95): PairedComparison {
  return { gain, interval, confidence, pValue: 0.5, examples: 3, groups: 3, better: 1, worse: 1, equal: 1 };
}

describe("gainText", () => {
  const share = { range: [0, 1], isDeclared: true } as const;
  it.each<[PairedComparison, GainUnit | undefined, string]>([
    [comparison(0.0618, [0.019, 0.104]), share, "+6.2 points (95% interval 1.9 to 10.4)"],
    [comparison(0.0618, [0.019, 0.104], 0.9), { range: [0.2, 0.9] }, "+6.2 points (90% interval 1.9 to 10.4)"],
    [comparison(-0.01, [-0.05, 0.03]), share, "-1.0 points (95% interval -5.0 to 3.0)"],
    [comparison(0, [-0.1, 0.1]), share, "+0.0 points (95% interval -10.0 to 10.0)"],
    [comparison(0.0004, [0.0001, 0.0007]), share, "+0.04 points (95% interval 0.01 to 0.07)"],
    [comparison(0.5, null), share, "+50.0 points (3 are too few for an interval)"],
    [comparison(0.0618, [0.019, 0.104]), { ...share, metric: "accuracy" }, "+6.2 points of accuracy (95% interval 1.9 to 10.4)"],
    [
      comparison(0.42, [0.101, 0.744]),
      { range: [0, 10], isDeclared: true },
      "+0.42 on a scale from 0 to 10 (95% interval 0.10 to 0.74)",
    ],
    [
      comparison(0.42, [0.101, 0.744]),
      { range: [1, 5], isDeclared: true, meaning: "stars of the judge" },
      "+0.42 on a scale from 1 to 5 (stars of the judge) (95% interval 0.10 to 0.74)",
    ],
    [comparison(1.5, [0.5, 2.25]), { range: [-9, 0] }, "+1.5 in score (95% interval 0.5 to 2.3)"],
    [comparison(120, [40, 200]), undefined, "+120 in score (95% interval 40 to 200)"],
    [
      comparison(0.0021, [0.001, 0.0032]),
      { range: [-1, 0], metric: "the objective (costUsd)" },
      "+0.0021 in the objective (costUsd) (95% interval 0.0010 to 0.0032)",
    ],
    [
      comparison(1.3, [0.4, 2.2]),
      { range: [-9, 0], metric: "`score`", lowerIsBetter: true },
      "1.3 lower in `score` (better; 95% interval 0.4 lower to 2.2 lower)",
    ],
    [
      comparison(-1.3, [-2.9, 0.4]),
      { range: [-9, 0], lowerIsBetter: true },
      "1.3 higher in score (worse; 95% interval 2.9 higher to 0.4 lower)",
    ],
    [comparison(0, [0, 0]), { range: [-9, 0], lowerIsBetter: true }, "0 in score (95% interval 0 to 0)"],
    [comparison(12, null), { lowerIsBetter: true }, "12 lower in score (better; 3 are too few for an interval)"],
    [
      { ...comparison(0.1, null), examples: 50, groups: 50 },
      undefined,
      "+0.10 in score (no interval, because all differences are equal and the range of scores is not known)",
    ],
    [{ ...comparison(0.5, null), examples: 50, groups: 2 }, share, "+50.0 points (2 groups are too few for an interval)"],
  ])("%#", (compared, unit, text) => {
    expect(gainText(compared, unit)).toBe(text);
  });
});

describe("that there is no interval", () => {
  const equal = "no interval, because all differences are equal and the range of scores is not known";
  const growing = (count: number) => Array.from({ length: count }, (_, index) => 1 + index);
  const same = (count: number) => Array.from({ length: count }, () => 1);
  it.each<[gains: readonly number[], confidence: number, why: string | undefined]>([
    [growing(5), 0.95, "5 are too few for an interval"],
    [growing(6), 0.95, undefined],
    [same(6), 0.95, equal],
    // How few are too few depends on the level.
    [growing(3), 0.8, "3 are too few for an interval"],
    [growing(4), 0.8, undefined],
    [same(4), 0.8, equal],
    [growing(7), 0.99, "7 are too few for an interval"],
    [growing(8), 0.99, undefined],
    [growing(9), 0.999, "9 are too few for an interval"],
    [growing(10), 0.999, undefined],
  ])("is said with the reason for it: %j at %d", (gains, confidence, why) => {
    const compared = comparePaired(
      same(gains.length).map(() => 0),
      gains,
      { confidence },
    );
    expect(compared.interval === null).toBe(why !== undefined);
    if (why !== undefined) expect(gainText(compared)).toContain(`(${why})`);
  });
});
