/**
 * The edit distance between answer and reference.
 *
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EditSimilarityOptions, editSimilarity } from "./edit-similarity.ts";

describe("editSimilarity", () => {
  it.each<{ answer: unknown; info: unknown; options?: EditSimilarityOptions; score: number }>([
    { answer: "kitten", info: "sitting", score: 1 - 3 / 7 },
    { answer: "Lima", info: "Lima", score: 1 },
    { answer: " Lima", info: "Lima", score: 1 },
    { answer: " Lima", info: "Lima", options: { trim: false }, score: 0.8 },
    { answer: "LIMA", info: "lima", score: 0 },
    { answer: "LIMA", info: "lima", options: { ignoreCase: true }, score: 1 },
    { answer: "", info: "Lima", score: 0 },
    { answer: "", info: "", score: 1 },
    { answer: "abXcd", info: "abcd", score: 0.8 },
    { answer: "👍🏽", info: "👍", score: 0.5 },
    { answer: 12, info: 13, score: 0.5 },
  ])("of $answer and $info is $score", async ({ answer, info, options, score }) => {
    expect(await editSimilarity(options).metric("?", answer, info)).toBeCloseTo(score, 12);
  });

  it("says how much has to change, and where first", async () => {
    expect((await editSimilarity().getFeedback("?", "Limo", "Lima")).feedback).toBe(
      'Expected "Lima", got "Limo": 1 of 4 characters have to change, the first at position 4.',
    );
    expect((await editSimilarity().getFeedback("?", "Lima!", "Lima")).feedback).toContain("the first at position 5.");
  });

  it("is the same in both directions, and 1 for equal texts only", async () => {
    const guide = editSimilarity({ trim: false });
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), async (a, b) => {
        const score = await guide.metric("?", a, b);
        expect(await guide.metric("?", b, a)).toBe(score);
        expect(score === 1).toBe(a === b);
      }),
    );
  });
});
