/**
 * Patterns in answers.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { type RegexMatchOptions, regexMatch } from "./regex-match.ts";

describe("regexMatch", () => {
  it.each<{ options?: RegexMatchOptions; answer: unknown; info?: unknown; score: number; feedback: string }>([
    { options: { pattern: /^\d+$/ }, answer: "42", score: 1, feedback: "Correct." },
    {
      options: { pattern: /^\d+$/ },
      answer: "about 42",
      score: 0,
      feedback: 'Expected something that matches /^\\d+$/, got "about 42".',
    },
    {
      options: { pattern: "^\\d+$", description: "a whole number" },
      answer: "x",
      score: 0,
      feedback: 'Expected a whole number, got "x".',
    },
    { options: { pattern: "lima", flags: "i" }, answer: "It is Lima.", score: 1, feedback: "Correct." },
    {
      options: { pattern: /sorry/i, forbid: true, description: "an apology" },
      answer: "Sorry, no.",
      score: 0,
      feedback: 'Expected an answer without an apology, got "Sorry" in "Sorry, no.".',
    },
    { options: { pattern: /sorry/i, forbid: true }, answer: "No.", score: 1, feedback: "Correct." },
    { answer: "Lima", info: "^L", score: 1, feedback: "Correct." },
    { options: { field: "shape" }, answer: "Lima", info: { shape: "^L" }, score: 1, feedback: "Correct." },
    { options: { pattern: /"a":1/ }, answer: { a: 1 }, score: 1, feedback: "Correct." },
  ])("scores $answer with $options", async ({ options, answer, info = null, score, feedback }) => {
    expect(await regexMatch(options).getFeedback("?", answer, info)).toEqual({ score, feedback });
  });

  it("finds the same every time, whatever the flags", async () => {
    const guide = regexMatch({ pattern: /a/gy });
    for (let round = 0; round < 3; round++) expect(await guide.metric("?", "ba", null)).toBe(1);
  });

  it("refuses invalid patterns", async () => {
    expect(() => regexMatch({ pattern: "(" })).toThrow(InvalidArgumentError);
    expect(() => regexMatch({ pattern: "a", flags: "x" })).toThrow(InvalidArgumentError);
    expect(() => regexMatch({ regex: "a" } as never)).toThrow(InvalidArgumentError);
    await expect(regexMatch().getFeedback("?", "a", { shape: "a" })).rejects.toThrow(
      /Expected the info of the example to be a text, got .*; name its field in the option `field`/,
    );
  });
});
