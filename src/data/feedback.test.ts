import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { type Feedback, toFeedback } from "./feedback.ts";

describe("toFeedback", () => {
  it.each<[unknown, Feedback]>([
    [
      { score: 0.5, feedback: "so so" },
      { score: 0.5, feedback: "so so" },
    ],
    [
      { score: null, feedback: "cannot tell" },
      { score: null, feedback: "cannot tell" },
    ],
    [{ score: true }, { score: 1, feedback: "" }],
    [
      { score: 1, feedback: "good", scores: { tone: 0.2 } },
      { score: 1, feedback: "good", scores: { tone: 0.2 } },
    ],
    [
      { score: 1, feedback: "good", scores: undefined },
      { score: 1, feedback: "good" },
    ],
    [
      { score: 0.5, reason: "half" },
      { score: 0.5, feedback: "half" },
    ],
    [
      { score: 0.5, rationale: "half", reason: null },
      { score: 0.5, feedback: "half" },
    ],
    [
      { name: "Factuality", score: true, metadata: { rationale: "Right.", choice: "A" } },
      { score: 1, feedback: "Right." },
    ],
    [
      { key: "tone", value: 0.5, comment: "flat" },
      { score: 0.5, feedback: "flat" },
    ],
    [
      [
        { name: "tone", score: 0.5, reason: "flat" },
        { name: "length", score: 1, explanation: "" },
        { name: "skipped", score: null },
      ],
      { score: 0.75, feedback: "tone: flat", scores: { tone: 0.5, length: 1 } },
    ],
    [[{ score: 1 }, { score: 0, feedback: "no" }], { score: 0.5, feedback: "no" }],
    [
      [
        { key: "score", score: 0 },
        { key: "tone", score: 1 },
      ],
      { score: 0.5, feedback: "", scores: { "score 2": 0, tone: 1 } },
    ],
    [[{ key: "score", score: 1 }], { score: 1, feedback: "" }],
    [
      { score: 1, scores: { score: 1, tone: 0 } },
      { score: 1, feedback: "", scores: { tone: 0 } },
    ],
    [[0, "bad"], { score: 0, feedback: "bad" }],
    [[false, "bad"], { score: 0, feedback: "bad" }],
    [[null, "cannot tell"], { score: null, feedback: "cannot tell" }],
    [0.25, { score: 0.25, feedback: "" }],
    [-3, { score: -3, feedback: "" }],
    [true, { score: 1, feedback: "" }],
    [false, { score: 0, feedback: "" }],
  ])("%j", (value, expected) => {
    expect(toFeedback(value)).toStrictEqual(expected);
  });

  it.each<[unknown, RegExp]>([
    [{ score: 1, feedbak: "typo" }, /got an unknown key `feedbak` \(did you mean `feedback`\?\); numbers belong in `scores`/],
    [{ score: 1, feedback: "good", other: 1, more: 2 }, /unknown key `other`, `more`/],
    [[{ score: 1, reson: "typo" }], /unknown key `reson` \(did you mean `reason`\?\)/],
    ["good", /Expected the guide to return .*, got "good" \(string\)/],
    [undefined, /got undefined/],
    [null, /got null/],
    [{}, /got \{\} \(Object\)/],
    [[1], /got \[1\] \(array of 1\)/],
    [[1, "a", "b"], /array of 3/],
    [Number.NaN, /finite score or null, got NaN/],
    [{ score: Number.POSITIVE_INFINITY }, /finite score or null, got Infinity/],
    [{ score: "1" }, /finite score or null, got "1" \(string\)/],
    [{ score: undefined }, /finite score or null, got undefined/],
    [[1, 2], /feedback as a string, got 2/],
    [{ score: 1, feedback: null }, /feedback as a string, got null/],
    [{ score: 1, feedback: "", scores: { a: "1" } }, /finite `scores`, got a = "1" \(string\)/],
    [{ score: 1, feedback: "", scores: { a: Number.NaN } }, /got a = NaN/],
    [{ score: 0.2, scores: { score: 1 } }, /one score, got score = 0\.2 .*scores\.score = 1 .*; give the metric another name/],
    [{ score: 1, feedback: "", scores: [1] }, /got scores = \[1\]/],
    [{ score: 1, feedback: "", scores: null }, /got scores = null/],
    [
      new (class Verdict {
        score = 1;
        feedback = "good";
      })(),
      /got \{"score":1,"feedback":"good"\} \(Verdict\)/,
    ],
  ])("refuses %o", (value, message) => {
    expect(() => toFeedback(value)).toThrow(InvalidArgumentError);
    expect(() => toFeedback(value)).toThrow(message);
  });

  it("names who gave it", () => {
    expect(() => toFeedback("x", "the guide `exact`")).toThrow(/Expected the guide `exact` to return/);
  });
});
