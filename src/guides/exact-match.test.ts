/**
 * Comparison with the reference.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { type ExactMatchOptions, exactMatch } from "./exact-match.ts";

describe("exactMatch", () => {
  it.each<{ answer: unknown; info: unknown; options?: ExactMatchOptions; score: 0 | 1 }>([
    { answer: "Lima", info: "Lima", score: 1 },
    { answer: "Lima", info: "lima", score: 0 },
    { answer: "Lima", info: "lima", options: { ignoreCase: true }, score: 1 },
    { answer: " Lima\n", info: "Lima", score: 1 },
    { answer: " Lima\n", info: "Lima", options: { trim: false }, score: 0 },
    { answer: "Caf\u0065\u0301", info: "Caf\u00e9", score: 1 },
    { answer: "The answer is Lima", info: "Lima", score: 0 },
    { answer: "", info: "Lima", score: 0 },
    { answer: 5, info: 5, score: 1 },
    { answer: "5", info: 5, score: 1 },
    { answer: 5, info: "5 ", score: 1 },
    { answer: "5.0", info: 5, score: 0 },
    { answer: true, info: "true", score: 1 },
    { answer: { a: [1, { b: "x " }] }, info: { a: [1, { b: "x" }] }, score: 1 },
    { answer: { a: 1, b: 2 }, info: { b: 2, a: 1 }, score: 1 },
    { answer: { a: 1 }, info: { a: 1, b: undefined }, score: 0 },
    { answer: Object.freeze({ a: "X" }), info: { a: "x" }, options: { ignoreCase: true }, score: 1 },
    { answer: [1, 2], info: [2, 1], score: 0 },
    { answer: ["1"], info: "1", score: 0 },
    { answer: new Set([1]), info: new Set([1]), score: 1 },
    { answer: undefined, info: undefined, score: 1 },
    { answer: undefined, info: "undefined", score: 0 },
    { answer: null, info: "null", score: 0 },
    { answer: "Lima", info: { city: "Lima" }, options: { field: "city" }, score: 1 },
    { answer: { city: "Lima" }, info: { city: "Lima" }, score: 1 },
  ])("of $answer with $info under $options is $score", async ({ answer, info, options, score }) => {
    const guide = exactMatch(options);
    expect((await guide.getFeedback("?", answer, info)).score).toBe(score);
    expect(await guide.metric("?", answer, info)).toBe(score);
  });

  it("says what was expected and what came", async () => {
    const guide = exactMatch();
    expect((await guide.getFeedback("?", "Lima", "Lima")).feedback).toBe("Correct.");
    expect((await guide.getFeedback("?", "Cuzco ", "Lima")).feedback).toBe('Incorrect. Expected "Lima", got "Cuzco ".');
    expect((await guide.getFeedback("?", { a: 1 }, [1])).feedback).toBe('Incorrect. Expected [1], got {"a":1}.');
    expect((await guide.getFeedback("?", "x".repeat(9_000), 1)).feedback.length).toBeLessThan(2_100);
  });

  it("takes other words", async () => {
    const guide = exactMatch({ feedback: ({ isMatch, expected, answer }) => `${isMatch}: ${expected}/${answer}` });
    expect((await guide.getFeedback("?", "a", "b")).feedback).toBe("false: b/a");
  });

  it.each([{ info: { country: "Peru" } }, { info: null }, { info: "Lima" }, { info: {} }])(
    "is a bug of the guide when $info has not the field",
    async ({ info }) => {
      await expect(exactMatch({ field: "city" }).getFeedback("?", "Lima", info)).rejects.toThrow(
        /Expected the info of the example to have the field "city", got/,
      );
    },
  );

  it("refuses options that it does not know", () => {
    expect(() => exactMatch({ ignorecase: true } as never)).toThrow(InvalidArgumentError);
  });
});
