/**
 * Lists and sets.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { type OverlapOptions, overlap } from "./overlap.ts";

describe("overlap", () => {
  it.each<{ answer: unknown; info: unknown; options?: OverlapOptions; precision: number; recall: number }>([
    { answer: ["a", "b"], info: ["b", "a"], precision: 1, recall: 1 },
    { answer: ["a", "b"], info: ["a", "b", "c", "d"], precision: 1, recall: 0.5 },
    { answer: ["a", "b", "c", "d"], info: ["a", "x"], precision: 0.25, recall: 0.5 },
    { answer: "a, b; c\nd", info: ["A", "b", "C", "d"], precision: 1, recall: 1 },
    { answer: "a, b", info: ["A", "b"], options: { ignoreCase: false }, precision: 0.5, recall: 0.5 },
    { answer: '["a", "b"]', info: "a,b", precision: 1, recall: 1 },
    { answer: [1, 2], info: ["1", "2"], precision: 1, recall: 1 },
    { answer: [{ x: 1, y: 2 }], info: [{ y: 2, x: 1 }], precision: 1, recall: 1 },
    { answer: ["a", "a"], info: ["a"], precision: 1, recall: 1 },
    { answer: ["a", "a"], info: ["a"], options: { countDuplicates: true }, precision: 0.5, recall: 1 },
    { answer: "the cat sat", info: "the dog sat", options: { separator: /\s+/ }, precision: 2 / 3, recall: 2 / 3 },
    { answer: [], info: [], precision: 1, recall: 1 },
    { answer: [], info: ["a"], precision: 0, recall: 0 },
    { answer: ["a"], info: [], precision: 0, recall: 0 },
    { answer: new Set(["a"]), info: { names: ["a"] }, options: { field: "names" }, precision: 1, recall: 1 },
    { answer: "[not json", info: ["[not json"], precision: 1, recall: 1 },
  ])("of $answer and $info", async ({ answer, info, options, precision, recall }) => {
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    const scores = { precision, recall, f1 };
    for (const measure of ["f1", "precision", "recall"] as const) {
      const verdict = await overlap({ ...options, measure }).getFeedback("?", answer, info);
      expect(verdict).toMatchObject({ score: scores[measure], scores });
    }
  });

  it("names what is missing and what is superfluous", async () => {
    expect((await overlap().getFeedback("?", "a, x", ["a", "b"])).feedback).toBe(
      '1 of 2 expected items are in the answer, which has 2. Missing: "b". Not expected: "x".',
    );
    const many = Array.from({ length: 30 }, (_, index) => `item ${index}`);
    expect((await overlap().getFeedback("?", [], many)).feedback).toContain('"item 9" and 20 more');
    expect((await overlap().getFeedback("?", "a", "a")).feedback).toBe("Correct.");
  });

  it("says what its score means, by the measure", () => {
    expect(overlap({ measure: "recall" }).meaning).toBe("the share of the expected items that are answered");
    expect(() => overlap({ measure: "f2" as never })).toThrow(InvalidArgumentError);
  });
});
