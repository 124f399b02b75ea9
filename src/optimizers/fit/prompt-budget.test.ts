/**
 * Room that is shared: what short texts do not need goes to the long ones.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fairLength, tokensAt } from "./prompt-budget.ts";

const text = (length: number, weight = 1) => ({ length, tokens: length, weight });

describe("the fair length", () => {
  it.each([
    ["all fit", [text(10), text(20)], 100, 50],
    ["one is long", [text(10), text(1_000)], 100, 82],
    ["two are long", [text(10), text(1_000), text(1_000)], 100, 37],
    ["one counts more", [text(1_000, 4), text(1_000)], 100, 16],
    ["there is no room", [text(1_000)], 3, 8],
  ])("when %s", (_title, texts, room, expected) => {
    expect(fairLength(texts, room, 8, expected > 50 ? 2_000 : 50)).toBe(expected);
  });

  it("never takes more than there is, and one more would", () => {
    const texts = fc.array(fc.record({ length: fc.nat(5_000), tokens: fc.nat(3_000), weight: fc.integer({ min: 1, max: 4 }) }));
    fc.assert(
      fc.property(texts, fc.nat(10_000), (shared, room) => {
        const length = fairLength(shared, room, 8, 2_000);
        if (length > 8) expect(tokensAt(shared, length)).toBeLessThanOrEqual(room);
      }),
    );
  });
});
