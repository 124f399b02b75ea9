import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance } from "./edit-distance.ts";

/** By its definition. */
function plainDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const above = rows[i - 1] as number[];
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      row.push(Math.min(replaced, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] as number;
}

const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 14 });

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["abc", "abc", 0],
    ["the cat sat", "the bat sat", 1],
  ])("of %o and %o", (a, b, distance) => {
    expect([editDistance(a, b), editDistance(b, a)]).toEqual([distance, distance]);
  });

  it("is that of its definition", () => {
    fc.assert(fc.property(letters, letters, (a, b) => editDistance(a, b) === plainDistance(a, b)));
  });

  it("is exact up to a limit, and above it beyond", () => {
    const check = (a: string, b: string, most: number): void => {
      const distance = plainDistance(a, b);
      const found = editDistance(a, b, most);
      if (distance <= most) expect(found).toBe(distance);
      else expect(found).toBeGreaterThan(most);
    };
    fc.assert(fc.property(letters, letters, fc.integer({ min: 0, max: 15 }), check), { numRuns: 1000 });
  });

  it("compares lists as well", () => {
    expect(editDistance(["be", "brief"], ["be", "very", "brief"])).toBe(1);
  });
});
