/**
 * Numbers in answers.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { type NumericMatchOptions, numericMatch } from "./numeric-match.ts";

describe("numericMatch", () => {
  it.each<{ options?: NumericMatchOptions; answer: unknown; info: unknown; score: number }>([
    { answer: 42, info: 42, score: 1 },
    { answer: "42", info: "42", score: 1 },
    { answer: "The answer is 42.", info: 42, score: 1 },
    { answer: "3 and 4 make 7", info: 7, score: 1 },
    { options: { find: "first" }, answer: "3 and 4 make 7", info: 3, score: 1 },
    { options: { find: "only" }, answer: "3 and 4 make 7", info: 7, score: 0 },
    { options: { find: "only" }, answer: " 7 ", info: 7, score: 1 },
    { answer: "$1,234.50", info: 1234.5, score: 1 },
    { answer: "1,2,3", info: 3, score: 1 },
    { answer: "\u22125 degrees", info: -5, score: 1 },
    { answer: "6.02e23", info: 6.02e23, score: 1 },
    { answer: "GPT4 says nothing", info: 4, score: 0 },
    { answer: "0.3", info: 0.1 + 0.2, score: 1 },
    { options: { tolerance: 0.5 }, answer: "10.5", info: 10, score: 1 },
    { options: { tolerance: 0.5 }, answer: "10.51", info: 10, score: 0 },
    { options: { relativeTolerance: 0.01 }, answer: 101, info: 100, score: 1 },
    { options: { relativeTolerance: 0.01 }, answer: 98.9, info: 100, score: 0 },
    { options: { field: "price" }, answer: "7", info: { price: 7 }, score: 1 },
    { answer: "none", info: 0, score: 0 },
    { answer: Number.NaN, info: 0, score: 0 },
    { answer: "1e999", info: 5, score: 0 },
    { answer: "-1e999", info: 5, score: 0 },
    { answer: "9".repeat(310), info: 1e300, score: 0 },
    { options: { find: "first" }, answer: "1e999 or 5", info: 5, score: 0 },
  ])("scores $answer for $info with $options as $score", async ({ options, answer, info, score }) => {
    expect(await numericMatch(options).metric("?", answer, info)).toBe(score);
  });

  it.each([
    { answer: "It is 45.", feedback: 'Expected the number 42 (±2), got 45, which is 3 too high, read from "It is 45.".' },
    { answer: 39.5, feedback: "Expected the number 42 (±2), got 39.5, which is 2.5 too low." },
    { answer: "many", feedback: 'Expected the number 42 (±2), got no number: "many".' },
    { answer: 43, feedback: "Correct." },
  ])("explains $answer", async ({ answer, feedback }) => {
    expect((await numericMatch({ tolerance: 2 }).getFeedback("?", answer, 42)).feedback).toBe(feedback);
  });

  it("refuses what is not a number", async () => {
    expect(() => numericMatch({ tolerance: -1 })).toThrow(InvalidArgumentError);
    expect(() => numericMatch({ find: "best" as never })).toThrow(InvalidArgumentError);
    await expect(numericMatch().getFeedback("?", "1", "about 3 or 4")).rejects.toThrow(/reference of the example to be a number/);
  });
});
