import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { toDataset } from "./dataset.ts";

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
