/**
 * Lines broken to a width.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { widthOf, wrapPieces } from "./word-diff.ts";

const wrap = (text: string, width: number): string[] =>
  wrapPieces([{ text, isChanged: false }], width).map((line) => line.map((piece) => piece.text).join(""));

describe("wrapPieces", () => {
  it.each([
    { text: "", width: 5, lines: [""] },
    { text: "one two", width: 10, lines: ["one two"] },
    { text: "one two", width: 4, lines: ["one ", "two"] },
    { text: "one two", width: 3, lines: ["one", "two"] },
    { text: "abcdefg", width: 3, lines: ["abc", "def", "g"] },
    { text: "日本語", width: 5, lines: ["日本", "語"] },
    { text: "👩‍👩‍👧👩‍👩‍👧", width: 3, lines: ["👩‍👩‍👧", "👩‍👩‍👧"] },
  ])("breaks $text at $width", ({ text, width, lines }) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  it("never makes a line too long and loses nothing but blanks", () => {
    const anyText = fc.string({ unit: fc.constantFrom("a", "bc", " ", "語") });
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 12 }), (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });
});
