import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { Random } from "./random.ts";

function draws(random: Random, count = 5): number[] {
  return Array.from({ length: count }, () => random.next());
}

describe("Random", () => {
  it("draws the same numbers on every machine and in every version", () => {
    const random = new Random(42);
    expect(draws(random, 3)).toEqual([0.07216928663222588, 0.19464252204034338, 0.6424963026320596]);
    expect(Array.from({ length: 8 }, () => random.integer(1, 100))).toEqual([15, 25, 44, 31, 79, 2, 14, 2]);
    expect(random.shuffle(["a", "b", "c", "d", "e", "f"])).toEqual(["a", "c", "b", "d", "f", "e"]);
    expect(new Random(42).fork("iteration/3").fork("proposal/2").next()).toBe(0.3559266976421488);
    expect(new Random("mail filter", "epoch/1").next()).toBe(0.11373987727137402);
    expect(new Random(42).normal()).toBeCloseTo(0.1319280162116515, 14);
  });

  it("takes a number and its text as the same seed, and other seeds as others", () => {
    expect(draws(new Random("7"))).toEqual(draws(new Random(7)));
    const firsts = [0, 1, -1, 0.5, 1e21, "", "a", "1/2", "12"].map((seed) => new Random(seed).next());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it.each([Number.NaN, Infinity, null, undefined, {}, 7n])("refuses %s as a seed", (seed) => {
    expect(() => new Random(seed as never)).toThrow(InvalidArgumentError);
  });

  describe("fork", () => {
    it("depends on seed and label path only, not on draws or on how the path is walked", () => {
      fc.assert(
        fc.property(
          fc.integer(),
          fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }),
          fc.nat(20),
          (seed, path, drawn) => {
            const walked = new Random(seed);
            draws(walked, drawn);
            const fork = path.reduce((random, label) => random.fork(label), walked);
            expect(fork.label).toBe(path.join("/"));
            expect(draws(fork)).toEqual(draws(new Random(seed, path.join("/"))));
          },
        ),
      );
    });

    it("keeps apart what only looks alike", () => {
      const streams = [
        new Random("1", "2/x"),
        new Random("1/2", "x"),
        new Random("12", "/x"),
        new Random("1", "2").fork("y"),
        new Random("1"),
      ];
      expect(new Set(streams.map((random) => random.next())).size).toBe(streams.length);
    });

    it("gives unrelated streams to neighbouring labels", () => {
      const firsts = Array.from({ length: 10_000 }, (_, index) => new Random(1).fork(`example/${index}`).next());
      const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
      const correlation =
        firsts.slice(1).reduce((sum, value, index) => sum + (value - 0.5) * (firsts[index]! - 0.5), 0) / firsts.length;
      expect(mean).toBeCloseTo(0.5, 1);
      expect(Math.abs(correlation)).toBeLessThan(0.005);
    });

    it("refuses an empty label", () => {
      expect(() => new Random(1).fork("")).toThrow("label");
    });
  });

  it("draws numbers in [0, 1) spread evenly", () => {
    const random = new Random(3);
    const values = draws(random, 32_000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const buckets = new Array<number>(16).fill(0);
    for (const value of values) buckets[Math.floor(value * 16)]! += 1;
    // 2000 expected in each, standard deviation 43.
    for (const count of buckets) expect(Math.abs(count - 2000)).toBeLessThan(5 * 43);
  });

  describe("integer", () => {
    it("reaches both bounds, nothing beyond, each value about equally often", () => {
      const random = new Random(3);
      const counts = new Map<number, number>();
      for (let index = 0; index < 7000; index += 1) {
        const value = random.integer(-3, 3);
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
      for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    });

    it("takes ranges wider than 32 bits and of a single value", () => {
      const random = new Random(3);
      expect(random.integer(5, 5)).toBe(5);
      const wide = Array.from({ length: 100 }, () => random.integer(0, Number.MAX_SAFE_INTEGER));
      expect(wide.every(Number.isSafeInteger)).toBe(true);
      expect(Math.max(...wide)).toBeGreaterThan(2 ** 52);
    });

    it.each([
      [2, 1],
      [0.5, 2],
      [0, Infinity],
      [Number.NaN, 1],
      [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ])("refuses the bounds %s and %s", (min, max) => {
      expect(() => new Random(1).integer(min, max)).toThrow(InvalidArgumentError);
    });
  });

  it("draws normal numbers of the asked mean and deviation", () => {
    const random = new Random(5);
    const values = Array.from({ length: 20_000 }, () => random.normal(10, 2));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean - 10)).toBeLessThan(0.07);
    expect(Math.abs(deviation - 2)).toBeLessThan(0.05);
    expect(values.filter((value) => Math.abs(value - 10) < 2).length / values.length).toBeCloseTo(0.683, 1);
  });

  it("shuffles without losing, doubling or touching items, every order about equally often", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = [...items];
        const shuffled = new Random(seed).shuffle(items);
        expect(items).toEqual(before);
        expect([...shuffled].sort()).toEqual([...items].sort());
      }),
    );
    const random = new Random(11);
    const orders = new Map<string, number>();
    for (let index = 0; index < 6000; index += 1) {
      const order = random.shuffle(["a", "b", "c"]).join("");
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it("samples without repeating, and all of them when all are asked for", () => {
    const items = [...Array(20).keys()];
    for (const count of [0, 1, 7, 20]) {
      const sample = new Random(count).sample(items, count);
      expect(sample).toHaveLength(count);
      expect(new Set(sample).size).toBe(count);
    }
    expect(() => new Random(1).sample(items, 21)).toThrow("between 0 and 20 items, got 21");
    expect(() => new Random(1).sample(items, 1.5)).toThrow(InvalidArgumentError);
  });

  it("chooses every item, and refuses to choose from none", () => {
    const random = new Random(9);
    expect(new Set(Array.from({ length: 100 }, () => random.choice(["x", "y", "z"])))).toEqual(new Set(["x", "y", "z"]));
    expect(() => random.choice([])).toThrow("at least one item");
  });

  describe("weightedIndex", () => {
    it("follows the weights and never picks a weight of zero", () => {
      const random = new Random(13);
      const counts = [0, 0, 0, 0];
      for (let index = 0; index < 8000; index += 1) counts[random.weightedIndex([0, 1, 3, 0])]! += 1;
      expect(counts[0]).toBe(0);
      expect(counts[3]).toBe(0);
      expect(counts[2]! / counts[1]!).toBeCloseTo(3, 0);
    });

    it.each([[[]], [[0, 0]], [[1, -1]], [[Number.NaN]], [[Infinity, 1]], [[1e308, 1e308]]])(
      "refuses the weights %j",
      (weights) => {
        expect(() => new Random(1).weightedIndex(weights)).toThrow(InvalidArgumentError);
      },
    );
  });

  describe("state and restore", () => {
    it("continue exactly, through JSON text", () => {
      const random = new Random(21, "loader");
      draws(random, 7);
      const saved = JSON.stringify(random.state());
      const expected = draws(random);
      const resumed = new Random(21, "loader");
      resumed.restore(JSON.parse(saved));
      expect(draws(resumed)).toEqual(expected);
    });

    it.each([
      ["another seed", new Random(22, "loader").state()],
      ["another label", new Random(21, "other").state()],
      ["no words", { seed: "21", label: "loader" }],
      ["words that are not 32-bit", { seed: "21", label: "loader", words: [1, 2, 3, 2 ** 40] }],
      ["nothing", null],
    ])("refuse a state with %s", (_, state) => {
      const random = new Random(21, "loader");
      const untouched = new Random(21, "loader");
      expect(() => random.restore(state)).toThrow(InvalidArgumentError);
      expect(draws(random)).toEqual(draws(untouched));
    });
  });
});
