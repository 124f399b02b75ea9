/**
 * The statistics of paired comparisons: values that were computed in another way, and how often intervals and tests are right.
 *
 * The values come from brute force in exact fractions, from numerical integration, and from an independent bootstrap with 200,000 resamples.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { bet, bettingVerdict, challengerAlpha, noBets } from "./betting-test.ts";
import { type ComparePairedOptions, comparePaired, isImprovement, type PairedComparison } from "./compare-paired.ts";
import { normalProbability, normalQuantile } from "./normal-distribution.ts";
import { type Alternative, detectableGain, examplesToDetect, holm, mcnemarTest, signFlipTest } from "./paired-tests.ts";

/** Compares with a candidate that scores 0 everywhere. */
function compareWithZero(differences: readonly number[], options?: ComparePairedOptions): PairedComparison {
  return comparePaired(
    differences.map(() => 0),
    differences,
    options,
  );
}

function times(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value);
}

describe("the normal distribution", () => {
  it.each([
    [0.975, 1.9599639845400536],
    [0.8, 0.8416212335729144],
    [0.005, -2.5758293035489],
    [0.9999, 3.7190164854557084],
  ])("has %d below %d", (probability, quantile) => {
    expect(normalQuantile(probability)).toBeCloseTo(quantile, 9);
    expect(normalProbability(quantile)).toBeCloseTo(probability, 12);
  });
});

describe("signFlipTest", () => {
  const mixed = [0.9, -0.1, 0.2, 0.2, 0.4, -0.3, 0.6, 0.1, 0.05, 0.7, -0.2, 0.15];
  it.each<[readonly number[], Alternative, number]>([
    [[0.3, 0.1, -0.2, 0.4, 0.25], "two-sided", 6 / 32],
    [[0.3, 0.1, -0.2, 0.4, 0.25], "better", 3 / 32],
    [[0.3, 0.1, -0.2, 0.4, 0.25], "worse", 30 / 32],
    [[1, 2, 3, 4, 5, 6], "two-sided", 2 / 64],
    [[0.5, 0.5, -0.25, 1, 0.75, -0.5, 0.25, 1], "two-sided", 28 / 256],
    [[0.5, 0.5, -0.25, 1, 0.75, -0.5, 0.25, 1], "worse", 249 / 256],
    [mixed, "two-sided", 262 / 4096],
    [mixed, "better", 131 / 4096],
    [[0, 0, 0], "two-sided", 1],
    [[], "two-sided", 1],
  ])("of %j, %s, is the share of all signs: %d", (differences, alternative, pValue) => {
    expect(signFlipTest(differences, { alternative })).toEqual({ pValue, isExact: true });
    // Examples on which nothing changed say nothing.
    expect(signFlipTest([0, ...differences, 0, 0], { alternative }).pValue).toBe(pValue);
  });

  it("draws signs where there are too many, the same ones for a seed", () => {
    const many = Array.from({ length: 30 }, (_, index) => 0.1 + index / 100).map((size, index) =>
      index % 3 === 0 ? -size : size,
    );
    const drawn = signFlipTest(many);
    expect(drawn.isExact).toBe(false);
    expect(signFlipTest(many)).toEqual(drawn);
    expect(signFlipTest(many, { seed: 1 }).pValue).toBeCloseTo(drawn.pValue, 1);
    // Of many the sum is normal: 500 of size 1 and one of size 2, with a sum of 50; 0.02896 by counting.
    const normal = [2, ...times(274, 1), ...times(226, -1)];
    expect(signFlipTest(normal).pValue).toBeCloseTo(0.029, 2);
    // At least the choice that was seen is as extreme.
    expect(signFlipTest(times(25, 1).map((one, index) => one + index / 10)).pValue).toBe(1 / 10_000);
  });

  it("changes the signs of a group together", () => {
    const differences = [1, 1, 1, 1, 1, 1, 1, 1];
    expect(signFlipTest(differences).pValue).toBeCloseTo(2 / 256, 12);
    expect(signFlipTest(differences, { groups: [0, 0, 0, 0, 1, 1, 1, 1] }).pValue).toBeCloseTo(2 / 4, 12);
  });
});

describe("mcnemarTest", () => {
  it.each([
    [5, 0, 0.0625, 0.03125],
    [6, 0, 0.03125, 0.015625],
    [8, 2, 0.109375, 0.0546875],
    [10, 2, 0.03857421875, 0.019287109375],
    [1, 1, 1, 0.75],
    [0, 0, 1, 1],
    [30, 15, 0.035697803555194696, 0.017848901777597348],
    [59, 41, 0.08862608011406758, 0.04431304005703379],
    [700, 600, 0.0060157938610449525, 0.0030078969305224763],
  ])("of %d better and %d worse is %d, one-sided %d", (better, worse, pValue, oneSided) => {
    expect(mcnemarTest({ better, worse })).toBeCloseTo(pValue, 10);
    expect(mcnemarTest({ better, worse }, "better")).toBeCloseTo(oneSided, 10);
    expect(mcnemarTest({ better: worse, worse: better }, "worse")).toBeCloseTo(oneSided, 10);
    expect(signFlipTest([...times(better, 1), ...times(worse, -1)]).pValue).toBeCloseTo(pValue, 10);
  });
});

describe("holm", () => {
  it.each([
    [[], []],
    [[0.04], [0.04]],
    [
      [0.01, 0.04, 0.03, 0.005],
      [0.03, 0.06, 0.06, 0.02],
    ],
    [
      [0.9, 0.6],
      [1, 1],
    ],
  ])("of %j is %j", (pValues, adjusted) => {
    const found = holm(pValues);
    expect(found).toHaveLength(adjusted.length);
    for (const [index, value] of adjusted.entries()) expect(found[index]).toBeCloseTo(value, 12);
  });

  it("never makes a p value smaller, and keeps their order", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (pValues) => {
        const adjusted = holm(pValues);
        for (const [index, value] of pValues.entries()) {
          expect(adjusted[index]).toBeGreaterThanOrEqual(value);
          for (const [other, further] of pValues.entries()) {
            if (value < further) expect(adjusted[index]).toBeLessThanOrEqual(adjusted[other] as number);
          }
        }
      }),
    );
  });
});

describe("the interval of comparePaired", () => {
  const skewed = [0.2, 0.5, -0.1, 0.0, 0.9, 0.3, 0.1, -0.2, 0.4, 0.6, 0.05, 0.15];
  const grouped = [0.1, 0.2, 0.15, 0.5, 0.6, -0.1, 0.3, 0.35, 0.3, 0.4, 0, 0.1, 0.7, 0.2, 0.1, -0.3, 0.25, 0.2, 0.3, 0.9, 0.05];
  const groups = [0, 0, 0, 1, 1, 2, 3, 3, 3, 3, 4, 4, 5, 6, 6, 7, 8, 8, 8, 9, 10];
  const rights = [...times(14, 1), ...times(6, -1), ...times(20, 0)];
  it.each<[string, readonly number[], ComparePairedOptions, readonly [number, number], number]>([
    ["the bootstrap", skewed, {}, [0.0667, 0.475], 0.02],
    // Means of these move in steps of 0.025.
    ["the bootstrap of right and wrong", rights, {}, [-0.025, 0.4], 0.026],
    ["the bootstrap of groups", grouped, { groups }, [0.1, 0.4316], 0.02],
    ["subsets of six", [0.1, 0.4, 0.2, 0.9, 0.3, 0.5], {}, [0.1, 0.9], 1e-12],
    ["subsets of eight", [0.1, 0.4, -0.2, 0.9, 0.3, 0.5, 0, 0.6], {}, [0.0333333333, 0.6333333333], 1e-9],
    ["equal differences", times(20, 0), { range: [0, 1] }, [-0.13910834066826516, 0.13910834066826516], 1e-12],
    ["six equal ones", times(6, 0.5), { range: [0, 1] }, [-0.08955665349562414, 0.6965188844985414], 1e-12],
    ["ten equal ones of the highest", times(10, 1), { range: [0, 1] }, [0.4822688982138954, 1], 1e-12],
    ["equal differences on another scale", times(8, 0), { range: [0, 10] }, [-3.1234397806636793, 3.1234397806636793], 1e-12],
    ["five different ones", [0.1, 0.3, 0.2, 0.4, 0.5], { range: [0, 1] }, [-1, 1], 1e-12],
    ["five equal ones, which are as easily chance", times(5, 1), { range: [0, 1] }, [-0.043647500209962775, 1], 1e-12],
    ["four of fifty, which are as easily chance", [...times(4, 1), ...times(46, 0)], {}, [0, 0.18], 0.03],
  ])("is that of %s", (_, differences, options, [low, high], within) => {
    const { interval } = compareWithZero(differences, { ...options, resamples: 20_000 });
    expect(Math.abs((interval?.[0] ?? Number.NaN) - low)).toBeLessThanOrEqual(within);
    expect(Math.abs((interval?.[1] ?? Number.NaN) - high)).toBeLessThanOrEqual(within);
  });

  it.each([
    ["none", []],
    ["one", [0.5]],
    ["five", [0.1, 0.3, 0.2, 0.4, 0.5]],
    ["eight equal ones", times(8, 1)],
    ["twelve equal ones", times(12, 0.25)],
  ])("is missing with %s, where nothing bounds the scores", (_, differences) => {
    expect(compareWithZero(differences).interval).toBeNull();
  });

  it("is the same for a seed, mirrored when the candidates change places, and moves little with the seed", () => {
    const one = compareWithZero(skewed);
    expect(compareWithZero(skewed)).toEqual(one);
    const [low, high] = one.interval as readonly [number, number];
    const mirrored = compareWithZero(skewed.map((difference) => -difference)).interval as readonly [number, number];
    expect(mirrored[0]).toBeCloseTo(-high, 1);
    expect(mirrored[1]).toBeCloseTo(-low, 1);
    const other = compareWithZero(skewed, { seed: 5 }).interval as readonly [number, number];
    expect(other[0]).toBeCloseTo(low, 1);
  });

  it("averages samples first, and leaves out what one candidate has no score for", () => {
    const before = [0, [0, 1], null, 0.5, []];
    const after = [[1, 0], 1, 1, null, 1];
    expect(comparePaired(before, after)).toMatchObject({ gain: 0.5, examples: 2, groups: 2, better: 2, worse: 0, equal: 0 });
    expect(comparePaired([null], [1])).toMatchObject({ gain: null, interval: null, pValue: null, examples: 0 });
  });

  it("refuses lists of different lengths and wrong options", () => {
    expect(() => comparePaired([1], [1, 2])).toThrow("Expected scores of the same 1 examples, got 2");
    expect(() => comparePaired([1], [1], { groups: [1, 2] })).toThrow("Expected groups of the same 1 examples, got 2");
    expect(() => comparePaired([1], [1], { confidence: 95 })).toThrow("`confidence` of comparePaired");
    expect(() => comparePaired([1], [1], { range: [1, 0] })).toThrow("[lowest, highest]");
  });

  it("holds the gain, unless it was widened to 0 beyond it, and stays within the range", () => {
    const difference = fc.constantFrom(-1, -0.5, 0, 0.25, 1);
    fc.assert(
      fc.property(fc.array(difference, { minLength: 1, maxLength: 30 }), (differences) => {
        const { gain, interval } = compareWithZero(differences, { range: [0, 1], resamples: 200 });
        const [low, high] = interval as readonly [number, number];
        expect(low).toBeLessThanOrEqual((gain as number) + 1e-9);
        expect(high).toBeGreaterThanOrEqual((gain as number) - 1e-9);
        expect(low).toBeGreaterThanOrEqual(-1 - 1e-9);
        expect(high).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 60 },
    );
  });
});

/** 1 with this probability, else 0. */
function right(random: Random, probability: number): number {
  return random.next() < probability ? 1 : 0;
}

/** How many ways there are to choose some of `count`. */
function choose(count: number, some: number): number {
  return some === 0 ? 1 : (choose(count, some - 1) * (count - some + 1)) / some;
}

/** Draws of `count` pairs of scores, and what they come to. */
function simulated(name: string, count: number, draws: number, pair: (random: Random) => readonly [number, number]) {
  return Array.from({ length: draws }, (_, draw) => {
    const random = new Random(draw).fork(`${name}/${count}`);
    const pairs = Array.from({ length: count }, () => pair(random));
    const range = name === "normal" ? {} : { range: [0, 1] as const };
    return comparePaired(
      pairs.map(([before]) => before),
      pairs.map(([, after]) => after),
      { ...range, resamples: 300, seed: draw },
    );
  });
}

describe("over many drawn experiments", () => {
  // The bands are three standard errors of 200 experiments wide, and the seeds are fixed.
  it.each<[string, number, number, (random: Random) => readonly [number, number]]>([
    ["right", 20, 0.1, (random) => [right(random, 0.4), right(random, 0.5)]],
    ["right", 100, 0.1, (random) => [right(random, 0.4), right(random, 0.5)]],
    ["normal", 8, 0.3, (random) => [0, random.normal(0.3, 1)]],
    ["normal", 30, 0.3, (random) => [0, random.normal(0.3, 1)]],
    ["skewed", 50, 1 / 7, (random) => [0, random.next() ** 6]],
  ])("the interval holds the true gain about as often as it says: %s, %d examples", (name, count, truth, pair) => {
    const all = simulated(name, count, 200, pair);
    const holds = all.filter(({ interval }) => interval !== null && interval[0] <= truth && truth <= interval[1]);
    expect(holds.length / all.length).toBeGreaterThan(0.9);
    expect(all.filter(({ interval }) => (interval?.[0] ?? 0) > truth).length / all.length).toBeLessThan(0.07);
  });

  it.each([2, 3, 5, 6, 7, 8, 9])(
    "of %d right or wrong answers it holds every true gain as often as it says, and more wins never lower it",
    (count) => {
      const outcomes = Array.from({ length: count + 1 }, (_, won) =>
        Array.from({ length: count - won + 1 }, (_, lost) => {
          const differences = [...times(won, 1), ...times(lost, -1), ...times(count - won - lost, 0)];
          const [low, high] = compareWithZero(differences, { range: [0, 1] }).interval as readonly [number, number];
          return { won, lost, low, high, ways: choose(count, won) * choose(count - won, lost) };
        }),
      );
      for (const { won, lost, low } of outcomes.flat()) {
        // Where nothing differs at all, less is known to be possible than after a single difference.
        if (won + lost > 0) expect(outcomes[won + 1]?.[lost]?.low ?? 1).toBeGreaterThanOrEqual(low - 1e-9);
      }
      const steps = Array.from({ length: 21 }, (_, step) => step / 20);
      for (const wins of steps) {
        for (const losses of steps.filter((share) => share <= 1 - wins + 1e-9)) {
          const rest = Math.max(0, 1 - wins - losses);
          const held = outcomes.flat().filter(({ low, high }) => low - 1e-9 <= wins - losses && wins - losses <= high + 1e-9);
          const share = held.reduce(
            (sum, { won, lost, ways }) => sum + ways * wins ** won * losses ** lost * rest ** (count - won - lost),
            0,
          );
          expect(share, `${wins} won, ${losses} lost`).toBeGreaterThanOrEqual(0.95 - 1e-9);
        }
      }
    },
  );

  it.each([6, 15, 60])("an improvement that is not there is found in at most a few percent, %d examples", (count) => {
    const all = simulated("null", count, 300, (random) => {
      const draw = random.next();
      if (draw < 0.7) return [1, 1];
      return draw < 0.85 ? [0, 1] : [1, 0];
    });
    expect(all.filter(isImprovement).length / all.length).toBeLessThanOrEqual(0.04);
    expect(all.filter(({ pValue }) => (pValue ?? 1) <= 0.05).length / all.length).toBeLessThanOrEqual(0.08);
  });

  it("a gain of the detectable size is found about as often as its power says", () => {
    const [count, standardDeviation] = [80, 1];
    const gain = detectableGain(count, { standardDeviation });
    const all = simulated("normal", count, 200, (random) => [0, random.normal(gain, standardDeviation)]);
    const found = all.filter(isImprovement).length / all.length;
    expect(found).toBeGreaterThan(0.7);
    expect(found).toBeLessThan(0.9);
  });

  it("dependent examples are not taken for evidence when their groups are known", () => {
    const runs = Array.from({ length: 100 }, (_, draw) => {
      const random = new Random(draw).fork("groups");
      const documents = Array.from({ length: 15 }, () => random.normal());
      const differences = documents.flatMap((document) => times(6, 0).map(() => document + random.normal(0, 0.2)));
      const groups = differences.map((_, example) => Math.floor(example / 6));
      const options = { resamples: 100, seed: draw };
      return [
        isImprovement(compareWithZero(differences, options)),
        isImprovement(compareWithZero(differences, { ...options, groups })),
      ];
    });
    const rate = (index: number): number => runs.filter((run) => run[index]).length / runs.length;
    expect(rate(0)).toBeGreaterThan(0.12);
    expect(rate(1)).toBeLessThan(0.07);
  });
});

describe("power", () => {
  it.each([
    [50, 0.5, 0.8, 0.19810199057996725],
    [200, 0.6, 0.9, 0.13752585760719005],
    [20, 0.3, 0.8, 0.18793604977377512],
  ])("%d examples with a deviation of %d find with power %d a gain of %d", (count, standardDeviation, power, gain) => {
    expect(detectableGain(count, { standardDeviation, power })).toBeCloseTo(gain, 9);
    expect(examplesToDetect(gain, { standardDeviation, power })).toBe(count);
  });

  it.each([
    [0.05, 0.5, 0.8, 785],
    [0.1, 0.6, 0.9, 379],
    [0.02, 0.7, 0.8, 9615],
    [0.5, 0, 0.8, 1],
  ])("a gain of %d with a deviation of %d needs with power %d %d examples", (gain, standardDeviation, power, count) => {
    expect(examplesToDetect(gain, { standardDeviation, power })).toBe(count);
  });

  it("refuses what means nothing", () => {
    expect(() => examplesToDetect(0, { standardDeviation: 1 })).toThrow("the gain to be a number above 0");
    expect(() => detectableGain(0, { standardDeviation: 1 })).toThrow("the number of examples");
    expect(() => detectableGain(5, { standardDeviation: 1, power: 80 })).toThrow("`power`");
  });
});

describe("the betting test", () => {
  it.each([
    [[], 1, 1, "open"],
    [[0, 0, 0], 1, 1, "open"],
    [[1, 0, 1, -1, 1], 0.9602803738317756, 1, "open"],
    [[0.1, 0.05, -0.02, 0.2], 1.1162249999999998, 1, "open"],
    [times(5, -1), 1, 5.0625, "futile"],
    [times(7, 1), 11.390625, 1, "confirmed"],
  ])("after %j has a wealth of %d and, against, %d: %s", (differences, wealth, against, verdict) => {
    const test = bet(noBets, differences);
    expect(test.wealth).toBeCloseTo(wealth, 12);
    expect(test.against).toBeCloseTo(against, 12);
    expect(bettingVerdict(test)).toBe(verdict);
  });

  it("is the same in blocks as in one, also through JSON", () => {
    const difference = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(difference), fc.array(difference), (first, second) => {
        const kept = JSON.parse(JSON.stringify(bet(noBets, first))) as typeof noBets;
        expect(bet(kept, second)).toEqual(bet(noBets, [...first, ...second]));
      }),
    );
  });

  it("keeps its level although it looks after every example, and what it decides stays", () => {
    const verdicts = Array.from({ length: 400 }, (_, draw) => {
      const random = new Random(draw).fork("betting");
      const differences = Array.from({ length: 200 }, () => random.integer(-1, 1));
      return bettingVerdict(bet(noBets, differences));
    });
    // 10% at most, and 20% given up; three standard errors above.
    expect(verdicts.filter((verdict) => verdict === "confirmed").length / verdicts.length).toBeLessThan(0.145);
    expect(bettingVerdict(bet(noBets, [...times(7, 1), ...times(9, -1)]))).toBe("confirmed");
  });

  it("confirms a real gain", () => {
    const verdicts = Array.from({ length: 50 }, (_, draw) => {
      const random = new Random(draw).fork("gain");
      return bettingVerdict(
        bet(
          noBets,
          Array.from({ length: 300 }, () => right(random, 0.3) - right(random, 0.1)),
        ),
      );
    });
    expect(verdicts.filter((verdict) => verdict === "confirmed").length).toBeGreaterThan(40);
  });

  it("spends its level on all challengers together", () => {
    const all = Array.from({ length: 10_000 }, (_, index) => challengerAlpha(index + 1));
    expect(all[0]).toBeCloseTo(0.0608, 4);
    expect(all.reduce((sum, alpha) => sum + alpha, 0)).toBeLessThan(0.1);
  });

  it("refuses differences that are no share of the range", () => {
    expect(() => bet(noBets, [2])).toThrow("a number of at least -1 and of at most 1, got 2");
  });
});

describe("what is no score", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined])("%s is refused, and not compared", (score) => {
    const scores = [1, score as number, ...times(10, 0)];
    expect(() => comparePaired(times(12, 0), scores, { range: [0, 1] })).toThrow(/score of example 1 to be a finite number/);
    expect(() => comparePaired(times(12, 0), [...times(11, 0), [0, score as number]])).toThrow(/example 11/);
  });

  it("has no part in a test, nor in a quantile", () => {
    expect(() => signFlipTest([Number.NaN, 1])).toThrow(/a difference/);
    expect(normalProbability(Number.NaN)).toBeNaN();
  });

  it("is refused where scores are farther apart than their range", () => {
    expect(() => compareWithZero(times(8, 3), { range: [0, 1] })).toThrow(/from 0 to 1.*got two that are 3 apart/);
    expect(compareWithZero(times(8, 0.3), { range: [0, 0.3] }).gain).toBeCloseTo(0.3, 12);
  });

  it("differences by rounding are none", () => {
    const sums = Array.from({ length: 20 }, (_, example) => (example % 2 === 0 ? 0.1 + 0.2 : 0.3));
    const compared = comparePaired(times(20, 0.3), sums, { range: [0, 1] });
    expect(compared).toMatchObject({ gain: 0, better: 0, equal: 20, pValue: 1 });
    expect(isImprovement(compared)).toBe(false);
  });
});
