import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fisherExact } from "./comparison.ts";

describe("fisherExact", () => {
  it.each([
    { one: [5, 6], other: [0, 6], p: 6 / 792 },
    { one: [3, 4], other: [0, 12], p: 4 / 560 },
    { one: [0, 4], other: [3, 4], p: 1 },
    { one: [2, 2], other: [2, 2], p: 1 },
    // The tea tasting of Fisher: 3 of 4 right.
    { one: [3, 4], other: [1, 4], p: 17 / 70 },
    { one: [1, 0], other: [1, 4], p: 1 },
  ])("$one against $other: $p", ({ one, other, p }) => {
    const share = ([count, total]: number[]) => ({ count: count as number, total: total as number });
    expect(fisherExact(share(one), share(other))).toBeCloseTo(p, 12);
  });

  it("is a probability, and falls with the count", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.nat(60), fc.nat(60));
    fc.assert(
      fc.property(sizes, ([n, m, a, b]) => {
        const [count, others] = [Math.min(a, n), Math.min(b, m)];
        const p = fisherExact({ count, total: n }, { count: others, total: m });
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        if (count < n && others > 0) {
          const more = fisherExact({ count: count + 1, total: n }, { count: others - 1, total: m });
          expect(more).toBeLessThanOrEqual(p + 1e-12);
        }
      }),
    );
  });
});
