/**
 * Rows and words of a difference.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DiffRow, diffRows, type Piece } from "./word-diff.ts";

const marked = (pieces: readonly Piece[] | undefined): string | undefined =>
  pieces?.map(({ text, isChanged }) => (isChanged ? `[${text}]` : text)).join("");
const shown = (rows: readonly DiffRow[]) =>
  rows.map(({ isSame, left, right }) => [isSame ? "=" : "!", marked(left), marked(right)]);

describe("diffRows", () => {
  it.each([
    {
      name: "nothing",
      left: "a\nb",
      right: "a\nb",
      rows: [
        ["=", "a", "a"],
        ["=", "b", "b"],
      ],
    },
    { name: "a word", left: "be kind now", right: "be brief now", rows: [["!", "be [kind] now", "be [brief] now"]] },
    {
      name: "a line more",
      left: "a\nb",
      right: "a\nx\nb",
      rows: [
        ["=", "a", "a"],
        ["!", undefined, "[x]"],
        ["=", "b", "b"],
      ],
    },
    {
      name: "a line less",
      left: "a\nb",
      right: "b",
      rows: [
        ["!", "[a]", undefined],
        ["=", "b", "b"],
      ],
    },
    {
      name: "a line feed at the end",
      left: "a",
      right: "a\n",
      rows: [
        ["=", "a", "a"],
        ["!", undefined, "[]"],
      ],
    },
  ])("shows $name", ({ left, right, rows }) => {
    expect(shown(diffRows(left, right))).toEqual(rows);
  });

  it("holds both texts, whatever they are", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "ü", "語") });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const rows = diffRows(left, right);
        const side = (name: "left" | "right"): string =>
          rows.flatMap((row) => (row[name] === undefined ? [] : [row[name].map((piece) => piece.text).join("")])).join("\n");
        expect([side("left"), side("right")]).toEqual([left, right]);
        expect(rows.every(({ isSame }) => isSame)).toBe(left === right);
      }),
    );
  });

  it("gives texts that have little in common as two texts", () => {
    const left = Array.from({ length: 3_000 }, (_, index) => `left ${index}`).join("\n");
    const right = Array.from({ length: 3_000 }, (_, index) => `right ${index}`).join("\n");
    const rows = diffRows(left, right);
    expect(rows).toHaveLength(3_000);
    expect(marked(rows[2_999]?.right)).toBe("[right 2999]");
  });
});
