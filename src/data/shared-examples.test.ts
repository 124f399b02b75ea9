import { describe, expect, it } from "vitest";
import { describeShared, seenExamples, sharedExamples } from "./shared-examples.ts";

const of = (...inputs: unknown[]) => inputs.map((input) => ({ input, info: null }));

describe("sharedExamples", () => {
  it.each<[name: string, first: unknown, second: unknown, kind: "exact" | "near" | undefined]>([
    ["the same text", "Where is Lima?", "Where is Lima?", "exact"],
    ["other case and punctuation", "Where is Lima?", "where is LIMA", "near"],
    ["other whitespace", "Where is Lima?", " Where  is\nLima? ", "near"],
    ["an accent in two characters", "Caf\u00e9", "Cafe\u0301", "near"],
    ["another accent", "Caf\u00e9", "Cafe", undefined],
    ["another word", "Where is Lima?", "Where is Quito?", undefined],
    ["the same data", { a: 1, b: [2] }, { a: 1, b: [2] }, "exact"],
    ["other data", { a: 1 }, { a: 2 }, undefined],
    ["characters without letters", "?!", "? !", "near"],
    ["other characters without letters", "?!", "??", undefined],
    ["empty texts", "", "", "exact"],
    ["a formula", "3+1", "3-1", undefined],
    ["a formula without numbers", "a*b", "a/b", undefined],
    ["a sign", "-5", "5", undefined],
    ["a sign in a text", "What is -5 in words?", "What is 5 in words?", undefined],
    ["a relation", "1.5 > 2", "15 < 2", undefined],
    ["a decimal point", "Round 1.5", "Round 15", undefined],
    ["digits apart", "1 2", "12", undefined],
    ["a percentage", "What is 5% of 20?", "What is 5 of 20?", undefined],
    ["a list as data", [1, 2], [12], undefined],
    ["data in other case", { a: "X" }, { a: "x" }, undefined],
    ["numbers in sentences", "It has 15. Then, 3 more (of 7)!", "it has 15 then 3 more of 7", "near"],
    ["a number at the end", "What is 15?", "what is 15", "near"],
    ["a hyphen in a name", 'GPT-4 and "GPT-5"', "gpt 4 and GPT5", "near"],
    ["code in quotes", "Run `ls`.", "run ls", "near"],
  ])("finds %s", (_, first, second, kind) => {
    const shared = sharedExamples({ train: of("x", first), test: of("y", "z", second) });
    const places = { first: { dataset: "train", index: 1 }, second: { dataset: "test", index: 2 } };
    expect(shared).toEqual(kind === undefined ? [] : [{ ...places, kind }]);
  });

  it("compares all datasets, and none with itself", () => {
    const [train, validate, test] = [of("a", "a"), of("b", "a"), of("B", "c")];
    expect(
      sharedExamples({ train, validate, test }).map(({ first, second, kind }) => [first.dataset, second.dataset, kind]),
    ).toEqual([
      ["train", "validate", "exact"],
      ["validate", "test", "near"],
    ]);
    expect(sharedExamples({ train, validate: train })).toEqual([]);
  });

  it("says it in a sentence", () => {
    expect(describeShared([])).toBeUndefined();
    const shared = sharedExamples({ train: of("a", "b"), test: of("b", "A") });
    expect(describeShared(shared)).toMatch(
      /^Example 0 of `test` is the same as example 1 of `train`, and 1 more are shared in this way\. Scores/,
    );
    expect(describeShared(shared.slice(1))).toMatch(/^Example 1 of `test` is nearly the same as example 0 of `train`\. /);
  });
});

describe("seenExamples", () => {
  it("has the places of those that are exactly among the others, in whichever of them", () => {
    const test = of("a", "b", "B", { x: 1 }, "c", "a");
    expect([...seenExamples(test, [of("b"), of("a", { x: 1 })])]).toEqual([0, 1, 3, 5]);
    expect([...seenExamples(test, [])]).toEqual([]);
  });

  it("has all of a dataset that is itself among the others", () => {
    const test = of("a", "b");
    expect([...seenExamples(test, [of("c"), test])]).toEqual([0, 1]);
  });
});
