import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { checkOptions, nearestName } from "./options.ts";

const known = ["batchSize", "shuffle", "seed"];

describe("checkOptions", () => {
  it.each([{}, { batchSize: 1 }, { seed: undefined, shuffle: true }])("accepts %j", (given) => {
    expect(() => checkOptions(given, known, "DataLoader")).not.toThrow();
  });

  it("names the option, its owner, the nearest known name and all of them", () => {
    expect(() => checkOptions({ seed: 1, batchsize: 2 }, known, "DataLoader")).toThrow(
      new InvalidArgumentError(
        "Unknown option `batchsize` of DataLoader; did you mean `batchSize`? Known: `batchSize`, `shuffle`, `seed`",
      ),
    );
  });

  it("does not guess when nothing is near, and refuses an unknown name even when its value is undefined", () => {
    expect(() => checkOptions({ temperature: undefined }, known, "DataLoader")).toThrow(
      "Unknown option `temperature` of DataLoader. Known: `batchSize`, `shuffle`, `seed`",
    );
    expect(() => checkOptions({ x: 1 }, [], "noTrace")).toThrow("Unknown option `x` of noTrace. It has no options");
  });

  it.each([4, "x", null, [1], undefined])("refuses %j in place of options", (given) => {
    expect(() => checkOptions(given as never, known, "DataLoader")).toThrow(
      "Expected the options of DataLoader to be an object, got",
    );
  });
});

describe("nearestName", () => {
  it.each([
    ["batch_size", "batchSize"],
    ["BATCHSIZE", "batchSize"],
    ["batchSizes", "batchSize"],
    ["batchsise", "batchSize"],
    ["shufle", "shuffle"],
    ["sed", "seed"],
    ["size", undefined],
    ["", undefined],
    ["learningRate", undefined],
  ])("takes %j for %j", (name, expected) => {
    expect(nearestName(name, known)).toBe(expected);
  });

  it("prefers the nearer of two", () => {
    expect(nearestName("evalFrequncy", ["saveFrequency", "evalFrequency", "logFrequency"])).toBe("evalFrequency");
  });
});
