/**
 * Texts in answers.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { type ContainsOptions, contains, type RegexMatchOptions, regexMatch } from "./text-match.ts";

describe("contains", () => {
  it.each<{ options?: ContainsOptions; answer: unknown; info?: unknown; score: number; feedback: string }>([
    { options: { texts: "Lima" }, answer: "It is Lima.", score: 1, feedback: "Correct." },
    {
      options: { texts: "lima" },
      answer: "It is Lima.",
      score: 0,
      feedback: 'The answer must also contain "lima". Got "It is Lima.".',
    },
    { options: { texts: "lima", ignoreCase: true }, answer: "It is Lima.", score: 1, feedback: "Correct." },
    {
      options: { texts: ["a", "b", "z"] },
      answer: "ab",
      score: 2 / 3,
      feedback: 'The answer must also contain "z". Got "ab".',
    },
    { options: { texts: ["a", "z"], mode: "any" }, answer: "ab", score: 1, feedback: "Correct." },
    {
      options: { texts: ["y", "z"], mode: "any" },
      answer: "ab",
      score: 0,
      feedback: 'Expected the answer to contain at least one of "y", "z", got "ab".',
    },
    {
      options: { texts: ["a", "z"], mode: "none" },
      answer: "ab",
      score: 0.5,
      feedback: 'The answer must not contain "a". Got "ab".',
    },
    { answer: "Caf\u0065\u0301 Lima", info: ["Caf\u00e9"], score: 1, feedback: "Correct." },
    { options: { field: "words" }, answer: "x", info: { words: "x" }, score: 1, feedback: "Correct." },
  ])("scores $answer with $options", async ({ options, answer, info = null, score, feedback }) => {
    expect(await contains(options).getFeedback("?", answer, info)).toEqual({ score, feedback });
  });

  it("refuses what is not a text", async () => {
    expect(() => contains({ texts: [] })).toThrow(InvalidArgumentError);
    expect(() => contains({ texts: "a", mode: "some" as never })).toThrow(/"all", "any" or "none"/);
    await expect(contains().getFeedback("?", "a", null)).rejects.toThrow(
      /the reference of the example to be a text or a list of texts/,
    );
  });
});

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
