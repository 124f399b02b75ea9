import { describe, expect, it } from "vitest";
import { Random } from "../data/random.ts";
import { nextChoices, type TriedChoices } from "./categorical-tpe.ts";

describe("nextChoices", () => {
  it("tries every combination once, and then none", () => {
    const tried: TriedChoices[] = [];
    const random = new Random(1);
    for (let picks = nextChoices([3, 4], tried, random); picks !== undefined; picks = nextChoices([3, 4], tried, random)) {
      tried.push({ picks, score: random.next() });
    }
    expect(new Set(tried.map(({ picks }) => String(picks))).size).toBe(12);
    expect(tried.length).toBe(12);
  });

  it("leaves out what is under way", () => {
    expect(nextChoices([2], [{ picks: [0], score: 1 }], new Random(1), [[1]])).toBeUndefined();
  });

  it("finds a good combination sooner than chance", () => {
    const needed = Array.from({ length: 60 }, (_, seed) => {
      const random = new Random(seed);
      const best = [random.integer(0, 5), random.integer(0, 5), random.integer(0, 5)];
      const tried: TriedChoices[] = [];
      for (;;) {
        const picks = nextChoices([6, 6, 6], tried, random) as readonly number[];
        const right = picks.filter((pick, dimension) => pick === best[dimension]).length;
        tried.push({ picks, score: right });
        if (right === 3) return tried.length;
      }
    });
    // By chance it takes 108 of the 216 on average.
    expect(needed.reduce((sum, count) => sum + count, 0) / needed.length).toBeLessThan(60);
  });
});
