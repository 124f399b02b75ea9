import { describe, expect, it } from "vitest";
import { counted, digitsApart, numberText } from "./number-text.ts";

describe("a number as text", () => {
  it.each([
    [0.123456, "0.1235"],
    [12_448.1, "12448"],
    [-12_448.6, "-12449"],
    [1234.56, "1235"],
    [12_345_678, "12345678"],
    [0, "0"],
    [1e-7, "1e-7"],
    [1e300, "1e+300"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NaN, "NaN"],
  ])("%d is %s", (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  it.each([
    [[], 4],
    [[0.5, 0.5], 4],
    [[0.83331, 0.83334], 5],
    [[12_448.1, 12_448.2], 6],
    // The same but for how they were summed.
    [[0.1 + 0.2, 0.3], 4],
  ])("%j are told apart by %d digits", (values, digits) => {
    expect(digitsApart(values)).toBe(digits);
  });
});

describe("a count with its noun", () => {
  it.each([
    [0, "example", undefined, "0 examples"],
    [1, "example", undefined, "1 example"],
    [12_345, "set-aside example", undefined, "12,345 set-aside examples"],
    [1, "retry", "retries", "1 retry"],
    [2, "retry", "retries", "2 retries"],
  ])("%d %s", (count, one, many, text) => {
    expect(counted(count, one, many)).toBe(text);
  });
});
