/**
 * Fronts and hypervolumes, on vectors worked out by hand and on random ones.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  beats,
  chebyshev,
  confidentlyBeats,
  crowdingDistance,
  epsilonIndicator,
  estimateHypervolume,
  hypervolume,
  hypervolumeContributions,
  hypervolumeImprovement,
  kneePoint,
  paretoFront,
  type Vector,
} from "./fronts.ts";

const staircase: readonly Vector[] = [
  [1, 3],
  [2, 2],
  [3, 1],
];
const cube: readonly Vector[] = [
  [2, 1, 1],
  [1, 2, 1],
  [1, 1, 2],
];

describe("hypervolume", () => {
  it.each<{ name: string; points: readonly Vector[]; volume: number }>([
    { name: "three steps", points: staircase, volume: 6 },
    { name: "three overlapping boxes", points: cube, volume: 4 },
    { name: "one cube", points: [[1, 1, 1]], volume: 1 },
    { name: "a dominated point adds nothing", points: [...staircase, [1, 1]], volume: 6 },
    { name: "a duplicate adds nothing", points: [...staircase, [2, 2]], volume: 6 },
    { name: "a point below the reference", points: [[-1, 5]], volume: 0 },
    { name: "no points", points: [], volume: 0 },
    { name: "one objective", points: [[3], [5]], volume: 5 },
    {
      name: "four objectives",
      points: [
        [1, 1, 1, 2],
        [1, 1, 2, 1],
      ],
      volume: 3,
    },
  ])("$name", ({ points, volume }) => {
    const reference = new Array<number>(points[0]?.length ?? 2).fill(0);
    expect(hypervolume(points, reference)).toBeCloseTo(volume, 12);
  });

  it("each of the three steps contributes 1", () => {
    expect(hypervolumeContributions(staircase, [0, 0])).toEqual([1, 1, 1]);
    expect(hypervolumeContributions([...staircase, [1, 1]], [0, 0])).toEqual([1, 1, 1, 0]);
    expect(hypervolumeImprovement(staircase, [3, 3], [0, 0])).toBe(3);
    expect(hypervolumeImprovement(staircase, [1, 1], [0, 0])).toBe(0);
  });

  it("is refused for vectors of other lengths or without numbers", () => {
    expect(() => hypervolume([[1, 2, 3]], [0, 0])).toThrow("Expected every vector to have 2 finite numbers");
    expect(() => hypervolume([[1, Number.NaN]], [0, 0])).toThrow("Expected every vector to have 2 finite numbers");
  });

  const points = fc.integer({ min: 2, max: 4 }).chain((size) => {
    const vector = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: size, maxLength: size });
    return fc.array(vector, { minLength: 1, maxLength: 7 });
  });

  it("counts the unit cells under the front, in any order", () => {
    const property = fc.property(points, (front) => {
      const size = (front[0] as number[]).length;
      const reference = new Array<number>(size).fill(0);
      let cells = 0;
      for (let cell = 0; cell < 6 ** size; cell++) {
        const corner = Array.from({ length: size }, (_, objective) => (Math.floor(cell / 6 ** objective) % 6) + 1);
        if (front.some((point) => point.every((value, objective) => value >= (corner[objective] as number)))) cells++;
      }
      // A point on an axis covers nothing, and no cell either.
      expect(hypervolume(front, reference)).toBeCloseTo(cells, 9);
      expect(hypervolume(front.toReversed(), reference)).toBeCloseTo(cells, 9);
    });
    fc.assert(property, { numRuns: 200 });
  });

  it("is estimated within its error", () => {
    const { volume, standardError } = estimateHypervolume(cube, [0, 0, 0], { seed: 3 });
    expect(Math.abs(volume - 4)).toBeLessThan(4 * standardError);
    expect(estimateHypervolume(cube, [0, 0, 0], { seed: 3 }).volume).toBe(volume);
  });
});

describe("fronts", () => {
  it("hold what nothing beats, duplicates included", () => {
    expect(paretoFront([...staircase, [1, 1], [2, 2]])).toEqual([0, 1, 2, 4]);
    expect(beats([1, 1], [1, 1])).toBe(false);
  });

  it("have infinitely isolated ends", () => {
    expect(
      crowdingDistance([
        [0, 4],
        [1, 3],
        [3, 1],
        [4, 0],
      ]),
    ).toEqual([Number.POSITIVE_INFINITY, 1.5, 1.5, Number.POSITIVE_INFINITY]);
  });

  it.each<{ points: readonly Vector[]; knee: number }>([
    {
      points: [
        [0, 1],
        [0.9, 0.9],
        [1, 0],
      ],
      knee: 1,
    },
    { points: staircase, knee: 0 },
    { points: [[5, 5]], knee: 0 },
  ])("have a knee at $knee", ({ points, knee }) => {
    expect(kneePoint(points)).toBe(knee);
  });

  it("are compared by how far one must be raised to cover the other", () => {
    expect(epsilonIndicator(staircase, staircase)).toBe(0);
    expect(epsilonIndicator([[1, 1]], staircase)).toBe(2);
    expect(epsilonIndicator([[4, 4]], staircase)).toBe(-1);
  });

  it("Chebyshev scores prefer the middle of a concave front, which a sum does not", () => {
    const concave: Vector[] = [
      [1, 0],
      [0.4, 0.4],
      [0, 1],
    ];
    const scores = concave.map((point) => chebyshev(point, [1, 1]));
    expect(scores.indexOf(Math.max(...scores))).toBe(1);
  });

  it("a candidate beats another beyond noise only when the paired differences say so", () => {
    const examples = Array.from({ length: 40 }, (_, index) => index);
    const base = examples.map((index): Vector => [index % 5, -(index % 3)]);
    const better = base.map(([score, cost]): Vector => [(score as number) + 1, cost as number]);
    const noisy = base.map(([score, cost], index): Vector => [(score as number) + (index % 2 === 0 ? 2 : -1.9), cost as number]);
    expect(confidentlyBeats(better, base)).toBe(true);
    expect(confidentlyBeats(noisy, base)).toBe(false);
    expect(
      confidentlyBeats(
        better.map(([score, cost]): Vector => [score as number, (cost as number) - 0.1]),
        base,
      ),
    ).toBe(false);
    const options = { tolerance: 0.2 };
    expect(
      confidentlyBeats(
        better.map(([score, cost]): Vector => [score as number, (cost as number) - 0.1]),
        base,
        options,
      ),
    ).toBe(true);
  });
});
