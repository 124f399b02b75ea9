import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { splitDataset } from "./split-dataset.ts";

function numbers(count: number, kinds = 1): { input: number; info: number }[] {
  return Array.from({ length: count }, (_, input) => ({ input, info: input % kinds }));
}

function inputs(part: readonly { input: number }[]): number[] {
  return part.map(({ input }) => input);
}

describe("splitDataset", () => {
  it("gives parts by name or in a list", () => {
    const named = splitDataset(numbers(10), { train: 0.8, test: 0.2 });
    expect(Object.keys(named)).toEqual(["train", "test"]);
    const [train, test] = splitDataset({ inputs: [...Array(10).keys()], infos: new Array(10).fill(0) }, [0.8, 0.2]);
    expect(inputs(train)).toEqual(inputs(named.train));
    expect(inputs(test)).toEqual(inputs(named.test));
  });

  it("stays the same from version to version", () => {
    const { train, test } = splitDataset(numbers(10), { train: 0.7, test: 0.3 }, { seed: 1 });
    expect([inputs(train), inputs(test)]).toEqual([
      [0, 1, 2, 3, 5, 8, 9],
      [4, 6, 7],
    ]);
  });

  it.each([
    [10, [0.6, 0.2, 0.2], [6, 2, 2]],
    [10, [0.7, 0.2, 0.1], [7, 2, 1]],
    [11, [0.5, 0.5], [6, 5]],
    [7, [0.5, 0.25, 0.25], [3, 2, 2]],
    [3, [1 / 3, 1 / 3, 1 / 3], [1, 1, 1]],
    [100, [0.29, 0.71], [29, 71]],
    [5, [1], [5]],
  ])("splits %i by %j into %j", (count, fractions, sizes) => {
    expect(splitDataset(numbers(count), fractions).map((part) => part.length)).toEqual(sizes);
  });

  it("puts every example in exactly one part, in the order of the dataset, whatever the seed and the kinds", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 200 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
        fc.integer(),
        (count, kinds, shares, seed) => {
          const total = shares.reduce((sum, share) => sum + share, 0);
          const fractions = shares.map((share) => share / total);
          // A part of a small fraction of few examples is rightly refused.
          fc.pre(Math.min(...fractions) * count >= 1);
          const examples = numbers(count, kinds);
          const parts = splitDataset(examples, fractions, { seed, stratifyBy: ({ info }) => info });
          expect(inputs(parts.flat()).sort((a, b) => a - b)).toEqual(inputs(examples));
          for (const [index, part] of parts.entries()) {
            expect(inputs(part)).toEqual(inputs(part).sort((a, b) => a - b));
            expect(Math.abs(part.length - fractions[index]! * count)).toBeLessThan(1);
            for (let kind = 0; kind < kinds; kind += 1) {
              const all = examples.filter(({ info }) => info === kind).length;
              const here = part.filter(({ info }) => info === kind).length;
              expect(Math.abs(here - (all * part.length) / count)).toBeLessThan(2);
            }
          }
        },
      ),
    );
  });

  it("keeps a rare kind in every part when stratified", () => {
    const examples = Array.from({ length: 100 }, (_, input) => ({ input, info: input < 10 ? "rare" : "common" }));
    for (let seed = 0; seed < 20; seed += 1) {
      const parts = splitDataset(examples, [0.5, 0.3, 0.2], { seed, stratifyBy: ({ info }) => info });
      expect(parts.map((part) => part.filter(({ info }) => info === "rare").length)).toEqual([5, 3, 2]);
    }
  });

  it("is decided by the seed", () => {
    const parts = [0, 0, 1, "a"].map((seed) => inputs(splitDataset(numbers(40), [0.5, 0.5], { seed })[0]));
    expect(parts[0]).toEqual(parts[1]);
    expect(new Set(parts.map(String)).size).toBe(3);
  });

  it.each<[string, unknown, string]>([
    ["fractions of another sum", { train: 0.8, test: 0.1 }, "above 0 that add up to 1, got"],
    ["a fraction of 0", [1, 0], "above 0"],
    ["a negative fraction", [1.5, -0.5], "above 0"],
    ["no fractions", {}, "above 0"],
    ["what is no number", { train: Number.NaN }, "above 0"],
    ["a part that stays empty", { train: 0.99, test: 0.01 }, "0.01 of 10 examples leaves `test` empty"],
  ])("refuses %s", (_, fractions, message) => {
    expect(() => splitDataset(numbers(10), fractions as never)).toThrow(InvalidArgumentError);
    expect(() => splitDataset(numbers(10), fractions as never)).toThrow(message);
  });

  it("refuses an unknown option", () => {
    expect(() => splitDataset(numbers(4), [0.5, 0.5], { stratify: 1 } as never)).toThrow("did you mean `stratifyBy`?");
  });

  describe("by group", () => {
    const grouped = (sizes: readonly number[], kinds = 1) =>
      sizes.flatMap((size, group) =>
        Array.from({ length: size }, (_, index) => ({ input: { group, index }, info: index % kinds })),
      );
    const groupsIn = (part: readonly { input: { group: number } }[]) => new Set(part.map(({ input }) => input.group));

    it("keeps groups whole, fills every part, and loses nothing", () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 3, maxLength: 30 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer(),
          (sizes, kinds, seed) => {
            const examples = grouped(sizes, kinds);
            fc.pre(examples.length >= 10);
            const options = {
              seed,
              groupBy: ({ input }: { input: { group: number } }) => input.group,
              stratifyBy: ({ info }: { info: number }) => info,
            };
            const parts = Object.values(splitDataset(examples, { train: 0.6, validate: 0.2, test: 0.2 }, options));
            expect(parts.flat()).toHaveLength(examples.length);
            expect(new Set(parts.flat()).size).toBe(examples.length);
            expect(parts.every(({ length }) => length > 0)).toBe(true);
            expect(parts.reduce((sum, part) => sum + groupsIn(part).size, 0)).toBe(sizes.length);
          },
        ),
      );
    });

    it("comes close to the fractions, and to the shares of each kind", () => {
      const examples = grouped(
        Array.from({ length: 100 }, (_, group) => 1 + (group % 5)),
        2,
      );
      const { train, test } = splitDataset(
        examples,
        { train: 0.8, test: 0.2 },
        { groupBy: ({ input }) => input.group, stratifyBy: ({ info }) => info },
      );
      expect(train.length / examples.length).toBeCloseTo(0.8, 1);
      const share = (part: typeof train) => part.filter(({ info }) => info === 0).length / part.length;
      expect(share(test)).toBeCloseTo(share(examples), 1);
    });

    it("depends on the seed, and refuses fewer groups than parts", () => {
      const examples = grouped([5, 5, 5, 5, 5, 5]);
      const groupBy = ({ input }: { input: { group: number } }) => input.group;
      const split = (seed: number) =>
        [...groupsIn(splitDataset(examples, { train: 0.5, test: 0.5 }, { seed, groupBy }).train)].join();
      expect(split(1)).toBe(split(1));
      expect(new Set([1, 2, 3, 4, 5, 6].map(split)).size).toBeGreaterThan(1);
      expect(() => splitDataset(grouped([9]), { train: 0.5, test: 0.5 }, { groupBy })).toThrow(
        /at least as many groups as parts, got 1 groups for train, test/,
      );
    });
  });
});
