import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { describeShared, sharedExamples, toDataset } from "./dataset.ts";

describe("toDataset", () => {
  it("takes examples as they are", () => {
    const examples = [
      { input: 1, info: "one" },
      { input: undefined, info: null },
    ];
    expect(toDataset<number | undefined, string | null>(examples)).toBe(examples);
  });

  it("pairs inputs and infos", () => {
    expect(toDataset({ inputs: ["a", "b"], infos: [1, 2] })).toEqual([
      { input: "a", info: 1 },
      { input: "b", info: 2 },
    ]);
  });

  it.each<[string, unknown, string]>([
    ["an empty list", [], "Expected `trainDataset` to have at least one example, got [] (array of 0)"],
    ["empty lists", { inputs: [], infos: [] }, "at least one example"],
    ["lists of different lengths", { inputs: [1, 2, 3], infos: [1] }, "as many infos as inputs, got 3 inputs and 1 infos"],
    ["a missing list", { inputs: [1] }, "{ inputs, infos } with two lists"],
    ["text in place of a list", { inputs: "ab", infos: "cd" }, "with two lists"],
    ["text", "abc", "with two lists, got "],
    ["nothing", undefined, "got undefined"],
    ["null", null, "got null"],
    [
      "an example without info",
      [{ input: 1, info: 1 }, { input: 2 }],
      '`trainDataset[1]` to be { input, info }, got {"input":2} (Object) without `info`',
    ],
    ["an example with neither", [{}], "without `input` and `info`"],
    ["an element that is no object", [{ input: 1, info: 1 }, 7], "`trainDataset[1]` to be { input, info }, got 7 (number)"],
    [
      "a hole",
      Object.assign(new Array(2), { 0: { input: 1, info: 1 } }),
      "`trainDataset[1]` to be { input, info }, got undefined",
    ],
  ])("refuses %s", (_, like, message) => {
    expect(() => toDataset(like as never, "trainDataset")).toThrow(InvalidArgumentError);
    expect(() => toDataset(like as never, "trainDataset")).toThrow(message);
  });
});

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
