import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import {
  finiteNumber,
  functionLike,
  groupOf,
  numberWithin,
  type OptionRule,
  type OptionTable,
  oneOf,
  orNull,
  someText,
  trueOrFalse,
  wholeFrom,
  withMethod,
} from "./option-table.ts";
import { checkTable, checkValue, withDefaults } from "./options.ts";

describe("a rule", () => {
  it.each<[expected: string, rule: OptionRule, good: readonly unknown[], bad: readonly unknown[]]>([
    ["true or false", trueOrFalse, [true, false], [0, "true", null]],
    ["a finite number", finiteNumber, [0, -1.5], [Number.NaN, Number.POSITIVE_INFINITY, "1", null]],
    ["a non-empty string", someText, ["a"], ["", " ", 1, null]],
    ["a whole number of at least 1", wholeFrom(1), [1, 2 ** 53 - 1], [0, 1.5, 2 ** 53, "1", null, Number.NaN]],
    ["a number of at least 0", numberWithin({ least: 0 }), [0, 0.5], [-0.1, Number.POSITIVE_INFINITY, Number.NaN, "1"]],
    ["a number above 0 and of at most 1", numberWithin({ above: 0, most: 1 }), [1, 0.1], [0, 1.1]],
    ["a number above 0 and below 1", numberWithin({ above: 0, below: 1 }), [0.5], [0, 1]],
    ["a number of milliseconds above 0", numberWithin({ above: 0 }, "milliseconds"), [1], [0]],
    ['"a"', oneOf(["a"]), ["a"], ["b"]],
    ['"a", "b" or "c"', oneOf(["a", "b", "c"]), ["a", "c"], ["", "d", null, 1]],
    ["a logger", withMethod("log", "a logger"), [console], [{}, null, undefined, 1]],
    ["a function (x) => y", functionLike("(x) => y"), [() => 1], [{}, null]],
    ["true or false, or null", orNull(trueOrFalse), [null, true], [0]],
    ["true or false, or null for both", orNull(trueOrFalse, "both"), [null], ["both"]],
    ["an object of options", groupOf({}), [{}], [[], null, "x"]],
  ])("says and holds: %s", (expected, rule, good, bad) => {
    expect(rule.expected).toBe(expected);
    for (const value of good) expect(rule.holds(value), String(value)).toBe(true);
    for (const value of bad) expect(rule.holds(value), String(value)).toBe(false);
  });
});

interface Inner {
  readonly patience?: number;
  readonly target?: number;
}

interface Options {
  readonly size?: number;
  readonly name?: string | null;
  readonly stop?: Inner | null;
}

const table: OptionTable<Options> = {
  size: { ...wholeFrom(1), default: 3 },
  name: orNull(someText),
  stop: orNull(groupOf<Inner>({ patience: { ...wholeFrom(1), default: 5 }, target: finiteNumber })),
};

describe("checkTable", () => {
  it.each([{}, { size: 2, name: null }, { size: undefined, stop: undefined }, { stop: null }, { stop: { target: 1 } }])(
    "accepts %j",
    (options) => {
      expect(() => checkTable(options, table, "Search")).not.toThrow();
    },
  );

  it.each([
    [{ size: 0 }, "Expected `size` of Search to be a whole number of at least 1, got 0 (number)"],
    [{ size: null }, "Expected `size` of Search to be a whole number of at least 1, got null"],
    [{ stop: 4 }, "Expected `stop` of Search to be an object of options, or null, got 4 (number)"],
    [{ stop: { patience: 0 } }, "Expected `stop.patience` to be a whole number of at least 1, got 0 (number)"],
    [{ stop: { patienc: 1 } }, "Unknown option `patienc` of `stop` of Search; did you mean `patience`?"],
    [{ patience: 1 }, "Unknown option `patience` of Search; did you mean `stop.patience`? Known: `size`, `name`, `stop`"],
    [{ stopPatience: 1 }, "Unknown option `stopPatience` of Search; did you mean `stop.patience`?"],
    [{ names: 1 }, "Unknown option `names` of Search; did you mean `name`?"],
  ])("refuses %j", (options, message) => {
    expect(() => checkTable(options, table, "Search")).toThrow(InvalidArgumentError);
    expect(() => checkTable(options, table, "Search")).toThrow(message);
  });

  it("names options by their path alone where the owner is known", () => {
    expect(() => checkTable({ size: 0 }, table, "Search", "")).toThrow("Expected `size` to be a whole");
    expect(() => checkTable({ size: 0 }, table, "Search", "search.")).toThrow("Expected `search.size` to be a whole");
    expect(() => checkTable({ stop: { x: 1 } }, table, "Search", "")).toThrow("Unknown option `x` of `stop`.");
  });
});

it("checkValue refuses a single value", () => {
  expect(() => checkValue(2, wholeFrom(1), "`count`")).not.toThrow();
  expect(() => checkValue(undefined, wholeFrom(1), "`count` of propose")).toThrow(
    new InvalidArgumentError("Expected `count` of propose to be a whole number of at least 1, got undefined"),
  );
});

describe("withDefaults", () => {
  it.each<[Options, object]>([
    [{}, { size: 3, stop: { patience: 5 } }],
    [
      { size: 1, name: null },
      { size: 1, name: null, stop: { patience: 5 } },
    ],
    [{ stop: null }, { size: 3, stop: null }],
    [{ stop: { target: 2 } }, { size: 3, stop: { patience: 5, target: 2 } }],
    [
      { size: undefined as never, stop: { patience: 1 } },
      { size: 3, stop: { patience: 1 } },
    ],
  ])("fills in %j", (options, filled) => {
    expect(withDefaults<Options, "size">(options, table)).toEqual(filled);
  });

  it("leaves out a group of which nothing is known", () => {
    const bare: OptionTable<{ readonly budget?: Inner }> = {
      budget: groupOf<Inner>({ patience: wholeFrom(1), target: finiteNumber }),
    };
    expect(withDefaults({}, bare)).toEqual({});
    expect(withDefaults({ budget: {} }, bare)).toEqual({ budget: {} });
  });
});
